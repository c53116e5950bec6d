// AbortController and AbortSignal, DOM Standard §3.
import { DOMException } from './dom_exception.ts';
import { Event, EventHandlers, EventTarget, fire, signalHook } from './events.ts';
import { SymbolIterator, TypeError } from './primordials.ts';
import { requireInvocation } from './report.ts';
import { startTimer } from './timers.ts';
import {
  defineInterface,
  illegalConstructor,
  isCallable,
  isObject,
  iterate,
  kInternal,
  requireArguments,
  toUnsignedLongLong,
} from './webidl.ts';

type Algorithm = () => void;

let isSignal: (value: unknown) => value is AbortSignal;
let addAlgorithm: (signal: AbortSignal, algorithm: Algorithm) => void;
let removeAlgorithm: (signal: AbortSignal, algorithm: Algorithm) => void;
let abortSignal: (signal: AbortSignal, reason: unknown) => void;
let isAborted: (signal: AbortSignal) => boolean;
let reasonOf: (signal: AbortSignal) => unknown;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  #algorithms: Algorithm[] = [];
  // What AbortSignal.any() ties together: dependents hang on signals that are none.
  #isDependent = false;
  #sources: AbortSignal[] = [];
  #dependents: AbortSignal[] = [];
  #handlers: EventHandlers | null = null;

  static {
    isSignal = (value): value is AbortSignal => isObject(value) && #aborted in value;
    isAborted = (signal) => signal.#aborted;
    reasonOf = (signal) => signal.#reason;
    addAlgorithm = (signal, algorithm) => {
      if (!signal.#aborted) signal.#algorithms[signal.#algorithms.length] = algorithm;
    };
    removeAlgorithm = (signal, algorithm) => {
      const kept: Algorithm[] = [];
      for (let i = 0; i < signal.#algorithms.length; i++) {
        const it = signal.#algorithms[i] as Algorithm;
        if (it !== algorithm) kept[kept.length] = it;
      }
      signal.#algorithms = kept;
    };
    // §3.2 "signal abort": all that depend on it are aborted before anyone is told.
    abortSignal = (signal, reason) => {
      if (signal.#aborted) return;
      signal.#become(reason === undefined ? abortError() : reason);
      const told: AbortSignal[] = [];
      for (let i = 0; i < signal.#dependents.length; i++) {
        const dependent = signal.#dependents[i] as AbortSignal;
        if (dependent.#aborted) continue;
        dependent.#become(signal.#reason);
        told[told.length] = dependent;
      }
      signal.#dependents = [];
      signal.#tell();
      for (let i = 0; i < told.length; i++) (told[i] as AbortSignal).#tell();
    };
  }

  #become(reason: unknown): void {
    this.#aborted = true;
    this.#reason = reason;
  }

  // "Run the abort steps".
  #tell(): void {
    const algorithms = this.#algorithms;
    this.#algorithms = [];
    for (let i = 0; i < algorithms.length; i++) algorithms[i]?.();
    fire(this, new Event('abort'));
  }

  #dependOn(source: AbortSignal): void {
    for (let i = 0; i < this.#sources.length; i++) if (this.#sources[i] === source) return;
    this.#sources[this.#sources.length] = source;
    source.#dependents[source.#dependents.length] = this;
  }

  constructor(token: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    super();
  }

  static abort(reason: unknown = undefined): AbortSignal {
    const signal = new AbortSignal(kInternal);
    signal.#become(reason === undefined ? abortError() : reason);
    return signal;
  }

  static timeout(milliseconds: unknown): AbortSignal {
    requireArguments(arguments.length, 1, 'AbortSignal.timeout');
    const delay = toUnsignedLongLong(milliseconds, 'AbortSignal.timeout: milliseconds');
    requireInvocation();
    const signal = new AbortSignal(kInternal);
    startTimer(() => {
      abortSignal(
        signal,
        new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
      );
    }, delay);
    return signal;
  }

  static any(signals: unknown): AbortSignal {
    requireArguments(arguments.length, 1, 'AbortSignal.any');
    const method = isObject(signals) ? (signals as Iterable<unknown>)[SymbolIterator] : undefined;
    if (!isCallable(method)) throw new TypeError('AbortSignal.any: parameter 1 is not iterable');
    const sources: AbortSignal[] = [];
    iterate(signals as object, method, (source) => {
      if (!isSignal(source))
        throw new TypeError('AbortSignal.any: an element is not an AbortSignal');
      sources[sources.length] = source;
    });
    const result = new AbortSignal(kInternal);
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i] as AbortSignal;
      if (!source.#aborted) continue;
      result.#become(source.#reason);
      return result;
    }
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i] as AbortSignal;
      if (!source.#isDependent) result.#dependOn(source);
      for (let j = 0; j < source.#sources.length; j++)
        result.#dependOn(source.#sources[j] as AbortSignal);
    }
    result.#isDependent = true;
    return result;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  get onabort(): object | null {
    return this.#handlers === null ? null : this.#handlers.get('abort');
  }

  set onabort(value: unknown) {
    if (this.#handlers === null) this.#handlers = new EventHandlers(this);
    this.#handlers.set('abort', value);
  }
}
defineInterface(AbortSignal, 'AbortSignal');

function abortError(): DOMException {
  return new DOMException('The operation was aborted', 'AbortError');
}

signalHook.onAbort = (signal, run) => {
  if (!isSignal(signal)) return 'not a signal';
  if (isAborted(signal)) return 'aborted';
  addAlgorithm(signal, run);
  return 'added';
};

export class AbortController {
  readonly #signal = new AbortSignal(kInternal);

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason: unknown = undefined): void {
    abortSignal(this.#signal, reason);
  }
}
defineInterface(AbortController, 'AbortController');

export function makeSignal(): AbortSignal {
  return new AbortSignal(kInternal);
}

export { abortSignal, addAlgorithm, isAborted, isSignal, reasonOf, removeAlgorithm };

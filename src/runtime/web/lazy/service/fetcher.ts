// env.NAME of a service binding, and what ctx.exports has: fetch() and, by RPC, the methods
// of what it names.
// Source: Workers documentation, "Service bindings".
import {
  type AbortSignal,
  addAlgorithm,
  isAborted,
  reasonOf,
  removeAlgorithm,
} from '../../abort.ts';
import { fetchBy, type Via } from '../../fetch.ts';
import { innerThen } from '../../inner_promises.ts';
import {
  Error,
  ObjectPrototype,
  ObjectSetPrototypeOf,
  PromiseWithResolvers,
  Proxy,
  ReflectGet,
} from '../../primordials.ts';
import { Request, type RequestState, requestStateOf } from '../../request.ts';
import type { Response } from '../../response.ts';
import {
  defineInterface,
  illegalConstructor,
  illegalReceiver,
  isObject,
  kInternal,
  requireArguments,
} from '../../webidl.ts';
import type { Socket } from '../sockets/socket.ts';
import { ServiceHook, viaOf } from './caller.ts';
import type { Hook } from './hooks.ts';
import { isOn } from './native.ts';
import { makeStub } from './stubs.ts';

let hookIn: (fetcher: object) => Hook | null;

export class Fetcher {
  readonly #hook: Hook;

  static {
    hookIn = (fetcher) => (#hook in fetcher ? fetcher.#hook : null);
  }

  constructor(token: unknown = undefined, hook: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    this.#hook = hook as Hook;
  }

  async fetch(input: unknown, init: unknown = undefined): Promise<Response> {
    const hook = hookOf(this);
    const via = viaOf(hook);
    if (via !== null) return fetchBy(via, arguments.length, input, init);
    requireArguments(arguments.length, 1, 'fetch');
    const request = new Request(input, init);
    const signal = takeSignal(request);
    if (signal !== null && isAborted(signal)) throw reasonOf(signal);
    const answer = hook.call(['fetch'], [request]).promise as Promise<Response>;
    return signal === null ? answer : orAborted(answer, signal);
  }

  connect(address: unknown, options: unknown = undefined): Socket {
    const via = viaOf(hookOf(this));
    if (via === null)
      throw new Error(
        'connect() of a service binding that came by RPC is not built in Caravel yet',
      );
    return lazy('sockets').connectBy(via, arguments.length, address, options);
  }
}

// A signal stays here: what is aborted is the wait.
function takeSignal(request: Request): AbortSignal | null {
  const state = requestStateOf(request) as RequestState;
  if (!state.givesSignal) return null;
  const { signal } = state;
  state.givesSignal = false;
  return signal;
}

function orAborted(answer: Promise<Response>, signal: AbortSignal): Promise<Response> {
  const { promise, resolve, reject } = PromiseWithResolvers<Response>();
  const onAbort = () => reject(reasonOf(signal));
  addAlgorithm(signal, onAbort);
  innerThen(
    answer,
    (response) => {
      removeAlgorithm(signal, onAbort);
      resolve(response);
    },
    (error) => {
      removeAlgorithm(signal, onAbort);
      reject(error);
    },
  );
  return promise;
}

function hookOf(fetcher: unknown): Hook {
  const hook = isObject(fetcher) ? hookIn(fetcher) : null;
  return hook ?? illegalReceiver('Fetcher');
}

// What no prototype has is a property of what is called.
const members = {
  __proto__: null,
  get(_target: object, key: PropertyKey, receiver: unknown): unknown {
    if (typeof key === 'symbol' || key === 'then' || key in ObjectPrototype)
      return ReflectGet(ObjectPrototype, key, receiver);
    const hook = isObject(receiver) ? hookIn(receiver) : null;
    return hook === null ? undefined : makeStub('RpcProperty', hook, [`${key}`]);
  },
};
if (isOn('rpc')) ObjectSetPrototypeOf(Fetcher.prototype, new Proxy({}, members as never));
defineInterface(Fetcher, 'Fetcher');

export function isFetcher(value: object): value is Fetcher {
  return hookIn(value) !== null;
}
// A reference to what it calls, for a message.
export function fetcherOf(fetcher: Fetcher): Hook {
  return hookOf(fetcher).dup();
}
export function makeFetcher(hook: Hook): Fetcher {
  return new Fetcher(kInternal, hook);
}

// That of the binding with that number.
export function bindService(number: number): Fetcher {
  const via: Via = [number, null, null, null];
  return makeFetcher(new ServiceHook(via));
}

// Event and EventTarget, DOM Standard §2, for a world without a tree: an event
// has one target, and no capture or bubble phase is seen by script.

import { copyOfList } from './copies.ts';
import { DOMException } from './dom_exception.ts';
import { ObjectCreate, ObjectDefineProperty, ReflectApply, TypeError } from './primordials.ts';
import { reportError } from './report.ts';
import {
  type Callable,
  defineConstants,
  defineInterface,
  isCallable,
  isObject,
  requireArguments,
  toDictionary,
} from './webidl.ts';

export interface EventInit {
  bubbles: boolean;
  cancelable: boolean;
  composed: boolean;
}

// What dispatch keeps about an event, out of script's reach.
interface EventState {
  type: string;
  target: object | null;
  current: object | null;
  dispatching: boolean;
  stopped: boolean;
  stoppedNow: boolean;
  canceled: boolean;
  passive: boolean;
  trusted: boolean;
  threw: boolean; // a listener, since the dispatch began
}

let stateOf: (event: object) => EventState | null;

// [LegacyUnforgeable]: an own property of each event.
const unforgeable: PropertyDescriptor = {
  get(this: object) {
    const state = stateOf(this);
    if (state === null) throw new TypeError('The receiver is not an Event');
    return state.trusted;
  },
  enumerable: true,
  configurable: false,
};

export class Event {
  #bubbles: boolean;
  #cancelable: boolean;
  readonly #composed: boolean;
  readonly #timeStamp: number = native.now() - native.timeOrigin();
  readonly #state: EventState = {
    type: '',
    target: null,
    current: null,
    dispatching: false,
    stopped: false,
    stoppedNow: false,
    canceled: false,
    passive: false,
    trusted: false,
    threw: false,
  };

  static {
    stateOf = (event) => (#state in event ? event.#state : null);
  }

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'Event');
    const options = toDictionary<EventInit>(init, 'Event');
    this.#state.type = `${type}`;
    this.#bubbles = !!options.bubbles;
    this.#cancelable = !!options.cancelable;
    this.#composed = !!options.composed;
    ObjectDefineProperty(this, 'isTrusted', unforgeable);
  }

  get type(): string {
    return this.#state.type;
  }
  get target(): object | null {
    return this.#state.target;
  }
  get srcElement(): object | null {
    return this.#state.target;
  }
  get currentTarget(): object | null {
    return this.#state.current;
  }
  get eventPhase(): number {
    return this.#state.dispatching ? 2 : 0;
  }
  get bubbles(): boolean {
    return this.#bubbles;
  }
  get cancelable(): boolean {
    return this.#cancelable;
  }
  get composed(): boolean {
    return this.#composed;
  }
  get defaultPrevented(): boolean {
    return this.#state.canceled;
  }
  get returnValue(): boolean {
    return !this.#state.canceled;
  }
  set returnValue(value: unknown) {
    if (!value) this.preventDefault();
  }
  get cancelBubble(): boolean {
    return this.#state.stopped;
  }
  set cancelBubble(value: unknown) {
    if (value) this.#state.stopped = true;
  }
  get timeStamp(): number {
    return this.#timeStamp;
  }

  composedPath(): object[] {
    const current = this.#state.current;
    return current === null ? [] : [current];
  }
  preventDefault(): void {
    if (this.#cancelable && !this.#state.passive) this.#state.canceled = true;
  }
  stopPropagation(): void {
    this.#state.stopped = true;
  }
  stopImmediatePropagation(): void {
    this.#state.stopped = true;
    this.#state.stoppedNow = true;
  }
  initEvent(type: unknown, bubbles: unknown = false, cancelable: unknown = false): void {
    requireArguments(arguments.length, 1, 'Event.initEvent');
    const state = this.#state;
    if (state.dispatching) return;
    state.target = null;
    state.stopped = false;
    state.stoppedNow = false;
    state.canceled = false;
    state.trusted = false;
    this.#state.type = `${type}`;
    this.#bubbles = !!bubbles;
    this.#cancelable = !!cancelable;
  }
}
defineInterface(Event, 'Event');
defineConstants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });

interface Listener {
  readonly type: string;
  readonly callback: Callable | { handleEvent?: unknown };
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  readonly resists: boolean; // stopImmediatePropagation()
  removed: boolean;
}

// Gets what a listener throws.
type ErrorSink = (error: unknown) => void;

// What addEventListener asks of an AbortSignal; abort.ts gives it. And the option by which
// Node's library asks for a listener that resists; the library gives it when it is there.
export const signalHook: {
  onAbort: (signal: unknown, run: () => void) => 'added' | 'aborted' | 'not a signal';
  resists: symbol | null;
} = { onAbort: () => 'not a signal', resists: null };

// The listeners of one target.
export class ListenerList {
  listeners: Listener[] = [];

  add(type: unknown, callback: unknown, options: unknown): void {
    const { capture, once, passive, signal, resists } = flatten(options);
    let listener: Listener;
    if (signal !== undefined) {
      const added = signalHook.onAbort(signal, () => {
        if (listener !== undefined) this.#drop(listener);
      });
      if (added === 'not a signal')
        throw new TypeError('addEventListener: option "signal" is not an AbortSignal');
      if (added === 'aborted') return;
    }
    if (callback === null || callback === undefined) return;
    if (!isObject(callback)) throw new TypeError('addEventListener: the listener is not an object');
    const name = `${type}`;
    if (this.#find(name, callback, capture) !== undefined) return;
    listener = { type: name, callback, capture, once, passive, resists, removed: false };
    this.listeners[this.listeners.length] = listener;
  }

  remove(type: unknown, callback: unknown, options: unknown): void {
    const found = this.#find(`${type}`, callback, toCapture(options));
    if (found !== undefined) this.#drop(found);
  }

  has(type: string): boolean {
    for (let i = 0; i < this.listeners.length; i++)
      if (this.listeners[i]?.type === type) return true;
    return false;
  }

  // §2.9 "inner invoke" on a copy, since listeners may come and go meanwhile.
  invoke(target: object, event: Event, state: EventState, onError: ErrorSink): void {
    const listeners = copyOfList(this.listeners);
    for (let i = 0; i < listeners.length; i++) {
      const listener = listeners[i] as Listener;
      if (state.stoppedNow && !listener.resists) continue;
      if (listener.type !== state.type || listener.removed) continue;
      if (listener.once) this.#drop(listener);
      state.passive = listener.passive;
      try {
        const callback = listener.callback;
        if (isCallable(callback)) ReflectApply(callback, target, [event]);
        else {
          const handle = callback.handleEvent;
          if (!isCallable(handle)) throw new TypeError('The listener has no method handleEvent');
          ReflectApply(handle, callback, [event]);
        }
      } catch (error) {
        state.threw = true;
        onError(error);
      }
      state.passive = false;
    }
  }

  #find(type: string, callback: unknown, capture: boolean): Listener | undefined {
    for (let i = 0; i < this.listeners.length; i++) {
      const it = this.listeners[i] as Listener;
      if (it.type === type && it.callback === callback && it.capture === capture) return it;
    }
    return undefined;
  }

  #drop(listener: Listener): void {
    listener.removed = true;
    const kept: Listener[] = [];
    for (let i = 0; i < this.listeners.length; i++) {
      const it = this.listeners[i] as Listener;
      if (it !== listener) kept[kept.length] = it;
    }
    this.listeners = kept;
  }
}

function toCapture(options: unknown): boolean {
  return isObject(options) ? !!(options as { capture?: unknown }).capture : !!options;
}

function flatten(options: unknown) {
  const capture = toCapture(options);
  if (!isObject(options))
    return { capture, once: false, passive: false, signal: undefined, resists: false };
  const { once, passive, signal } = options as Record<string, unknown>;
  const resists =
    signalHook.resists !== null && !!(options as Record<symbol, unknown>)[signalHook.resists];
  return { capture, once: !!once, passive: !!passive, signal, resists };
}

// §2.9 "dispatch": answers whether nobody prevented the default.
export function dispatchTo(
  list: ListenerList,
  target: object,
  event: unknown,
  trusted: boolean,
  onError: ErrorSink = reportError,
): boolean {
  const state = isObject(event) ? stateOf(event) : null;
  if (state === null) throw new TypeError('dispatchEvent: parameter 1 is not an Event');
  if (state.dispatching)
    throw new DOMException('The event is already being dispatched', 'InvalidStateError');
  const typed = event as Event;
  state.trusted = trusted;
  state.dispatching = true;
  state.threw = false;
  state.target = target;
  state.current = target;
  if (!state.stopped) list.invoke(target, typed, state, onError);
  state.current = null;
  state.dispatching = false;
  state.stopped = false;
  state.stoppedNow = false;
  return !state.canceled;
}

// The global object is a target too, though no instance of our class: it has this list,
// and `mayAdd` throws for a type that nothing listens to there (global_events.ts).
export const globalTarget: { readonly list: ListenerList; mayAdd: (type: unknown) => void } = {
  list: new ListenerList(),
  mayAdd: () => {},
};

let ownList: (target: object) => ListenerList | null;

// Web IDL §3.7.7: a function that is called without a receiver has the global object.
function receiverOf(self: unknown): object {
  return self === undefined || self === null ? globalObject : (self as object);
}

function listOf(target: object): ListenerList {
  const list = target === globalObject ? globalTarget.list : ownList(target);
  if (list === null) throw new TypeError('Illegal invocation');
  return list;
}

export class EventTarget {
  readonly #list = new ListenerList();

  static {
    ownList = (target) => (isObject(target) && #list in target ? target.#list : null);
  }

  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'addEventListener');
    const list = listOf(receiverOf(this));
    if (list === globalTarget.list) globalTarget.mayAdd(type);
    list.add(type, callback, options);
  }
  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'removeEventListener');
    listOf(receiverOf(this)).remove(type, callback, options);
  }
  dispatchEvent(event: unknown): boolean {
    requireArguments(arguments.length, 1, 'dispatchEvent');
    const target = receiverOf(this);
    return dispatchTo(listOf(target), target, event, false);
  }
}
defineInterface(EventTarget, 'EventTarget');

// Fires a trusted event at a target of our own.
export function fire(target: EventTarget, event: Event): boolean {
  return dispatchTo(listOf(target), target, event, true);
}

// The same; answers whether no listener threw.
export function fireWell(target: EventTarget, event: Event): boolean {
  fire(target, event);
  return stateOf(event)?.threw === false;
}

interface ActiveHandler {
  handler: object;
  readonly listener: Callable;
}

// The event handlers of a target, which its attributes on… get and set: HTML §8.1.8.1.
export class EventHandlers {
  readonly #target: EventTarget;
  readonly #active: Record<string, ActiveHandler | undefined> = ObjectCreate(null);

  constructor(target: EventTarget) {
    this.#target = target;
  }

  get(type: string): object | null {
    return this.#active[type]?.handler ?? null;
  }

  // What is no object stands for null; an object that is no function is kept, not called.
  set(type: string, value: unknown): void {
    const target = this.#target;
    const active = this.#active[type];
    if (!isObject(value)) {
      if (active !== undefined) listOf(target).remove(type, active.listener, undefined);
      this.#active[type] = undefined;
    } else if (active !== undefined) {
      active.handler = value;
    } else {
      const made: ActiveHandler = {
        handler: value,
        listener: (event: unknown) => {
          if (isCallable(made.handler)) ReflectApply(made.handler, target, [event]);
        },
      };
      this.#active[type] = made;
      listOf(target).add(type, made.listener, undefined);
    }
  }
}

export { listOf as listenersOf };

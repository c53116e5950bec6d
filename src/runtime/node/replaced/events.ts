// internal/event_target and internal/abort_controller over the platform's events.
import {
  abortSignal,
  addAlgorithm,
  isAborted,
  isSignal,
  makeSignal,
  reasonOf,
} from '../../web/abort.ts';
import { listenersOf, signalHook } from '../../web/events.ts';
import { inner } from '../../web/inner_promises.ts';
import { nodeState } from '../../web/node_globals.ts';
import {
  ObjectDefineProperty,
  Promise,
  ReflectApply,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from '../../web/primordials.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { platformClasses } from '../platform_classes.ts';

const { AbortController, AbortSignal, Event, EventTarget } = platformClasses;

// Source: Node's documentation, "Class: NodeEventTarget".
class NodeEventTarget extends (EventTarget as Loose) {
  on(type: string, listener: unknown): this {
    this.addEventListener(type, listener);
    return this;
  }
  once(type: string, listener: unknown): this {
    this.addEventListener(type, listener, { once: true });
    return this;
  }
  off(type: string, listener: unknown): this {
    this.removeEventListener(type, listener);
    return this;
  }
  addListener(type: string, listener: unknown): this {
    return this.on(type, listener);
  }
  removeListener(type: string, listener: unknown): this {
    return this.off(type, listener);
  }
}

// An attribute `on…` whose value is a listener.
function defineEventHandler(prototype: object, name: string, event = name): void {
  const handlers = new WeakMap<object, { value: Loose }>();
  const handlerOf = (target: object) =>
    WeakMapPrototypeGet(handlers, target) as { value: Loose } | undefined;
  ObjectDefineProperty(prototype, `on${name}`, {
    get(this: object) {
      return handlerOf(this)?.value ?? null;
    },
    set(this: object, value: unknown) {
      const known = handlerOf(this);
      if (known !== undefined) {
        known.value = typeof value === 'function' ? value : null;
        return;
      }
      if (typeof value !== 'function') return;
      const handler: { value: Loose } = { value };
      WeakMapPrototypeSet(handlers, this, handler);
      const call = (arrived: unknown) => {
        if (handler.value !== null) ReflectApply(handler.value, this, [arrived]);
      };
      listenersOf(this).add(event, call, undefined);
    },
    configurable: true,
    enumerable: true,
  });
}

// The listeners of a target as Node's module `events` walks them: by type, a root with
// their number and a chain of them.
function listenersByType(target: object): Loose {
  const { listeners } = listenersOf(target);
  return {
    get(type: unknown): Loose {
      const root: Loose = { size: 0, next: undefined };
      let last = root;
      for (let i = 0; i < listeners.length; i++) {
        const { type: own, callback } = listeners[i] as (typeof listeners)[number];
        if (own !== type) continue;
        last.next = { listener: callback, next: undefined };
        last = last.next;
        root.size++;
      }
      return root;
    },
  };
}

export function eventTarget(): Loose {
  const kEvents = Symbol('kEvents');
  Object.defineProperty(EventTarget.prototype, kEvents, {
    get(this: object) {
      return listenersByType(this);
    },
    configurable: true,
  });
  const kResistStopPropagation = Symbol('kResistStopPropagation');
  signalHook.resists = kResistStopPropagation;
  return {
    Event,
    EventTarget,
    get CustomEvent() {
      return lazy('event_classes').CustomEvent;
    },
    NodeEventTarget,
    defineEventHandler,
    initEventTarget() {},
    initNodeEventTarget() {},
    isEventTarget: (value: unknown) => value instanceof EventTarget,
    kCreateEvent: Symbol('kCreateEvent'),
    kEvents,
    kNewListener: Symbol('kNewListener'),
    kRemoveListener: Symbol('kRemoveListener'),
    kResistStopPropagation,
    kTrustEvent: Symbol('kTrustEvent'),
    kWeakHandler: Symbol('kWeak'),
  };
}

type Signal = ReturnType<typeof makeSignal>;

const handedOver = new WeakMap<object, true>();

// What a message that transfers such a signal brings is another one, which follows it:
// the signal itself stays of use, and may be transferred again. The two are of one
// isolate, and so is the reason.
function markTransferable(signal: Signal): void {
  WeakMapPrototypeSet(handedOver, signal, true);
  nodeState.handOver = (object) => {
    if (WeakMapPrototypeGet(handedOver, object) === undefined) return null;
    const original = object as Signal;
    const follower = makeSignal();
    const follow = () => abortSignal(follower, reasonOf(original));
    if (isAborted(original)) follow();
    else addAlgorithm(original, follow);
    return follower;
  };
}

export function abortController({ require }: Realm): Loose {
  return {
    AbortController,
    AbortSignal,
    ClonedAbortSignal: () => new AbortController().signal,
    abortSignal,
    // Source: Node's documentation, "util.aborted()".
    async aborted(signal: Loose, resource: unknown): Promise<void> {
      const { codes } = require('internal/errors');
      if (signal === undefined || !isSignal(signal))
        throw new codes.ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
      require('internal/validators').validateObject(resource, 'resource');
      if (isAborted(signal)) return;
      const aborted = new Promise<void>((resolve) => {
        addAlgorithm(signal, () => resolve());
      });
      await inner(aborted);
    },
    transferableAbortController() {
      const controller = new AbortController();
      markTransferable(controller.signal);
      return controller;
    },
    transferableAbortSignal(signal: unknown) {
      if (!isSignal(signal)) {
        const { codes } = require('internal/errors');
        throw new codes.ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
      }
      markTransferable(signal);
      return signal;
    },
  };
}

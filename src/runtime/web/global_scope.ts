// What the global object is an instance of: ServiceWorkerGlobalScope (Service Workers
// §4.1) over WorkerGlobalScope (HTML §10.2.1) over EventTarget, as on Workers. Only the
// prototypes stand in the snapshot; an interface is made when script asks for it.
import { EventTarget } from './events.ts';
import type { LazyModules } from './lazy_modules.ts';
import {
  ObjectCreate,
  ObjectDefineProperty,
  ObjectSetPrototypeOf,
  SymbolToStringTag,
} from './primordials.ts';
import { illegalConstructor } from './webidl.ts';

export const workerScope: object = ObjectCreate(EventTarget.prototype);
export const serviceWorkerScope: object = ObjectCreate(workerScope);

export function installGlobalScope(): void {
  describe(workerScope, 'WorkerGlobalScope', 'worker_global_scope');
  describe(serviceWorkerScope, 'ServiceWorkerGlobalScope', 'service_worker_global_scope');
  ObjectSetPrototypeOf(globalObject, serviceWorkerScope);
}

function describe(prototype: object, name: string, module: keyof LazyModules): void {
  native.defineLazy(prototype, 'constructor', module, false);
  native.defineLazy(globalObject, name, module, false);
  ObjectDefineProperty(prototype, SymbolToStringTag, { value: name, configurable: true });
}

// The interface of one of the two prototypes.
export function scopeInterface(name: string, prototype: object, parent: object): object {
  // A class would bring a prototype of its own, which cannot be changed.
  const made = function (this: unknown) {
    illegalConstructor();
  };
  ObjectDefineProperty(made, 'prototype', { value: prototype, writable: false });
  ObjectDefineProperty(made, 'name', { value: name, configurable: true });
  return ObjectSetPrototypeOf(made, parent);
}

// ctx.exports: this Worker's own entrypoints, to be called as a service binding of the same
// version, and to be given props first: ctx.exports.Name({ props }).
// Source: Workers documentation, "Context (ctx)", "ctx.exports".

import { DOMException } from '../../dom_exception.ts';
import type { Via } from '../../fetch.ts';
import {
  ObjectDefineProperty,
  ObjectSetPrototypeOf,
  Proxy,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectSet,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypeError,
  Uint8Array,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from '../../primordials.ts';
import { defineInterface, isCallable, isObject, toDictionary } from '../../webidl.ts';
import { exportNames, exportOf, extendsEntrypoint, onStart } from '../../worker.ts';
import { ServiceHook } from './caller.ts';
import { Fetcher, makeFetcher } from './fetcher.ts';
import type { Hook } from './hooks.ts';
import { isOn, services } from './native.ts';

// In front of what V8 writes: two lengths.
const kHeadBytes = 8;

const hooks = new WeakMap<object, Hook>();

// What a value of ctx.exports calls, null for another one.
export function loopbackHook(value: object): Hook | null {
  return (WeakMapPrototypeGet(hooks, value) as Hook | undefined) ?? null;
}

function viaOf(name: string, props: Uint8Array | null): Via {
  return [-1, name === 'default' ? null : name, props, null];
}

function bytesOfProps(props: object): Uint8Array {
  const refuse = (message: string) => new DOMException(message, 'DataCloneError');
  const bytes = services.encode(
    props,
    () => {
      throw refuse('props: only plain values can be given');
    },
    refuse,
  );
  return new Uint8Array(
    TypedArrayPrototypeGetBuffer(bytes),
    kHeadBytes,
    TypedArrayPrototypeGetByteLength(bytes) - kHeadBytes,
  );
}

class LoopbackServiceStub {}
defineInterface(LoopbackServiceStub, 'LoopbackServiceStub');

class LoopbackHandler {
  readonly name: string;
  readonly fetcher: Fetcher;

  constructor(name: string, hook: Hook) {
    this.name = name;
    this.fetcher = makeFetcher(hook);
  }
  apply(_target: unknown, _self: unknown, args: unknown[]): Fetcher {
    const { props } = toDictionary<{ props: unknown }>(args[0], 'ctx.exports');
    if (props !== undefined && (!isObject(props) || isCallable(props)))
      throw new TypeError('ctx.exports: props is not an object');
    return makeFetcher(
      new ServiceHook(viaOf(this.name, props === undefined ? null : bytesOfProps(props))),
    );
  }
  get(_target: unknown, key: PropertyKey): unknown {
    if (key === 'constructor') return LoopbackServiceStub;
    const value = ReflectGet(this.fetcher, key);
    return key === 'fetch'
      ? (input: unknown, init: unknown) => this.fetcher.fetch(input, init)
      : value;
  }
  getPrototypeOf(): object {
    return LoopbackServiceStub.prototype;
  }
  set(_target: unknown, key: PropertyKey, value: unknown): boolean {
    return ReflectSet(this.fetcher, key, value);
  }
  defineProperty(): boolean {
    return false;
  }
  setPrototypeOf(): boolean {
    return false;
  }
  preventExtensions(): boolean {
    return false;
  }
}
ObjectSetPrototypeOf(LoopbackHandler.prototype, null);
ObjectSetPrototypeOf(LoopbackServiceStub.prototype, Fetcher.prototype);

const callee = () => undefined;
ReflectDeleteProperty(callee, 'name');
ReflectDeleteProperty(callee, 'length');

function loopbackOf(name: string): object {
  const hook = new ServiceHook(viaOf(name, null));
  const made = new Proxy(callee, new LoopbackHandler(name, hook) as ProxyHandler<() => undefined>);
  WeakMapPrototypeSet(hooks, made, hook);
  return made;
}

const own = {};
let isFilled = false;

function ownExports(): object {
  if (!isFilled) {
    isFilled = true;
    fillOwnExports(own);
  }
  return own;
}

// For who imports them, before the main module has been evaluated.
export function exportsToCome(): object {
  onStart(() => {
    ownExports();
  });
  return own;
}

// ctx.exports; undefined where its flag is off.
export function exportsOfContext(): object | undefined {
  return isOn('enable_ctx_exports') ? ownExports() : undefined;
}

function fillOwnExports(target: object): void {
  const names = exportNames();
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const value = exportOf(name);
    const isEntry = isCallable(value)
      ? extendsEntrypoint(value)
      : name === 'default' && isObject(value);
    if (!isEntry) continue;
    ObjectDefineProperty(target, name, {
      value: loopbackOf(name),
      enumerable: true,
    });
  }
}

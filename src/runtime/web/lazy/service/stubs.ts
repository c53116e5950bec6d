// What script has of something elsewhere: RpcStub, and what calls and properties of one
// give, RpcPromise and RpcProperty. Each is a function, each name on it a property of what
// it stands for. They are Proxies, as V8 has no objects of script's that can be called.
// Source: Workers documentation, "Remote-procedure call (RPC)".
import { RpcTarget } from '../../cloudflare_workers.ts';
import {
  Error,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  PromisePrototypeThen,
  Proxy,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectHas,
  ReflectOwnKeys,
  ReflectSet,
  SymbolDispose,
  SymbolToStringTag,
  TypeError,
} from '../../primordials.ts';
import {
  defineInterface,
  illegalConstructor,
  illegalReceiver,
  isCallable,
  isObject,
} from '../../webidl.ts';
import {
  calling,
  disposedError,
  extended,
  FailingHook,
  type Hook,
  LocalHook,
  type Outcome,
  reachable,
} from './hooks.ts';

export type Kind = 'RpcStub' | 'RpcPromise' | 'RpcProperty';

export interface Stub {
  readonly kind: Kind;
  readonly hook: Hook;
  readonly path: readonly string[];
  result: Promise<unknown> | null; // of a promise; of a property once it is read
  isDisposed: boolean;
}

// What was found by the last question below.
let found: Stub | null = null;

// A stub answers itself who it is: its handler is told when its prototype is asked for.
// A Proxy of script's could have a stub answer in its place, and then stands for that.
export function stubOf(value: unknown): Stub | null {
  if (!isCallable(value)) return null;
  found = null;
  ObjectGetPrototypeOf(value);
  return found;
}

export function makeStub(
  kind: Kind,
  hook: Hook,
  path: readonly string[],
  result: Promise<unknown> | null = null,
): object {
  const stub: Stub = { kind, hook, path, result, isDisposed: false };
  return new Proxy(callee, new StubHandler(stub) as ProxyHandler<typeof callee>);
}

reachable.of = (value) => {
  const stub = stubOf(value);
  if (stub === null) return null;
  if (stub.isDisposed) throw disposedError();
  return stub;
};

// A reference for a message.
export function dupOfStub(stub: Stub): Hook {
  if (stub.isDisposed) throw disposedError();
  return stub.hook.dup();
}

export function outcomeToPromise({ promise, hook }: Outcome): object {
  return makeStub('RpcPromise', hook, [], promise);
}

function call(stub: Stub, args: unknown[]): object {
  return outcomeToPromise(calling(hookToCall(stub), stub.path, args));
}

function hookToCall(stub: Stub): Hook {
  if (!stub.isDisposed) return stub.hook;
  const noun = stub.kind === 'RpcPromise' ? 'promise' : 'stub';
  return new FailingHook(new Error(`RPC ${noun} used after being disposed.`));
}

// A promise that is disposed of is still one.
function resultOf(stub: Stub): Promise<unknown> {
  stub.result ??= calling(hookToCall(stub), stub.path, null).promise;
  return stub.result;
}

function dupOf(stub: Stub): object {
  if (stub.isDisposed) throw disposedError();
  return makeStub('RpcStub', stub.hook.dup(), stub.path);
}

export function dispose(stub: Stub): void {
  if (stub.isDisposed) return;
  stub.isDisposed = true;
  if (stub.kind === 'RpcStub') {
    stub.hook.dispose();
    return;
  }
  if (stub.result === null) return;
  PromisePrototypeThen(
    stub.result,
    (value) => {
      const own = stubOf(value);
      if (own !== null) dispose(own);
      else if (isObject(value)) {
        const give = (value as Record<symbol, unknown>)[SymbolDispose];
        if (isCallable(give)) give();
      }
    },
    () => undefined,
  );
}

// The target of every Proxy: it has no property, and gets none.
const callee = () => undefined;
ReflectDeleteProperty(callee, 'name');
ReflectDeleteProperty(callee, 'length');

class StubHandler {
  readonly stub: Stub;
  own: object | null = null; // what script has put on it, which stays here

  constructor(stub: Stub) {
    this.stub = stub;
  }

  apply(_target: unknown, _self: unknown, args: unknown[]): object {
    return call(this.stub, args);
  }
  get(_target: unknown, key: PropertyKey): unknown {
    const { stub, own } = this;
    if (own !== null && ReflectHas(own, key)) return ReflectGet(own, key);
    const { prototype } = classes[stub.kind];
    if (key in prototype) return (prototype as Record<PropertyKey, unknown>)[key];
    // A stub is no promise.
    if (typeof key === 'symbol' || key === 'then') return undefined;
    return makeStub('RpcProperty', hookToCall(stub), extended(stub.path, `${key as string}`));
  }
  has(): boolean {
    return true;
  }
  getPrototypeOf(): object {
    found = this.stub;
    return classes[this.stub.kind].prototype;
  }
  set(_target: unknown, key: PropertyKey, value: unknown): boolean {
    this.own ??= ObjectCreate(null) as object;
    return ReflectSet(this.own, key, value);
  }
  // Those of its target, and so all that Proxies say of it, can change.
  defineProperty(_target: unknown, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    this.own ??= ObjectCreate(null) as object;
    return ReflectDefineProperty(this.own, key, {
      __proto__: null,
      ...descriptor,
      configurable: true,
    } as PropertyDescriptor);
  }
  deleteProperty(_target: unknown, key: PropertyKey): boolean {
    return this.own === null || ReflectDeleteProperty(this.own, key);
  }
  setPrototypeOf(): boolean {
    return false;
  }
  preventExtensions(): boolean {
    return false;
  }
  ownKeys(): PropertyKey[] {
    return this.own === null ? [] : ReflectOwnKeys(this.own);
  }
  getOwnPropertyDescriptor(_target: unknown, key: PropertyKey): PropertyDescriptor | undefined {
    return this.own === null ? undefined : ReflectGetOwnPropertyDescriptor(this.own, key);
  }
}
// What stands on Object.prototype is no trap.
ObjectSetPrototypeOf(StubHandler.prototype, null);

function requireStub(value: unknown, name: string): Stub {
  return stubOf(value) ?? illegalReceiver(name);
}

export class RpcStub {
  // A stub of something of this Worker, which behaves as one from elsewhere.
  constructor(target: unknown) {
    if (!isObject(target))
      throw new TypeError(
        "Failed to construct 'JsRpcStub': constructor parameter 1 is not of type 'Object'.",
      );
    const stub = stubOf(target);
    // biome-ignore lint/correctness/noConstructorReturn: it is a Proxy
    return (stub === null ? makeStub('RpcStub', new LocalHook(target), []) : dupOf(stub)) as never;
  }

  // Another reference, which lives on when this one is disposed of.
  dup(): object {
    return dupOf(requireStub(this, 'RpcStub'));
  }
  [SymbolDispose](): void {
    dispose(requireStub(this, 'RpcStub'));
  }
}

function settled(self: unknown, onFulfilled: unknown, onRejected: unknown): Promise<unknown> {
  const result = resultOf(requireStub(self, 'RpcPromise'));
  return PromisePrototypeThen(result, onFulfilled as never, onRejected as never);
}

function atLast(self: unknown, onFinally: unknown): Promise<unknown> {
  return settled(
    self,
    async (value: unknown) => {
      if (isCallable(onFinally)) await onFinally();
      return value;
    },
    async (error: unknown) => {
      if (isCallable(onFinally)) await onFinally();
      throw error;
    },
  );
}

// The promise of what a call gives.
export class RpcPromise {
  constructor() {
    illegalConstructor();
  }

  // biome-ignore lint/suspicious/noThenProperty: it is that of a promise
  then(onFulfilled: unknown, onRejected: unknown): Promise<unknown> {
    return settled(this, onFulfilled, onRejected);
  }
  catch(onRejected: unknown): Promise<unknown> {
    return settled(this, undefined, onRejected);
  }
  finally(onFinally: unknown): Promise<unknown> {
    return atLast(this, onFinally);
  }
  [SymbolDispose](): void {
    dispose(requireStub(this, 'RpcPromise'));
  }
}

// The promise of what a property is.
export class RpcProperty {
  constructor() {
    illegalConstructor();
  }

  // biome-ignore lint/suspicious/noThenProperty: it is that of a promise
  then(onFulfilled: unknown, onRejected: unknown): Promise<unknown> {
    return settled(this, onFulfilled, onRejected);
  }
  catch(onRejected: unknown): Promise<unknown> {
    return settled(this, undefined, onRejected);
  }
  finally(onFinally: unknown): Promise<unknown> {
    return atLast(this, onFinally);
  }
}
defineInterface(RpcStub, 'RpcStub');
defineInterface(RpcPromise, 'RpcPromise');
defineInterface(RpcProperty, 'RpcProperty');
// As Workers call them.
tag(RpcStub.prototype, 'JsRpcStub');
tag(RpcPromise.prototype, 'JsRpcPromise');
tag(RpcProperty.prototype, 'JsRpcProperty');
tag(RpcTarget.prototype, 'JsRpcTarget');

function tag(prototype: object, name: string): void {
  ObjectDefineProperty(prototype, SymbolToStringTag, { value: name, configurable: true });
}

const classes: Record<Kind, { readonly prototype: object }> = { RpcStub, RpcPromise, RpcProperty };

// `env` and `exports` of cloudflare:workers, and what takes their place for a function and
// for all that it starts: withEnv() and its like.
// Source: Workers documentation, "Bindings (env)", "Overriding env values".
import {
  Map,
  MapPrototypeDelete,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeSet,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  Proxy,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectHas,
  ReflectOwnKeys,
  ReflectSet,
} from '../../primordials.ts';
import { isObject, requireArguments, toFunction } from '../../webidl.ts';
import { services } from './native.ts';

// Keys among the storages of AsyncLocalStorage, which travel the same way.
const kEnv = {};
const kExports = {};

let isUsed = false; // nobody has anything else in their place before that

class Standing {
  readonly key: object;
  readonly usual: object;

  constructor(key: object, usual: object) {
    this.key = key;
    this.usual = usual;
  }
  get #now(): object {
    if (!isUsed) return this.usual;
    const storages = services.storages();
    const other = storages === undefined ? undefined : MapPrototypeGet(storages, this.key);
    return isObject(other) ? other : this.usual;
  }

  get(_target: object, key: PropertyKey): unknown {
    return ReflectGet(this.#now, key);
  }
  set(_target: object, key: PropertyKey, value: unknown): boolean {
    return ReflectSet(this.#now, key, value);
  }
  has(_target: object, key: PropertyKey): boolean {
    return ReflectHas(this.#now, key);
  }
  deleteProperty(_target: object, key: PropertyKey): boolean {
    return ReflectDeleteProperty(this.#now, key);
  }
  defineProperty(_target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    return ReflectDefineProperty(this.#now, key, descriptor);
  }
  ownKeys(): PropertyKey[] {
    return ReflectOwnKeys(this.#now);
  }
  getOwnPropertyDescriptor(_target: object, key: PropertyKey): PropertyDescriptor | undefined {
    const found = ReflectGetOwnPropertyDescriptor(this.#now, key);
    // Of what its target does not have, a Proxy can say no other.
    if (found !== undefined) found.configurable = true;
    return found;
  }
  getPrototypeOf(): object | null {
    return ObjectGetPrototypeOf(this.#now);
  }
  // What stands here has to stay replaceable.
  preventExtensions(): boolean {
    return false;
  }
}
ObjectSetPrototypeOf(Standing.prototype, null);

export function environmentOf(env: object): object {
  return new Proxy({}, new Standing(kEnv, env) as ProxyHandler<object>);
}
export function exportsOf(exports: object): object {
  return new Proxy({}, new Standing(kExports, exports) as ProxyHandler<object>);
}

type Entry = readonly [key: object, value: unknown];

function run(entries: readonly Entry[], call: unknown, name: string): unknown {
  const called = toFunction(call, `${name}: argument ${entries.length + 1}`);
  const storages = new Map<unknown, unknown>();
  const before = services.storages();
  if (before !== undefined)
    MapPrototypeForEach(before, (value, key) => {
      MapPrototypeSet(storages, key, value);
    });
  // As Node's own Map has it, for AsyncLocalStorage.disable().
  ObjectDefineProperty(storages, 'disable', {
    value: (store: unknown) => MapPrototypeDelete(storages, store),
  });
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as Entry;
    MapPrototypeSet(storages, entry[0], entry[1]);
  }
  isUsed = true;
  return services.runWith(storages, () => called());
}

export function withEnv(env: unknown, call: unknown): unknown {
  requireArguments(arguments.length, 2, 'withEnv');
  return run([[kEnv, env]], call, 'withEnv');
}
export function withExports(exports: unknown, call: unknown): unknown {
  requireArguments(arguments.length, 2, 'withExports');
  return run([[kExports, exports]], call, 'withExports');
}
export function withEnvAndExports(env: unknown, exports: unknown, call: unknown): unknown {
  requireArguments(arguments.length, 3, 'withEnvAndExports');
  const entries: Entry[] = [
    [kEnv, env],
    [kExports, exports],
  ];
  return run(entries, call, 'withEnvAndExports');
}

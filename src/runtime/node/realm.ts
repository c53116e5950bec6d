// The realm of Node's library: its modules, loaded one by one as they are asked
// for, over internal bindings of ours. It is what Node's own
// internal/bootstrap/realm is in Node, and follows its contract: a module gets
// (exports, require, module, process, internalBinding, primordials).
//
// The library takes its builtins from `primordials`, which is made here: so it is
// as safe from patched prototypes as they are when the first module is loaded.
// Static imports are linked before any code of the Worker runs.
import { bindings } from './bindings.ts';
import type { Loose } from './loose.ts';
import { nativeBinding } from './native_binding.ts';
import { finishProcess, makeProcess } from './process.ts';
import { isPublic, publicIds } from './public.ts';
import { replaced } from './replaced.ts';
import { privateSymbols, symbols } from './symbols.ts';

class BuiltinModule {
  readonly id: string;
  readonly filename: string;
  exports: Loose = {};
  loaded = false;
  loading = false;
  canBeRequiredByUsers: boolean;

  constructor(id: string) {
    this.id = id;
    this.filename = `${id}.js`;
    this.canBeRequiredByUsers = isPublic(id);
  }

  static readonly map = new Map<string, BuiltinModule>();

  static exists(id: string): boolean {
    return BuiltinModule.map.has(id);
  }
  static canBeRequiredByUsers(id: string): boolean {
    return isPublic(id);
  }
  static canBeRequiredWithoutScheme(id: string): boolean {
    return isPublic(id);
  }
  static normalizeRequirableId(id: string): string | undefined {
    const name = id.startsWith('node:') ? id.slice(5) : id;
    return isPublic(name) ? name : undefined;
  }
  static isBuiltin(id: unknown): boolean {
    return typeof id === 'string' && BuiltinModule.normalizeRequirableId(id) !== undefined;
  }
  static getSchemeOnlyModuleNames(): string[] {
    return [];
  }
  static getAllBuiltinModuleIds(): string[] {
    return publicIds();
  }
  static getCanBeRequiredByUsersWithoutSchemeList(): string[] {
    return publicIds();
  }

  compileForPublicLoader(): Loose {
    return requireBuiltin(this.id);
  }
}

const primordials: Loose = {};
const madeBindings = new Map<string, object>();

export function internalBinding(name: string): Loose {
  let made = madeBindings.get(name);
  if (made === undefined) {
    const make = bindings[name];
    if (make === undefined)
      throw new Error(`Node's internal binding "${name}" is not built in Caravel yet`);
    made = make({ internalBinding, primordials, process, require: requireBuiltin });
    madeBindings.set(name, made);
  }
  return made;
}

export const process: Loose = makeProcess(requireBuiltin);

function runPerContext(id: string): void {
  const run = native.nodeCompile(`internal/per_context/${id}`);
  Reflect.apply(run as (...args: unknown[]) => void, undefined, [
    {},
    primordials,
    privateSymbols,
    symbols,
  ]);
}

export function requireBuiltin(id: string): Loose {
  const known = BuiltinModule.map.get(id);
  if (known !== undefined && (known.loaded || known.loading)) return known.exports;
  const module = known ?? new BuiltinModule(id);
  BuiltinModule.map.set(id, module);
  module.loading = true;
  try {
    load(module);
    module.loaded = true;
  } finally {
    module.loading = false;
  }
  return module.exports;
}

function load(module: BuiltinModule): void {
  if (module.id === 'internal/bootstrap/realm') {
    module.exports = { BuiltinModule, internalBinding, require: requireBuiltin };
    return;
  }
  const replacement = replaced[module.id];
  if (replacement !== undefined) {
    module.exports = replacement({
      internalBinding,
      primordials,
      process,
      require: requireBuiltin,
    });
    return;
  }
  const run = native.nodeCompile(module.id);
  if (run === null)
    throw new TypeError(`Node's module "${module.id}" is not part of Caravel's library`);
  Reflect.apply(run as (...args: unknown[]) => void, undefined, [
    module.exports,
    requireBuiltin,
    module,
    process,
    internalBinding,
    primordials,
  ]);
  // One function by that name, wherever a Worker looks.
  if (module.id === 'buffer') {
    module.exports.atob = globalObject.atob;
    module.exports.btoa = globalObject.btoa;
  }
}

runPerContext('primordials');
nativeBinding('util').setPrepareStackTrace(
  requireBuiltin('internal/errors').prepareStackTraceCallback,
);
finishProcess(process, requireBuiltin);

// The realm of Node's library: its modules, loaded one by one as they are asked
// for, over internal bindings of ours. It is what Node's own
// internal/bootstrap/realm is in Node, and follows its contract: a module gets
// (exports, require, module, process, internalBinding, primordials).
//
// The library takes its builtins from `primordials`, which is made here: so it is
// as safe from patched prototypes as they are when the first module is loaded.
// Static imports are linked before any code of the Worker runs; a Worker that only
// uses the globals may have patched them. So native functions of bindings are safe
// on whatever they are given, as if script could call them: it may come to.
import { ReflectApply } from '../web/primordials.ts';
import { separateInvocations } from './agents.ts';
import { bindings } from './bindings.ts';
import { ipTests } from './ip_tests.ts';
import type { Loose } from './loose.ts';
import { nativeBinding } from './native_binding.ts';
import { finishProcess, makeProcess } from './process.ts';
import { isPublic, publicIds } from './public.ts';
import { replaced, replacedFor } from './replaced.ts';
import { privateSymbols, symbols } from './symbols.ts';

// Counts the modules that are being loaded: where that is cut short by a limit, the
// isolate cannot go on (runtime/tick_queue.h).
const kLoading = 2;
const words: Uint8Array = nativeBinding('async').words();

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

  static exists(id: string): boolean {
    return modules[id] !== undefined;
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

// Neither a Map nor Reflect here: script may have patched both, and would be handed
// what stands behind the library.
const modules: Record<string, BuiltinModule | undefined> = { __proto__: null } as never;
// As Node has it; V8 makes it a dictionary, which its 1,500 properties make of it anyway.
export const primordials: Loose = Object.create(null);
const madeBindings: Record<string, object | undefined> = { __proto__: null } as never;

export function internalBinding(name: string): Loose {
  let made = madeBindings[name];
  if (made === undefined) {
    const make = bindings[name];
    if (make === undefined)
      throw new Error(`Node's internal binding "${name}" is not built in Caravel yet`);
    made = make({ internalBinding, primordials, process, require: requireBuiltin });
    madeBindings[name] = made;
  }
  return made;
}

export const process: Loose = makeProcess(requireBuiltin, originalOf);

function runPerContext(id: string): void {
  const run = native.nodeCompile(`internal/per_context/${id}`);
  ReflectApply(run as (...args: unknown[]) => void, undefined, [
    {},
    primordials,
    privateSymbols,
    symbols,
  ]);
}

export const isLoaded = (id: string): boolean => modules[id]?.loaded === true;

export function requireBuiltin(id: string): Loose {
  const known = modules[id];
  if (known !== undefined && (known.loaded || known.loading)) return known.exports;
  const module = known ?? new BuiltinModule(id);
  modules[id] = module;
  module.loading = true;
  words[kLoading] = (words[kLoading] as number) + 1;
  try {
    load(module);
    module.loaded = true;
  } finally {
    module.loading = false;
    words[kLoading] = (words[kLoading] as number) - 1;
  }
  return module.exports;
}

// What the module `id` requires by: for some a module is replaced for them alone.
function requireOf(id: string): (id: string) => Loose {
  const own = replacedFor[id];
  if (own === undefined) return requireBuiltin;
  const realm = { internalBinding, primordials, process, require: requireBuiltin };
  return (wanted) => own[wanted]?.(realm) ?? requireBuiltin(wanted);
}

function run(id: string, module: { exports: Loose }): void {
  const compiled = native.nodeCompile(id);
  if (compiled === null)
    throw new TypeError(`Node's module "${id}" is not part of Caravel's library`);
  ReflectApply(compiled as (...args: unknown[]) => void, undefined, [
    module.exports,
    requireOf(id),
    module,
    process,
    internalBinding,
    primordials,
  ]);
}

// Node's own module, also where another is in its place.
function originalOf(id: string): Loose {
  const module = { exports: {} };
  run(id, module);
  return module.exports;
}

function load(module: BuiltinModule): void {
  if (module.id === 'internal/bootstrap/realm') {
    module.exports = { BuiltinModule, internalBinding, process, require: requireBuiltin };
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
  run(module.id, module);
  // One function by that name, wherever a Worker looks.
  if (module.id === 'buffer') {
    module.exports.atob = globalObject.atob;
    module.exports.btoa = globalObject.btoa;
  }
  if (module.id === '_http_agent') separateInvocations(module.exports);
  if (module.id === 'internal/net') Object.assign(module.exports, ipTests);
}

runPerContext('primordials');
nativeBinding('util').setPrepareStackTrace(
  requireBuiltin('internal/errors').prepareStackTraceCallback,
);
finishProcess(process, requireBuiltin);

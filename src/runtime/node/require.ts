// createRequire() of node:module: modules of Node and of the Worker's bundle, whose
// files lie in /bundle for node:fs.
// Source: Node's documentation, "modules"; Workers documentation, "Compatibility
// flags", require_returns_default_export.
import type { Realm } from './binding.ts';
import type { Loose } from './loose.ts';
import { nativeBinding } from './native_binding.ts';

const folder = '/bundle/';

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

// The module's name in the bundle, of an absolute path.
function nameOf(path: string): string {
  return path.startsWith(folder) ? path.slice(folder.length) : path.replace(/^\/+/, '');
}

export function createRequireOf({ process, require }: Realm): (filename: unknown) => Loose {
  const { codes } = require('internal/errors');
  const { validateString } = require('internal/validators');
  const { BuiltinModule } = require('internal/bootstrap/realm');
  const { fileURLToPath } = require('internal/url');
  const { find, evaluate, givesDefault } = nativeBinding('modules');
  const required = new Map<string, Loose>();

  function pathOf(filename: Loose): string {
    const isUrl = filename?.href !== undefined;
    if (isUrl || (typeof filename === 'string' && filename.startsWith('file:')))
      return fileURLToPath(filename);
    if (typeof filename === 'string' && filename.startsWith('/')) return filename;
    let reason = 'must be a file URL object, file URL string, or absolute path string';
    if (filename === undefined)
      reason += ` (import.meta.url is undefined in Workers: write createRequire('${folder}'))`;
    throw new codes.ERR_INVALID_ARG_VALUE('filename', filename, reason);
  }

  function load(name: string, from: string): Loose {
    if (required.has(name)) return required.get(name);
    const exported = evaluate(name);
    if (exported === 'cycle')
      throw refusal(
        'ERR_REQUIRE_CYCLE_MODULE',
        `Cannot require() '${name}' in '${from}': it is being loaded, or imports what is`,
      );
    if (exported === 'async')
      throw refusal(
        'ERR_REQUIRE_ASYNC_MODULE',
        `Cannot require() '${name}' in '${from}': it, or what it imports, has a top-level await. Use import() instead`,
      );
    const made =
      'default' in exported && givesDefault(name)
        ? exported.default
        : copyUnlessOld(name, exported);
    required.set(name, made);
    return made;
  }

  // With the flag a namespace is given as a copy, which programs may change.
  function copyUnlessOld(name: string, namespace: object): object {
    return givesDefault(name) ? { ...namespace } : namespace;
  }

  return (filename) => {
    const path = pathOf(filename);
    const from = nameOf(path);
    const findIn = (id: string): string | undefined => {
      const specifier = id.startsWith('/') ? nameOf(id) : id;
      // Workers take "x" for "./x" where the bundle has it.
      return find(specifier, from) ?? find(`./${specifier}`, from) ?? undefined;
    };
    const notFound = (id: string): never => {
      const message =
        `Cannot find module '${id}'\nRequire stack:\n- ${path}\n` +
        'It is neither a module of Node nor in the bundle of the Worker.';
      throw Object.assign(refusal('MODULE_NOT_FOUND', message), { requireStack: [path] });
    };
    const requireFrom = (id: string): Loose => {
      validateString(id, 'id');
      if (id === '') throw new codes.ERR_INVALID_ARG_VALUE('id', id, 'must be a non-empty string');
      const builtin = process.getBuiltinModule(id);
      if (builtin !== undefined) return builtin;
      const name = findIn(id);
      return name === undefined ? notFound(id) : load(name, path);
    };
    const resolve = (request: string): string => {
      validateString(request, 'request');
      if (BuiltinModule.isBuiltin(request)) return request;
      const name = findIn(request);
      return name === undefined ? notFound(request) : folder + name;
    };
    return Object.assign(requireFrom, { resolve, main: undefined, extensions: {}, cache: {} });
  };
}

// The binding `util`: what looks into values is native, the rest is here.
import * as facts from 'node-facts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { nativeBinding } from '../native_binding.ts';
import { privateSymbols } from '../symbols.ts';

// Lines of a .env file: NAME=value, quotes around the value, # for comments.
// Source: Node's documentation, "util.parseEnv()".
function parseEnv(content: string): Record<string, string> {
  const line =
    /^\s*(?:export\s+)?([\w.-]+)\s*=[^\S\n]*("(?:[^"]*)"|'(?:[^']*)'|`(?:[^`]*)`|[^#\n]*)?[^\n]*$/gm;
  const found: Record<string, string> = {};
  for (const [, name, raw = ''] of content.replaceAll('\r\n', '\n').matchAll(line)) {
    let value = raw.trim();
    const quote = value[0];
    if (
      quote !== undefined &&
      `"'\``.includes(quote) &&
      value.endsWith(quote) &&
      value.length > 1
    ) {
      value = value.slice(1, -1);
      if (quote === '"') value = value.replaceAll('\\n', '\n');
    }
    found[name as string] = value;
  }
  return found;
}

export function util({ require }: Realm): object {
  return {
    ...nativeBinding('util'),
    constants: facts.util().constants,
    privateSymbols,
    shouldAbortOnUncaughtToggle: new Uint32Array(1),
    isInsideNodeModules: () => false,
    getCallerLocation: () => undefined,
    getExternalValue: () => 0n,
    guessHandleType: () => 'PIPE',
    sleep() {},
    parseEnv,
    constructSharedArrayBuffer: (length: number) => new SharedArrayBuffer(length),
    getSharedArrayBufferGrowable: (value: Loose) => value.growable,
    // Members of `target` that are those of the module `id`, loaded when one of
    // them is first looked at.
    defineLazyProperties(target: object, id: string, keys: readonly string[], enumerable = true) {
      const make = (key: string) => require(id)[key];
      for (const key of keys) native.defineLazy(target, key, make, enumerable);
    },
  };
}

import type { Loose } from './loose.ts';

const made: Record<string, Loose> = { __proto__: null } as never;

// The native functions of one of Node's internal bindings (ops/node), made once.
export function nativeBinding(name: string): Loose {
  made[name] ??= native.nodeBinding(name);
  return made[name];
}

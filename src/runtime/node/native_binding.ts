import type { Loose } from './loose.ts';

const made = new Map<string, Loose>();

// The native functions of one of Node's internal bindings (ops/node), made once.
export function nativeBinding(name: string): Loose {
  let binding = made.get(name);
  if (binding === undefined) {
    binding = native.nodeBinding(name);
    made.set(name, binding);
  }
  return binding;
}

// The native side of what stands in this folder.
import type { NativeServices } from '../../native_services.ts';

export const services: NativeServices = native.serviceBinding();

const flags: Record<string, boolean> = { __proto__: null } as never;
const names = native.compatibilityFlags();
for (let i = 0; i < names.length; i += 2) flags[names[i] as string] = names[i + 1] === 'on';

export function isOn(flag: string): boolean {
  return flags[flag] === true;
}

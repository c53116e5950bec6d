// Cloudflare.compatibilityFlags: by its enabling name, whether a change is on.
// Source: Workers documentation, "Compatibility flags".
import { ObjectDefineProperty, ObjectFreeze, SymbolToStringTag } from '../primordials.ts';

function compatibilityFlags(): Readonly<Record<string, boolean>> {
  const names = native.compatibilityFlags();
  const flags: Record<string, boolean> = {};
  for (let i = 0; i < names.length; i += 2) {
    const value = names[i + 1] === 'on';
    ObjectDefineProperty(flags, names[i] as string, { value, enumerable: true });
  }
  return ObjectFreeze(flags);
}

export const Cloudflare = {};
ObjectDefineProperty(Cloudflare, 'compatibilityFlags', {
  value: compatibilityFlags(),
  enumerable: true,
  configurable: true,
});
ObjectDefineProperty(Cloudflare, SymbolToStringTag, { value: 'Cloudflare', configurable: true });

// Methods of texts that V8 carries out in one call which nothing ends, and that take
// quadratic time for texts that clients send: they are the platform's own, with bounds
// (lazy/text_bounds.ts), which are made when one is first read. indexOf() and its kin stay
// V8's: compiled code calls them everywhere, and only a long text that is searched for, which
// clients seldom give, makes them slow (docs/compatibility.md).
import { String } from './primordials.ts';

// Their names, and in their places V8's own when the platform's are installed.
export const textMethods: unknown[] = ['lastIndexOf', 'localeCompare', 'normalize'];
export const NativeIntl = Intl;

export function installTextMethods(): void {
  const prototype: object = String.prototype;
  for (let i = 0; i < textMethods.length; i++) {
    const name = textMethods[i] as string;
    textMethods[i] = (prototype as Record<string, unknown>)[name];
    native.defineLazy(prototype, name, 'text_bounds', false);
  }
  native.defineLazy(globalObject, 'Intl', 'text_bounds', false);
}

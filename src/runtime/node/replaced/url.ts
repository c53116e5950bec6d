// internal/url: the platform's URL and URLSearchParams; its other functions are
// Node's own, which parse with the same parser (binding `url`).
import { ReflectApply } from '../../web/primordials.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { platformClasses } from '../platform_classes.ts';

export function url({ internalBinding, primordials, process, require }: Realm): Loose {
  const module: Loose = { exports: {} };
  ReflectApply(native.nodeCompile('internal/url') as (...args: unknown[]) => void, undefined, [
    module.exports,
    require,
    module,
    process,
    internalBinding,
    primordials,
  ]);
  const own = module.exports;
  const { URL } = platformClasses;
  const isInstance = (value: unknown): value is Loose => value instanceof (URL as Loose);
  const toOwn = (made: Loose) => new URL(made.href);
  return {
    ...own,
    URL,
    get URLSearchParams() {
      return lazy('search_params').URLSearchParams;
    },
    URLParse: URL.parse,
    isURLInstance: isInstance,
    getURLHref: (value: Loose) => value.href,
    getURLOrigin: (value: Loose) => value.origin,
    pathToFileURL: (path: unknown, options: unknown) => toOwn(own.pathToFileURL(path, options)),
  };
}

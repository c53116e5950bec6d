// What console shows of the platform's own objects, whose state is private.
import { AbortController, AbortSignal } from '../../abort.ts';
import { DOMException } from '../../dom_exception.ts';
import { Event } from '../../events.ts';
import { Headers } from '../../headers.ts';
import {
  ObjectGetOwnPropertyDescriptor,
  ObjectPrototypeToString,
  ReflectApply,
} from '../../primordials.ts';
import { Request } from '../../request.ts';
import { Response } from '../../response.ts';
import { URL } from '../../url.ts';
import { stackText } from './stack.ts';

// Reads accessors where they were defined, not what the object may have instead.
function read(target: { readonly prototype: object }, value: object, names: string[]): unknown[] {
  const fields: unknown[] = [];
  for (let i = 0; i < names.length; i++) {
    const found = ObjectGetOwnPropertyDescriptor(target.prototype, names[i] as string);
    fields[2 * i] = names[i];
    fields[2 * i + 1] = ReflectApply(found?.get as () => unknown, value, []);
  }
  return fields;
}

// Flat [name, value, …], or a finished text; null for an object of no such class.
export function platformFields(value: object): unknown[] | string | null {
  try {
    switch (ObjectPrototypeToString(value)) {
      case '[object Request]':
        return read(Request, value, ['method', 'url', 'headers', 'redirect', 'bodyUsed']);
      case '[object Response]':
        return read(Response, value, [
          'status',
          'statusText',
          'headers',
          'bodyUsed',
          'ok',
          'redirected',
          'type',
          'url',
        ]);
      case '[object URL]':
        return read(URL, value, [
          'href',
          'origin',
          'protocol',
          'username',
          'password',
          'host',
          'hostname',
          'port',
          'pathname',
          'search',
          'searchParams',
          'hash',
        ]);
      case '[object Headers]':
        return pairs(Headers, value as Headers);
      case '[object URLSearchParams]':
        return pairs(lazy('search_params').URLSearchParams, value as Headers);
      case '[object FormData]':
        return pairs(lazy('forms').FormData, value as Headers);
      case '[object Blob]':
        return read(lazy('forms').Blob, value, ['size', 'type']);
      case '[object File]': {
        const { Blob, File } = lazy('forms');
        const fields = read(Blob, value, ['size', 'type']);
        const more = read(File, value, ['name', 'lastModified']);
        for (let i = 0; i < more.length; i++) fields[fields.length] = more[i];
        return fields;
      }
      case '[object AbortController]':
        return read(AbortController, value, ['signal']);
      case '[object AbortSignal]':
        return read(AbortSignal, value, ['aborted']);
      case '[object CryptoKey]':
        return read(lazy('subtle').CryptoKey, value, [
          'type',
          'extractable',
          'algorithm',
          'usages',
        ]);
      case '[object Event]':
        return read(Event, value, ['type', 'defaultPrevented', 'cancelable', 'timeStamp']);
      case '[object ReadableStream]':
        return read(lazy('streams').ReadableStream, value, ['locked']);
      case '[object WritableStream]':
        return read(lazy('streams').WritableStream, value, ['locked']);
      case '[object TransformStream]':
        return read(lazy('streams').TransformStream, value, ['readable', 'writable']);
      case '[object DOMException]': {
        const fields = read(DOMException, value, ['name', 'message']);
        const { stack } = value as { stack?: unknown };
        return typeof stack === 'string' ? stackText(stack) : `[${fields[1]}: ${fields[3]}]`;
      }
    }
  } catch {
    // Only looks like it: shown as the object that it is.
  }
  return null;
}

function pairs(target: { readonly prototype: object }, value: Headers): unknown[] {
  const fields: unknown[] = [];
  const forEach = ObjectGetOwnPropertyDescriptor(target.prototype, 'forEach')?.value;
  ReflectApply(forEach, value, [
    (item: unknown, name: unknown) => {
      fields[fields.length] = name;
      fields[fields.length] = item;
    },
  ]);
  return fields;
}

// What the fake ops make of the values that they are given.
import { types } from 'node:util';
import type { NativeBytes } from '../native.ts';

const kOmitted = 0xffffffff;

export function componentsOf(url: URL): number[] {
  const { href, protocol, username, password, hostname, port, pathname, search, hash } = url;
  const authority = href.startsWith(`${protocol}//`);
  const userEnd = protocol.length + (authority ? 2 + username.length : 0);
  let hostStart = userEnd + (password === '' ? 0 : password.length + 1);
  let hostEnd = hostStart + hostname.length;
  if (username !== '' || password !== '') hostEnd++; // host_start stands at the "@"
  if (!authority) {
    hostStart = protocol.length;
    hostEnd = hostStart;
  }
  const hashStart = href.indexOf('#');
  const beforeHash = hashStart < 0 ? href : href.slice(0, hashStart);
  const searchStart = beforeHash.indexOf('?');
  const end = searchStart < 0 ? beforeHash.length : searchStart;
  return [
    protocol.length,
    userEnd,
    hostStart,
    hostEnd,
    port === '' ? kOmitted : Number(port),
    end - pathname.length,
    search === '' && searchStart < 0 ? kOmitted : searchStart,
    hash === '' && hashStart < 0 ? kOmitted : hashStart,
    0,
  ];
}

export function copyOf(headers: string[] | null): string[] | null {
  return headers === null ? null : [...headers];
}

export function toBytes(chunk: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
}

// By Node's own accessors: those of the realm under test may be spoiled.
const typedArray = Object.getPrototypeOf(Uint8Array).prototype as object;

export function viewOf(data: ArrayBufferView | ArrayBuffer): Uint8Array {
  if (!ArrayBuffer.isView(data)) return new Uint8Array(data);
  const prototype = types.isDataView(data) ? DataView.prototype : typedArray;
  const get = (name: string) => Reflect.get(prototype, name, data);
  return new Uint8Array(get('buffer'), get('byteOffset'), get('byteLength'));
}

export function textOf(body: NativeBytes): string {
  return typeof body === 'string' ? body : Buffer.from(viewOf(body)).toString();
}

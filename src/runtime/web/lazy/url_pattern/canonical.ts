// How the parts of a URL are written, in a pattern and in what is matched: URL
// Pattern Standard §3.2, "Canonicalization", over the parser of URLs. All throw a TypeError
// for what no URL has.
import {
  RegExpPrototypeExec,
  StringFromCharCode,
  StringPrototypeReplaceAll,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  TypeError,
} from '../../primordials.ts';
import { URL } from '../../url.ts';

const kDummyHost = 'dummy.invalid';
const specialSchemes = ['ftp', 'file', 'http', 'https', 'ws', 'wss'];

export function eachSpecialScheme(each: (scheme: string) => boolean): boolean {
  for (let i = 0; i < specialSchemes.length; i++)
    if (each(specialSchemes[i] as string)) return true;
  return false;
}

export function isSpecial(scheme: string): boolean {
  return eachSpecialScheme((each) => each === scheme);
}

export function defaultPort(scheme: string): string | null {
  if (scheme === 'http' || scheme === 'ws') return '80';
  if (scheme === 'https' || scheme === 'wss') return '443';
  return scheme === 'ftp' ? '21' : null;
}

function refuse(part: string, value: string): never {
  throw new TypeError(`URLPattern: "${value}" is no ${part} of a URL`);
}

export function canonicalProtocol(value: string): string {
  if (value === '') return value;
  const url = URL.parse(`${value}://${kDummyHost}`);
  if (url === null) refuse('protocol', value);
  return StringPrototypeSlice(url.protocol, 0, -1);
}

export function canonicalUsername(value: string): string {
  if (value === '') return value;
  const url = new URL(`https://${kDummyHost}`);
  url.username = value;
  return url.username;
}

export function canonicalPassword(value: string): string {
  if (value === '') return value;
  const url = new URL(`https://${kDummyHost}`);
  url.password = value;
  return url.password;
}

const tabsAndNewlines = ['\t', '\n', '\r'];

function withoutTabsAndNewlines(value: string): string {
  let kept = value;
  for (let i = 0; i < tabsAndNewlines.length; i++)
    kept = StringPrototypeReplaceAll(kept, tabsAndNewlines[i] as string, '');
  return kept;
}

const endOfHost = /[/?#]/;
const endOfSpecialHost = /[/?#\\]/;

function hostOf(scheme: string, value: string): string {
  const end = RegExpPrototypeExec(scheme === 'https' ? endOfSpecialHost : endOfHost, value);
  const host = end === null ? value : StringPrototypeSlice(value, 0, end.index);
  const brackets = host[0] === '[';
  for (let i = 0; i < host.length; i++)
    if (host[i] === '@' || (host[i] === ':' && !brackets)) refuse('host name', value);
  const url = host === '' ? null : URL.parse(`${scheme}://${host}`);
  if (url === null) refuse('host name', value);
  return url.hostname;
}

export function canonicalDomain(value: string): string {
  return value === '' ? value : hostOf('https', withoutTabsAndNewlines(value));
}

export function canonicalOpaqueHost(value: string): string {
  return value === '' ? value : hostOf('dummy', withoutTabsAndNewlines(value));
}

const beyondIpv6 = /[^0-9a-fA-F[\]:]/;

export function canonicalIpv6(value: string): string {
  if (RegExpPrototypeExec(beyondIpv6, value) !== null) refuse('IPv6 address', value);
  return StringPrototypeToLowerCase(value);
}

const digits = /^[0-9]+/;

export function canonicalPort(value: string, scheme: string = ''): string {
  if (value === '') return value;
  const found = RegExpPrototypeExec(digits, withoutTabsAndNewlines(value));
  const port = found === null ? Infinity : +(found[0] as string);
  if (port > 65535) refuse('port', value);
  return `${port}` === defaultPort(scheme) ? '' : `${port}`;
}

export function canonicalPathname(value: string): string {
  if (value === '') return value;
  const rooted = value[0] === '/';
  const url = new URL(`https://${kDummyHost}`);
  // "/-" keeps a path that begins in the middle from being resolved as a whole one.
  url.pathname = rooted ? value : `/-${value}`;
  return rooted ? url.pathname : StringPrototypeSlice(url.pathname, 2);
}

const endOfPath = /[?#]/;
const hexadecimal = '0123456789ABCDEF';

// The C0 control percent-encode set, URL Standard §1.3.
export function canonicalOpaquePathname(value: string): string {
  const kept = withoutTabsAndNewlines(value);
  const end = RegExpPrototypeExec(endOfPath, kept);
  const bytes = native.utf8Encode(end === null ? kept : StringPrototypeSlice(kept, 0, end.index));
  let encoded = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    encoded +=
      byte < 0x20 || byte > 0x7e
        ? `%${hexadecimal[byte >> 4]}${hexadecimal[byte & 15]}`
        : StringFromCharCode(byte);
  }
  return encoded;
}

export function canonicalSearch(value: string): string {
  if (value === '') return value;
  const url = new URL(`https://${kDummyHost}`);
  url.search = `?${value}`;
  return StringPrototypeSlice(url.search, 1);
}

export function canonicalHash(value: string): string {
  if (value === '') return value;
  const url = new URL(`https://${kDummyHost}`);
  url.hash = `#${value}`;
  return StringPrototypeSlice(url.hash, 1);
}

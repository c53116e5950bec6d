// A URL in parts, each a pattern or each a text to match: URL Pattern Standard §2.1,
// "URLPatternInit processing", and §1.6, "Constructor string parsing".
import {
  RegExpPrototypeExec,
  StringPrototypeEndsWith,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
} from '../../primordials.ts';
import { URL } from '../../url.ts';
import { isObject, toUSVString } from '../../webidl.ts';
import {
  canonicalDomain,
  canonicalHash,
  canonicalOpaqueHost,
  canonicalOpaquePathname,
  canonicalPassword,
  canonicalPathname,
  canonicalPort,
  canonicalProtocol,
  canonicalSearch,
  canonicalUsername,
  isSpecial,
} from './canonical.ts';
import { escapePattern } from './parts.ts';
import { type Token, tokenize } from './tokens.ts';

export type ComponentName =
  | 'protocol'
  | 'username'
  | 'password'
  | 'hostname'
  | 'port'
  | 'pathname'
  | 'search'
  | 'hash';

export type Init = { [Name in ComponentName | 'baseURL']?: string };

// In the order of a URL.
export const componentNames: readonly ComponentName[] = [
  'protocol',
  'username',
  'password',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
];

// In the order in which Web IDL reads a dictionary.
const members: readonly (keyof Init)[] = [
  'baseURL',
  'hash',
  'hostname',
  'password',
  'pathname',
  'port',
  'protocol',
  'search',
  'username',
];

export function toInit(value: unknown): Init {
  const init = { __proto__: null } as Init;
  if (value === undefined || value === null) return init;
  if (!isObject(value)) throw new TypeError('URLPattern: the input is neither text nor an object');
  for (let i = 0; i < members.length; i++) {
    const name = members[i] as keyof Init;
    const part = (value as Record<string, unknown>)[name];
    if (part !== undefined) init[name] = toUSVString(part);
  }
  return init;
}

const lastSlash = /^.*\//s;

// Whether a path of a pattern is meant from the root.
function isAbsolute(path: string, isPattern: boolean): boolean {
  if (path[0] === '/') return true;
  return (
    isPattern && (StringPrototypeStartsWith(path, '\\/') || StringPrototypeStartsWith(path, '{/'))
  );
}

function hasNone(init: Init, upTo: number): boolean {
  for (let i = 0; i < upTo; i++) {
    const name = inheritance[i] as ComponentName;
    if (init[name] !== undefined) return false;
  }
  return true;
}

// A part comes from the base URL where neither it nor one before it is given.
const inheritance: readonly ComponentName[] = [
  'protocol',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
];

export function componentOfUrl(url: URL, name: ComponentName): string {
  const part = url[name];
  if (name === 'protocol') return StringPrototypeSlice(part, 0, -1);
  return name === 'search' || name === 'hash' ? StringPrototypeSlice(part, 1) : part;
}

function inherit(result: Init, init: Init, base: URL, isPattern: boolean): void {
  function take(name: ComponentName): void {
    const part = componentOfUrl(base, name);
    result[name] = isPattern ? escapePattern(part) : part;
  }
  for (let i = 0; i < inheritance.length; i++)
    if (hasNone(init, i + 1)) take(inheritance[i] as ComponentName);
  if (isPattern || !hasNone(init, 3)) return;
  if (init.username !== undefined) return;
  take('username');
  if (init.password === undefined) take('password');
}

function isOpaque(url: URL): boolean {
  return url.pathname[0] !== '/' && url.pathname !== '';
}

// "Process a URLPatternInit". Of a pattern, what is not given stays away; of a URL, it
// is empty.
export function processInit(init: Init, isPattern: boolean): Init {
  const result = { __proto__: null } as Init;
  if (!isPattern)
    for (let i = 0; i < componentNames.length; i++) result[componentNames[i] as ComponentName] = '';
  let base: URL | null = null;
  if (init.baseURL !== undefined) {
    base = URL.parse(init.baseURL);
    if (base === null)
      throw new TypeError(`URLPattern: the base URL "${init.baseURL}" is not valid`);
    inherit(result, init, base, isPattern);
  }
  function set(name: ComponentName, canonical: (value: string) => string): void {
    const value = init[name];
    if (value !== undefined) result[name] = isPattern ? value : canonical(value);
  }
  if (init.protocol !== undefined) {
    const { protocol } = init;
    init.protocol = StringPrototypeEndsWith(protocol, ':')
      ? StringPrototypeSlice(protocol, 0, -1)
      : protocol;
    set('protocol', canonicalProtocol);
  }
  const protocol = result.protocol ?? '';
  const special = protocol === '' || isSpecial(protocol);
  set('username', canonicalUsername);
  set('password', canonicalPassword);
  set('hostname', special ? canonicalDomain : canonicalOpaqueHost);
  set('port', (port) => canonicalPort(port, protocol));
  if (init.pathname !== undefined) {
    if (base !== null && !isOpaque(base) && !isAbsolute(init.pathname, isPattern)) {
      const path = isPattern ? escapePattern(base.pathname) : base.pathname;
      const found = RegExpPrototypeExec(lastSlash, path);
      if (found !== null) init.pathname = `${found[0]}${init.pathname}`;
    }
    set('pathname', special ? canonicalPathname : canonicalOpaquePathname);
  }
  if (init.search !== undefined) init.search = withoutPrefix(init.search, '?');
  if (init.hash !== undefined) init.hash = withoutPrefix(init.hash, '#');
  set('search', canonicalSearch);
  set('hash', canonicalHash);
  return result;
}

function withoutPrefix(value: string, prefix: string): string {
  return value[0] === prefix ? StringPrototypeSlice(value, 1) : value;
}

type State = 'init' | 'authority' | 'done' | ComponentName;

const order: readonly State[] = [
  'protocol',
  'authority',
  'username',
  'password',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
  'done',
];

function placeOf(state: State): number {
  for (let i = 0; i < order.length; i++) if (order[i] === state) return i;
  return -1;
}

// Takes a pattern in one text apart. `isSpecialPattern`: whether a pattern of a
// protocol matches a special scheme.
export function parseConstructorString(
  input: string,
  isSpecialPattern: (protocol: string) => boolean,
): Init {
  const tokens = tokenize(input, true);
  const result = { __proto__: null } as Init;
  let start = 0;
  let at = 0;
  let step = 1;
  let depth = 0;
  let brackets = 0;
  let special = false;
  let state: State = 'init';

  function tokenAt(index: number): Token {
    return tokens[index < tokens.length ? index : tokens.length - 1] as Token;
  }
  function isText(index: number, value: string): boolean {
    const token = tokenAt(index);
    return (
      token.value === value &&
      (token.type === 'char' || token.type === 'escaped-char' || token.type === 'invalid-char')
    );
  }
  function isSearchPrefix(): boolean {
    if (isText(at, '?')) return true;
    if (tokenAt(at).value !== '?') return false;
    if (at === 0) return true;
    const { type } = tokenAt(at - 1);
    return type !== 'name' && type !== 'regexp' && type !== 'close' && type !== 'asterisk';
  }
  function areSlashes(index: number): boolean {
    return isText(index, '/') && isText(index + 1, '/');
  }
  function component(): string {
    return StringPrototypeSlice(input, tokenAt(start).index, tokenAt(at).index);
  }
  function change(to: State, skip: number): void {
    if (state !== 'init' && state !== 'authority' && state !== 'done') result[state] = component();
    if (state !== 'init' && to !== 'done') {
      // What is jumped over is empty.
      const from = placeOf(state);
      const target = placeOf(to);
      if (from < placeOf('hostname') && target > placeOf('hostname')) result.hostname ??= '';
      if (from < placeOf('pathname') && target > placeOf('pathname'))
        result.pathname ??= special ? '/' : '';
      if (from < placeOf('search') && to === 'hash') result.search ??= '';
    }
    state = to;
    at += skip;
    start = at;
    step = 0;
  }
  function rewind(to: State): void {
    at = start;
    step = 0;
    state = to;
  }
  function changeBehind(name: 'hostname' | 'port' | 'pathname' | 'search' | 'hash'): void {
    if (name !== 'pathname' && name !== 'search' && name !== 'hash' && isText(at, '/'))
      change('pathname', 0);
    else if (name !== 'search' && name !== 'hash' && isSearchPrefix()) change('search', 1);
    else if (name !== 'hash' && isText(at, '#')) change('hash', 1);
  }

  for (; at < tokens.length; at += step) {
    step = 1;
    const { type } = tokens[at] as Token;
    if (type === 'end') {
      if (state === 'init') {
        rewind('init');
        if (isText(at, '#')) change('hash', 1);
        else if (isSearchPrefix()) change('search', 1);
        else change('pathname', 0);
        continue;
      }
      if (state === 'authority') {
        rewind('hostname');
        continue;
      }
      change('done', 0);
      break;
    }
    if (type === 'open') {
      depth++;
      continue;
    }
    if (depth > 0) {
      if (type === 'close') depth--;
      continue;
    }
    switch (state as State) {
      case 'init':
        if (isText(at, ':')) rewind('protocol');
        break;
      case 'protocol':
        if (isText(at, ':')) {
          special = isSpecialPattern(component());
          if (areSlashes(at + 1)) change('authority', 3);
          else change(special ? 'authority' : 'pathname', 1);
        }
        break;
      case 'authority':
        if (isText(at, '@')) rewind('username');
        else if (isText(at, '/') || isSearchPrefix() || isText(at, '#')) rewind('hostname');
        break;
      case 'username':
        if (isText(at, ':')) change('password', 1);
        else if (isText(at, '@')) change('hostname', 1);
        break;
      case 'password':
        if (isText(at, '@')) change('hostname', 1);
        break;
      case 'hostname':
        if (isText(at, '[')) brackets++;
        else if (isText(at, ']')) brackets--;
        else if (isText(at, ':') && brackets === 0) change('port', 1);
        else changeBehind('hostname');
        break;
      case 'port':
      case 'pathname':
      case 'search':
      case 'hash':
        changeBehind(state as 'port' | 'pathname' | 'search' | 'hash');
        break;
    }
  }
  if (result.hostname !== undefined && result.port === undefined) result.port = '';
  return result;
}

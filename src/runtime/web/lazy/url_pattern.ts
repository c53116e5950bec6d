// URLPattern, URL Pattern Standard.
import {
  ObjectDefineProperty,
  RegExp,
  RegExpPrototypeExec,
  StringPrototypeStartsWith,
  TypeError,
} from '../primordials.ts';
import { URL } from '../url.ts';
import { defineInterface, isObject, toDictionary, toUSVString } from '../webidl.ts';
import {
  canonicalDomain,
  canonicalHash,
  canonicalIpv6,
  canonicalOpaqueHost,
  canonicalOpaquePathname,
  canonicalPassword,
  canonicalPathname,
  canonicalPort,
  canonicalProtocol,
  canonicalSearch,
  canonicalUsername,
  defaultPort,
  eachSpecialScheme,
  isSpecial,
} from './url_pattern/canonical.ts';
import {
  type ComponentName,
  componentNames,
  componentOfUrl,
  type Init,
  parseConstructorString,
  processInit,
  toInit,
} from './url_pattern/init.ts';
import {
  type Part,
  parsePattern,
  type Separators,
  toPatternString,
  toRegExpSource,
} from './url_pattern/parts.ts';

const plain: Separators = { delimiter: '', prefix: '' };
const ofHostname: Separators = { delimiter: '.', prefix: '' };
const ofPathname: Separators = { delimiter: '/', prefix: '/' };

interface Component {
  readonly pattern: string;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly hasRegExpGroups: boolean;
}

type Components = Record<ComponentName, Component>;

interface Match {
  input: string;
  groups: Record<string, string | undefined>;
}

interface Result extends Record<ComponentName, Match> {
  inputs: unknown[];
}

function compile(
  input: string,
  canonical: (text: string) => string,
  separators: Separators,
  ignoreCase: boolean,
): Component {
  const parts = parsePattern(input, canonical, separators);
  const { source, names } = toRegExpSource(parts, separators);
  let expression: RegExp;
  try {
    expression = new RegExp(source, ignoreCase ? 'vi' : 'v');
  } catch {
    throw new TypeError(`URLPattern: "${input}" has a regular expression that is not valid`);
  }
  let hasRegExpGroups = false;
  for (let i = 0; i < parts.length; i++)
    if ((parts[i] as Part).type === 'regexp') hasRegExpGroups = true;
  return { pattern: toPatternString(parts, separators), expression, names, hasRegExpGroups };
}

function compileProtocol(pattern: string): Component {
  return compile(pattern, canonicalProtocol, plain, false);
}

function matchesSpecialScheme({ expression }: Component): boolean {
  return eachSpecialScheme((scheme) => RegExpPrototypeExec(expression, scheme) !== null);
}

function isIpv6(hostname: string): boolean {
  return (
    hostname.length > 1 &&
    (hostname[0] === '[' ||
      StringPrototypeStartsWith(hostname, '{[') ||
      StringPrototypeStartsWith(hostname, '\\['))
  );
}

// "Create a URL pattern", from what its parts are to be.
function compileAll(init: Init, ignoreCase: boolean): Components {
  const parts = processInit(init, true);
  for (let i = 0; i < componentNames.length; i++) parts[componentNames[i] as ComponentName] ??= '*';
  const given = parts as Record<ComponentName, string>;
  if (isSpecial(given.protocol) && given.port === defaultPort(given.protocol)) given.port = '';
  const protocol = compileProtocol(given.protocol);
  const special = matchesSpecialScheme(protocol);
  let canonicalHost = special ? canonicalDomain : canonicalOpaqueHost;
  if (isIpv6(given.hostname)) canonicalHost = canonicalIpv6;
  return {
    protocol,
    username: compile(given.username, canonicalUsername, plain, false),
    password: compile(given.password, canonicalPassword, plain, false),
    hostname: compile(given.hostname, canonicalHost, ofHostname, false),
    port: compile(given.port, canonicalPort, plain, false),
    pathname: special
      ? compile(given.pathname, canonicalPathname, ofPathname, ignoreCase)
      : compile(given.pathname, canonicalOpaquePathname, plain, ignoreCase),
    search: compile(given.search, canonicalSearch, plain, ignoreCase),
    hash: compile(given.hash, canonicalHash, plain, ignoreCase),
  };
}

function fromText(pattern: string, base: string | undefined): Init {
  const init = parseConstructorString(pattern, (protocol) =>
    matchesSpecialScheme(compileProtocol(protocol)),
  );
  if (base !== undefined) init.baseURL = base;
  else if (init.protocol === undefined)
    throw new TypeError(
      `URLPattern: "${pattern}" has no protocol; give a base URL as the second argument`,
    );
  return init;
}

function isText(input: unknown): boolean {
  return !isObject(input) && input !== undefined && input !== null;
}

// The parts of what is matched; null: it is no URL.
function partsOf(input: unknown, base: string | undefined): Record<ComponentName, string> | null {
  if (!isText(input)) {
    const init = toInit(input);
    if (base !== undefined)
      throw new TypeError('URLPattern: a base URL goes with text only; use the key baseURL');
    try {
      return processInit(init, false) as Record<ComponentName, string>;
    } catch {
      return null;
    }
  }
  const url = URL.parse(input, base);
  if (url === null) return null;
  const parts = { __proto__: null } as unknown as Record<ComponentName, string>;
  for (let i = 0; i < componentNames.length; i++) {
    const name = componentNames[i] as ComponentName;
    parts[name] = componentOfUrl(url, name);
  }
  return parts;
}

function define(target: object, name: string, value: unknown): void {
  ObjectDefineProperty(target, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

export class URLPattern {
  readonly #components: Components;

  constructor(input: unknown = undefined, base: unknown = undefined, options: unknown = undefined) {
    const count = arguments.length;
    // Overloads: (input, base, options) and (input, options).
    const hasBase = isText(base) || count > 2;
    const settings = toDictionary<{ ignoreCase: unknown }>(hasBase ? options : base, 'URLPattern');
    const baseUrl = hasBase ? toUSVString(base) : undefined;
    let init: Init;
    if (isText(input)) init = fromText(toUSVString(input), baseUrl);
    else {
      init = toInit(input);
      if (baseUrl !== undefined)
        throw new TypeError('URLPattern: a base URL goes with text only; use the key baseURL');
    }
    this.#components = compileAll(init, Boolean(settings.ignoreCase));
  }

  test(input: unknown = undefined, base: unknown = undefined): boolean {
    return this.#match(input, base) !== null;
  }

  exec(input: unknown = undefined, base: unknown = undefined): Result | null {
    return this.#match(input, base);
  }

  #match(input: unknown, base: unknown): Result | null {
    const text = isText(input) ? toUSVString(input) : input;
    const baseUrl = base === undefined ? undefined : toUSVString(base);
    const parts = partsOf(text, baseUrl);
    if (parts === null) return null;
    const result = { inputs: baseUrl === undefined ? [text] : [text, baseUrl] } as Result;
    for (let i = 0; i < componentNames.length; i++) {
      const name = componentNames[i] as ComponentName;
      const { expression, names } = this.#components[name];
      const found = RegExpPrototypeExec(expression, parts[name]);
      if (found === null) return null;
      const groups = {};
      for (let group = 0; group < names.length; group++)
        define(groups, names[group] as string, found[group + 1]);
      define(result, name, { input: parts[name], groups });
    }
    return result;
  }

  get protocol(): string {
    return this.#components.protocol.pattern;
  }
  get username(): string {
    return this.#components.username.pattern;
  }
  get password(): string {
    return this.#components.password.pattern;
  }
  get hostname(): string {
    return this.#components.hostname.pattern;
  }
  get port(): string {
    return this.#components.port.pattern;
  }
  get pathname(): string {
    return this.#components.pathname.pattern;
  }
  get search(): string {
    return this.#components.search.pattern;
  }
  get hash(): string {
    return this.#components.hash.pattern;
  }
  get hasRegExpGroups(): boolean {
    for (let i = 0; i < componentNames.length; i++)
      if (this.#components[componentNames[i] as ComponentName].hasRegExpGroups) return true;
    return false;
  }
}
defineInterface(URLPattern, 'URLPattern');

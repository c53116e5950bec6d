// The binding `url`. A parsed URL is its href and where its components lie, which
// the native parser leaves in `scratch` in the order that Node's library expects.
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';

// Characters of a path that mean something in a URL (Node's documentation,
// "url.pathToFileURL()").
const special: Readonly<Record<string, string>> = {
  '%': '%25',
  '\\': '%5C',
  '\n': '%0A',
  '\r': '%0D',
  '\t': '%09',
  '?': '%3F',
  '#': '%23',
};

// The host as a URL has it; empty for what is none.
export function hostOf(domain: string): string {
  const href = native.urlParse(`ws://${domain}`, undefined);
  if (href === null) return '';
  const start = native.scratch[2] as number;
  const end = native.scratch[3] as number;
  return href.slice(href[start] === '@' ? start + 1 : start, end);
}

export function urlBinding({ require }: Realm): object {
  const urlComponents = new Uint32Array(9);

  function keep(href: string | null): string | null {
    if (href !== null) for (let i = 0; i < 9; i++) urlComponents[i] = native.scratch[i] as number;
    return href;
  }

  function parse(input: string, base: string | undefined, raise: boolean): string | undefined {
    const href = keep(native.urlParse(input, base));
    if (href !== null) return href;
    if (!raise) return undefined;
    const { ERR_INVALID_URL } = require('internal/errors').codes;
    throw base === undefined ? new ERR_INVALID_URL(input) : new ERR_INVALID_URL(input, base);
  }

  return {
    urlComponents,
    parse,
    canParse: (input: string, base?: string) => native.urlParse(input, base) !== null,
    getOrigin: (href: string) => native.urlOrigin(href),
    update(href: string, part: number, value: string): string | false {
      return keep(native.urlSet(href, part, value)) ?? false;
    },
    pathToFileURL(path: string, windows: boolean, hostname?: string): string | undefined {
      const pattern = windows ? /[%\n\r\t?#]/g : /[%\\\n\r\t?#]/g;
      const escaped = path.replace(pattern, (found) => special[found] as string);
      return parse(`file://${hostname ?? ''}${escaped}`, undefined, true);
    },
    domainToASCII: hostOf,
    domainToUnicode: (domain: string) => require('punycode').toUnicode(hostOf(domain)),
    format(href: string, fragment: boolean, unicode: boolean, search: boolean, auth: boolean) {
      const made: Loose = new (globalObject.URL as Loose)(href);
      if (!fragment) made.hash = '';
      if (!search) made.search = '';
      if (!auth) {
        made.username = '';
        made.password = '';
      }
      if (!unicode) return made.href;
      return made.href.replace(made.hostname, require('punycode').toUnicode(made.hostname));
    },
  };
}

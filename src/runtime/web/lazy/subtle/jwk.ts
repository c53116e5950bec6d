// JSON Web Key, RFC 7517, and JsonWebKey of §15.
import { parseJson } from '../../json_methods.ts';
import {
  ArrayPrototypeJoin,
  ObjectDefineProperty,
  ObjectSetPrototypeOf,
} from '../../primordials.ts';
import { isObject } from '../../webidl.ts';
import { dataError } from './errors.ts';
import type { KeyState } from './key.ts';
import { eachString, type Usages, usageNames } from './usages.ts';

const texts = ['alg', 'crv', 'd', 'dp', 'dq', 'e', 'k', 'kty', 'n', 'p', 'q', 'qi'] as const;
const lastTexts = ['use', 'x', 'y'] as const;
type TextMember = (typeof texts)[number] | (typeof lastTexts)[number];

export type Jwk = { [Name in TextMember]?: string } & {
  ext?: boolean;
  key_ops?: string[];
  oth?: true; // there, whatever it holds
};

// The dictionary that script gave, without what its prototypes may be given later.
export function toJwk(value: object): Jwk {
  const given = value as Record<string, unknown>;
  const jwk: Jwk = { __proto__: null } as Jwk;
  const read = (name: TextMember) => {
    const member = given[name];
    if (member !== undefined) jwk[name] = `${member}`;
  };
  for (let i = 0; i < texts.length; i++) {
    if (texts[i] === 'k') {
      const ext = given.ext;
      if (ext !== undefined) jwk.ext = !!ext;
    }
    read(texts[i] as TextMember);
    if (texts[i] === 'k') {
      const operations = given.key_ops;
      if (operations !== undefined) {
        const list: string[] = [];
        eachString(operations, 'key_ops of the JWK', (item) => {
          list[list.length] = item;
        });
        jwk.key_ops = list;
      }
    }
    if (texts[i] === 'n' && given.oth !== undefined) jwk.oth = true;
  }
  for (let i = 0; i < lastTexts.length; i++) read(lastTexts[i] as TextMember);
  return jwk;
}

// §14.3.12, "parse a JWK".
export function parseJwk(bytes: ArrayBuffer): Jwk {
  let parsed: unknown;
  try {
    parsed = parseJson(native.utf8Decode(bytes, true, false));
  } catch {
    throw dataError('The unwrapped bytes are not JSON');
  }
  if (!isObject(parsed)) throw dataError('The unwrapped JSON is not a JWK');
  ObjectSetPrototypeOf(parsed, null);
  return toJwk(parsed);
}

// What every import of a JWK asks for.
export function checkJwk(
  jwk: Jwk,
  kty: string,
  use: 'sig' | 'enc',
  extractable: boolean,
  usages: Usages,
): void {
  if (jwk.kty !== kty) throw dataError(`kty of the JWK is "${jwk.kty}", not "${kty}"`);
  if (usages !== 0 && jwk.use !== undefined && jwk.use !== use)
    throw dataError(`use of the JWK is "${jwk.use}", not "${use}"`);
  if (jwk.key_ops !== undefined) checkOperations(jwk.key_ops, usages);
  if (jwk.ext === false && extractable) throw dataError('The JWK is not extractable');
}

// RFC 7517 §4.3: none may be there twice.
function checkOperations(operations: readonly string[], usages: Usages): void {
  const found = { __proto__: null } as unknown as Record<string, boolean>;
  for (let i = 0; i < operations.length; i++) {
    const operation = operations[i] as string;
    if (found[operation]) throw dataError(`key_ops of the JWK has "${operation}" twice`);
    found[operation] = true;
  }
  const wanted = usageNames(usages);
  for (let i = 0; i < wanted.length; i++)
    if (!found[wanted[i] as string])
      throw dataError(`key_ops of the JWK does not have "${wanted[i]}"`);
}

export function checkAlg(jwk: Jwk, alg: string | undefined): void {
  if (jwk.alg !== undefined && jwk.alg !== alg)
    throw dataError(`alg of the JWK is "${jwk.alg}", not "${alg}"`);
}

export function requireMember(jwk: Jwk, name: TextMember): string {
  const member = jwk[name];
  if (member === undefined) throw dataError(`The JWK has no "${name}"`);
  return member;
}

// A JWK that goes out: [name, value, …]. Texts are in base64url or names of the
// standard, so that JSON has nothing to escape.
export class JwkMembers {
  readonly #members: (string | boolean | readonly string[])[] = [];

  constructor(key: KeyState, kty: string) {
    this.add('kty', kty);
    this.#push('key_ops', usageNames(key.usages));
    this.#push('ext', key.extractable);
  }

  add(name: TextMember, value: string): this {
    this.#push(name, value);
    return this;
  }

  #push(name: string, value: string | boolean | readonly string[]): void {
    this.#members[this.#members.length] = name;
    this.#members[this.#members.length] = value;
  }

  toObject(): object {
    const jwk = {};
    for (let i = 0; i < this.#members.length; i += 2)
      ObjectDefineProperty(
        jwk,
        this.#members[i] as string,
        {
          __proto__: null,
          value: this.#members[i + 1],
          writable: true,
          enumerable: true,
          configurable: true,
        } as PropertyDescriptor,
      );
    return jwk;
  }

  // As JSON.stringify would in a realm that nobody has touched.
  toText(): string {
    let text = '';
    for (let i = 0; i < this.#members.length; i += 2) {
      const value = this.#members[i + 1];
      const json =
        typeof value === 'boolean'
          ? `${value}`
          : typeof value === 'string'
            ? `"${value}"`
            : listText(value as readonly string[]);
      text += `${text === '' ? '' : ','}"${this.#members[i]}":${json}`;
    }
    return `{${text}}`;
  }
}

function listText(list: readonly string[]): string {
  return list.length === 0 ? '[]' : `["${ArrayPrototypeJoin(list, '","')}"]`;
}

// Names of algorithms, Web Cryptography §18.4 ("normalize an algorithm").
import { DOMException } from '../../dom_exception.ts';
import { StringPrototypeToUpperCase, TypeError } from '../../primordials.ts';
import { isObject } from '../../webidl.ts';

// The `name` of an AlgorithmIdentifier, in upper case.
export function algorithmName(algorithm: unknown): string {
  const name = isObject(algorithm) ? (algorithm as { name?: unknown }).name : algorithm;
  if (name === undefined) throw new TypeError('The algorithm has no name');
  return StringPrototypeToUpperCase(`${name}`);
}

export function notSupported(what: string): DOMException {
  return new DOMException(`${what} is not supported`, 'NotSupportedError');
}

const digests: Readonly<Record<string, { block: number } | undefined>> = {
  __proto__: null as never,
  MD5: { block: 64 }, // as in Workers: for old protocols
  'SHA-1': { block: 64 },
  'SHA-256': { block: 64 },
  'SHA-384': { block: 128 },
  'SHA-512': { block: 128 },
};

export function digestName(algorithm: unknown): string {
  const name = algorithmName(algorithm);
  if (digests[name] === undefined) throw notSupported(`Digest "${name}"`);
  return name;
}

// In bytes. Requires: a name from digestName().
export function blockLength(digest: string): number {
  return digests[digest]?.block as number;
}

// The digests, by the name of an AlgorithmIdentifier (§18.4, "normalize an
// algorithm").
import { DOMException } from '../../dom_exception.ts';
import { StringPrototypeToUpperCase, TypeError } from '../../primordials.ts';
import { isObject } from '../../webidl.ts';

// No algorithm has a longer one. To read half a gigabyte takes seconds that no CPU
// limit cuts short.
const kLongestName = 64;

function upperCaseName(name: string): string {
  if (name.length > kLongestName)
    throw new DOMException(
      `Unrecognized algorithm name: one of ${name.length} characters`,
      'NotSupportedError',
    );
  return StringPrototypeToUpperCase(name);
}

// The name in upper case. Throws a NotSupportedError for one that is too long to
// be any.
export function algorithmName(algorithm: unknown): string {
  if (!isObject(algorithm)) return upperCaseName(`${algorithm}`);
  const { name } = algorithm as { name?: unknown };
  if (name === undefined) throw new TypeError('The algorithm has no name');
  return upperCaseName(`${name}`);
}

// By name, the bytes of a block.
const blocks: Readonly<Record<string, number | undefined>> = {
  __proto__: null as never,
  MD5: 64, // as in Workers: for old protocols
  'SHA-1': 64,
  'SHA-256': 64,
  'SHA-384': 128,
  'SHA-512': 128,
};

export function digestName(algorithm: unknown): string {
  const name = algorithmName(algorithm);
  if (blocks[name] === undefined)
    throw new DOMException(
      `Unrecognized algorithm name: "${name}" is no digest`,
      'NotSupportedError',
    );
  return name;
}

// Requires: a name from digestName().
export function blockLength(digest: string): number {
  return blocks[digest] as number;
}

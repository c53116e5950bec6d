// The member `hash` of an algorithm's parameters.
import { TypeError } from '../../primordials.ts';
import type { Given } from './algorithm.ts';
import { digestName } from './digests.ts';
import { notSupported } from './errors.ts';

export function toHash(given: Given, what: string): string {
  const { hash } = given;
  if (hash === undefined) throw new TypeError(`${what}: the algorithm has no "hash"`);
  const name = digestName(hash);
  if (name === 'MD5') throw notSupported(`${what} with MD5 is not supported`);
  return name;
}

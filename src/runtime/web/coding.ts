// Content-Encoding (RFC 9110 §8.4), as Workers have it. A body that a fetch brought
// stays as it came while it is only passed on, to a client that accepts the coding;
// what is read of it is decoded. An answer whose headers name a coding leaves it to the platform to encode, unless
// the body is encoded already, and then the platform sends it plain: less work for
// the same meaning. Codings other than these two are the Worker's own affair.
import type { HeaderList } from './headers.ts';
import { RegExpPrototypeExec, StringPrototypeToLowerCase } from './primordials.ts';

export type Coding = 'br' | 'gzip';

export const kAcceptEncoding = 'br, gzip';

const known = /^(?:br|gzip)$/i;

export function codingOf(list: HeaderList): Coding | null {
  const value = list.get('content-encoding');
  if (value === null || RegExpPrototypeExec(known, value) === null) return null;
  return StringPrototypeToLowerCase(value) as Coding;
}

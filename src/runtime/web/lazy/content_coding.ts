// What arrives encoded, decoded while it is read: a piece at a time, and only when
// the reader asks, so that a small body which stands for a huge one costs its
// reader what it takes and no more.
import type { Coding } from '../coding.ts';
import type { HeaderList } from '../headers.ts';
import { inner } from '../inner_promises.ts';
import { RegExpPrototypeExec } from '../primordials.ts';

// A client's text meets these: no blank may be matched in two ways, or a long run of
// blanks would take quadratic time.
const gzip = /(?:^|,)[ \t]*(?:x-)?gzip[ \t]*(?:,|$|;(?![ \t]*q=0(?:\.0*)?[ \t]*(?:,|$)))/i;
const br = /(?:^|,)[ \t]*br[ \t]*(?:,|$|;(?![ \t]*q=0(?:\.0*)?[ \t]*(?:,|$)))/i;

// Whether the client of an invocation names the coding in Accept-Encoding (RFC 9110
// §12.5.3). One that names none is taken to know none, since such are most that
// send no such header.
export function isAccepted(inv: number, coding: Coding): boolean {
  const headers = native.requestHeaders(inv);
  const pattern = coding === 'gzip' ? gzip : br;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== 'accept-encoding') continue;
    if (RegExpPrototypeExec(pattern, headers[i + 1] as string) !== null) return true;
  }
  return false;
}

const varies = /(?:^|,)[ \t]*(?:accept-encoding|\*)[ \t]*(?:,|$)/i;

// Says in the headers of an answer that it was decoded since its client does not accept
// the coding (RFC 9110 §12.5.5): a cache must not give it to all.
export function addVary(list: HeaderList): void {
  if (RegExpPrototypeExec(varies, list.get('vary') ?? '') === null)
    list.append('vary', 'Accept-Encoding');
}

// As native.bodyRead, which it asks for the encoded bytes.
export function decodedPieces(handle: number, coding: Coding): () => Promise<ArrayBuffer | null> {
  const decompressor = native.decompressorNew(coding, false);
  let arrived = false;
  return async () => {
    try {
      for (;;) {
        const piece = decompressor.pull();
        if (piece !== null) return piece;
        if (arrived) {
          decompressor.finish();
          return null;
        }
        const encoded = await inner(native.bodyRead(handle));
        if (encoded === null) arrived = true;
        else decompressor.push(encoded);
      }
    } catch (error) {
      native.bodyCancel(handle);
      throw error;
    }
  };
}

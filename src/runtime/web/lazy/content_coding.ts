// What arrives encoded, decoded while it is read: a piece at a time, and only when
// the reader asks, so that a small body which stands for a huge one costs its
// reader what it takes and no more.
import type { Coding } from '../coding.ts';

// As native.bodyRead, which it asks for the encoded bytes.
export function decodedPieces(handle: number, coding: Coding): () => Promise<ArrayBuffer | null> {
  const decompressor = native.decompressorNew(coding);
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
        const encoded = await native.bodyRead(handle);
        if (encoded === null) arrived = true;
        else decompressor.push(encoded);
      }
    } catch (error) {
      native.bodyCancel(handle);
      throw error;
    }
  };
}

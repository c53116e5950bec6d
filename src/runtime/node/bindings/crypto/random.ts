// Randomness, primes and timingSafeEqual() of the binding `crypto`.
import type { Bytes, Tools } from './tools.ts';

export function random(tools: Tools): object {
  const { isPrime, primeNew, randomFill, timingSafeEqual } = tools.native;

  const { Uint8Array } = tools.primordials;

  function checkBuffer(value: unknown, name: string): void {
    if (tools.isMemory(value)) return;
    const types = 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView.';
    const message = `The "${name}" argument must be ${types}`;
    throw tools.coded(TypeError, 'ERR_INVALID_ARG_TYPE', message);
  }

  return {
    RandomBytesJob: tools.job('RandomBytesJob', (out: Bytes, offset: number, size: number) =>
      // Shared memory is filled where it is, through a view.
      randomFill(offset, size, tools.isShared(out) ? new Uint8Array(out) : out),
    ),
    RandomPrimeJob: tools.job(
      'RandomPrimeJob',
      (bits: number, safe: boolean, add?: Bytes, rem?: Bytes) => primeNew(bits, safe, add, rem),
    ),
    CheckPrimeJob: tools.job('CheckPrimeJob', (candidate: Bytes, checks: number) =>
      isPrime(checks, tools.unshared(candidate)),
    ),
    timingSafeEqual(a: Bytes, b: Bytes): boolean {
      checkBuffer(a, 'buf1');
      checkBuffer(b, 'buf2');
      if (a.byteLength !== b.byteLength)
        throw tools.coded(
          RangeError,
          'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH',
          'Input buffers must have the same byte length',
        );
      return timingSafeEqual(tools.unshared(a), tools.unshared(b));
    },
  };
}

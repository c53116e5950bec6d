import { describe, expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

const worker = new Worker();
const hex = `const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, '0')).join('');
  const bytes = (text) => new TextEncoder().encode(text);`;

test.each([
  ['MD5', '900150983cd24fb0d6963f7d28e17f72'],
  ['sha-1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['SHA-256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
])('digest %s of "abc"', async (name, expected) => {
  expect(
    await worker.eval(`${hex} return hex(await crypto.subtle.digest('${name}', bytes('abc')))`),
  ).toBe(expected);
});

describe('HMAC', () => {
  // RFC 4231, test case 2.
  test('signs and verifies', async () => {
    const got = await worker.eval(`${hex}
      const algorithm = { name: 'HMAC', hash: 'SHA-256' };
      const key = await crypto.subtle.importKey('raw', bytes('Jefe'), algorithm, false, ['sign', 'verify']);
      const signature = await crypto.subtle.sign('HMAC', key, bytes('what do ya want for nothing?'));
      const verify = (given) => crypto.subtle.verify('HMAC', key, given, bytes('what do ya want for nothing?'));
      return [hex(signature), await verify(signature), await verify(bytes('short'))];`);
    expect(got).toEqual([
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      true,
      false,
    ]);
  });

  test('keys go out as JWK and come in again', async () => {
    const got = await worker.eval(`${hex}
      const algorithm = { name: 'HMAC', hash: { name: 'SHA-512' } };
      const key = await crypto.subtle.generateKey(algorithm, true, ['sign']);
      const jwk = await crypto.subtle.exportKey('jwk', key);
      const again = await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['sign']);
      const raw = async (key) => hex(await crypto.subtle.exportKey('raw', key));
      return [jwk.alg, jwk.kty, key.algorithm.length, await raw(key) === await raw(again), key.type, key.usages];`);
    expect(got).toEqual(['HS512', 'oct', 1024, true, 'secret', ['sign']]);
  });

  test.each([
    [
      `importKey('raw', new Uint8Array(1), { name: 'HMAC', hash: 'SHA-256' }, true, [])`,
      'SyntaxError',
    ],
    [
      `importKey('raw', new Uint8Array(1), { name: 'HMAC', hash: 'SHA-256' }, true, ['encrypt'])`,
      'SyntaxError',
    ],
    [
      `importKey('raw', new Uint8Array(0), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])`,
      'DataError',
    ],
    [
      `importKey('spki', new Uint8Array(1), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])`,
      'NotSupportedError',
    ],
    [
      `importKey('jwk', { kty: 'RSA' }, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])`,
      'DataError',
    ],
    [`generateKey('ECDSA', true, ['sign'])`, 'NotSupportedError: generateKey with "ECDSA"'],
    [`encrypt()`, 'NotSupportedError: crypto.subtle.encrypt is not part of this version'],
    [`digest('SHA-3', new Uint8Array(1))`, 'NotSupportedError: Digest "SHA-3"'],
    [`digest('SHA-1', 'text')`, 'TypeError'],
  ])('%s is refused', async (call, message) => {
    expect(await worker.eval(`return crypto.subtle.${call}`)).toContain(message);
  });

  test('a key is good for its usages only, and stays inside when not extractable', async () => {
    const got = await worker.eval(`
      const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-1' }, false, ['verify']);
      const name = (promise) => promise.then(() => 'done', (error) => error.name);
      return [await name(crypto.subtle.sign('HMAC', key, new Uint8Array(1))),
        await name(crypto.subtle.exportKey('raw', key))];`);
    expect(got).toEqual(['InvalidAccessError', 'InvalidAccessError']);
  });
});

test('random values fill integers, up to 65536 bytes', async () => {
  const got = await worker.eval(`
    const name = (run) => { try { return run() } catch (error) { return error.name } };
    const array = new Uint32Array(64);
    return [crypto.getRandomValues(array) === array, array.some((n) => n !== 0),
      name(() => crypto.getRandomValues(new Float32Array(1))),
      name(() => crypto.getRandomValues(new Uint8Array(65537))),
      /^[0-9a-f-]{36}$/.test(crypto.randomUUID())];`);
  expect(got).toEqual([true, true, 'TypeMismatchError', 'QuotaExceededError', true]);
});

test('timingSafeEqual compares buffers of one length', async () => {
  const got = await worker.eval(`
    const a = new Uint8Array([1, 2]);
    let message;
    try { crypto.subtle.timingSafeEqual(a, new Uint8Array(3)) } catch (error) { message = error.message }
    return [crypto.subtle.timingSafeEqual(a, a.slice()), crypto.subtle.timingSafeEqual(a, new Uint8Array(2)), message];`);
  expect(got).toEqual([true, false, 'timingSafeEqual: the two buffers differ in length']);
});

test('random values are refused in the global scope', () => {
  const other = new Worker();
  expect(() => other.start(`{ default: {}, id: crypto.randomUUID() }`)).toThrow(
    'Disallowed operation called within global scope',
  );
});

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

test.each([
  [`digest('SHA-3', new Uint8Array(1))`, 'NotSupportedError: Unrecognized algorithm name: "SHA-3"'],
  [
    `digest('x'.repeat(1e6), new Uint8Array(1))`,
    'NotSupportedError: Unrecognized algorithm name: one of 1000000 characters',
  ],
  [`digest('SHA-1', 'text')`, 'TypeError'],
  [`encrypt()`, 'TypeError: crypto.subtle.encrypt: 3 arguments required, 0 given'],
])('%s is refused', async (call, message) => {
  expect(await worker.eval(`return crypto.subtle.${call}`)).toContain(message);
});

test('what needs no key loads nothing of keys', async () => {
  await worker.eval(`crypto.randomUUID(); await crypto.subtle.digest('MD5', new Uint8Array(1))`);
  expect(worker.native.loaded).not.toContain('subtle');
});

describe('DigestStream', () => {
  test('digests what is written, bytes and text', async () => {
    const got = await worker.eval(`${hex}
      const stream = new crypto.DigestStream({ name: 'SHA-256' });
      const writer = stream.getWriter();
      await writer.write(bytes('a'));
      await writer.write('b');
      await writer.write(new DataView(bytes('xcx').buffer, 1, 1));
      await writer.close();
      return [hex(await stream.digest), stream.bytesWritten, stream instanceof WritableStream];`);
    expect(got).toEqual([
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      3,
      true,
    ]);
  });

  test('a stream of a body goes into it', async () => {
    const got = await worker.eval(`${hex}
      const stream = new crypto.DigestStream('MD5');
      await new Response('abc').body.pipeTo(stream);
      return hex(await stream.digest);`);
    expect(got).toBe('900150983cd24fb0d6963f7d28e17f72');
  });

  test.each([
    [`await writer.abort(new Error('no more'))`, 'no more'],
    [`await writer.write(7).catch(() => {})`, 'DigestStream: a chunk is neither bytes nor text'],
  ])('its digest fails after %s', async (action, message) => {
    const got = await worker.eval(`
      const stream = new crypto.DigestStream('SHA-1');
      const writer = stream.getWriter();
      writer.closed.catch(() => {});
      ${action};
      return stream.digest.then(() => 'done', (error) => error.message);`);
    expect(got).toBe(message);
  });

  test('an unknown digest is refused', async () => {
    expect(await worker.eval(`return new crypto.DigestStream('SHA-3')`)).toContain(
      'NotSupportedError: Unrecognized algorithm name: "SHA-3"',
    );
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

import { expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

const worker = new Worker();

test('text goes to UTF-8 and back, lone surrogates as U+FFFD', async () => {
  const got = await worker.eval(`
    const bytes = new TextEncoder().encode('aä\\ud800');
    return [[...bytes], new TextDecoder().decode(bytes)];`);
  expect(got).toEqual([[97, 195, 164, 239, 191, 189], 'aä\ufffd']);
});

test('encodeInto stops before a character that has no room', async () => {
  const got = await worker.eval(`
    const target = new Uint8Array(3);
    return [new TextEncoder().encodeInto('aää', target), [...target]];`);
  expect(got).toEqual([{ read: 2, written: 3 }, [97, 195, 164]]);
});

test('a stream of pieces is decoded across their borders', async () => {
  const got = await worker.eval(`
    const decoder = new TextDecoder('utf-16le');
    return decoder.decode(new Uint8Array([0x61]), { stream: true }) +
      decoder.decode(new Uint8Array([0x00, 0x62, 0x00])) + decoder.encoding;`);
  expect(got).toBe('abutf-16le');
});

test('a fatal decoder throws, and is fresh afterwards', async () => {
  const got = await worker.eval(`
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let name;
    try { decoder.decode(new Uint8Array([0xc3]), { stream: true }); decoder.decode() }
    catch (error) { name = error.name }
    return [name, decoder.decode(new Uint8Array([0x61]))];`);
  expect(got).toEqual(['TypeError', 'a']);
});

test('labels that are none are refused by name', async () => {
  expect(await worker.eval(`return new TextDecoder('klingon')`)).toBe(
    'RangeError: TextDecoder: "klingon" is not the label of an encoding',
  );
  expect(await worker.eval(`return new TextDecoder('x'.repeat(1e6))`)).toBe(
    'RangeError: TextDecoder: one of 1000000 characters is not the label of an encoding',
  );
});

test('atob and btoa refuse what they cannot do', async () => {
  const got = await worker.eval(`
    const name = (run) => { try { return run() } catch (error) { return error.name } };
    return [btoa('\\xff'), atob(' /w= = ') === '\\xff', name(() => btoa('\\u0100')), name(() => atob('a'))];`);
  expect(got).toEqual(['/w==', true, 'InvalidCharacterError', 'InvalidCharacterError']);
});

test('TextEncoderStream joins surrogates that were cut apart', async () => {
  const got = await worker.eval(`
    const source = new ReadableStream({
      start(controller) { for (const text of ['\\ud83d', '\\ude00', 'x\\ud800']) controller.enqueue(text); controller.close() },
    });
    return new Response(source.pipeThrough(new TextEncoderStream())).text();`);
  expect(got).toBe('😀x\ufffd');
});

test('TextDecoderStream decodes across chunks, and is strict at the end', async () => {
  const got = await worker.eval(`
    const bytes = (...chunks) => new ReadableStream({
      start(controller) { for (const chunk of chunks) controller.enqueue(new Uint8Array(chunk)); controller.close() },
    });
    const read = async (stream) => { let text = ''; for await (const part of stream) text += part; return text };
    const whole = await read(bytes([0xc3], [0xa4]).pipeThrough(new TextDecoderStream()));
    const cut = await read(bytes([0xc3]).pipeThrough(new TextDecoderStream('utf-8', { fatal: true })))
      .catch((error) => error.name);
    return [whole, cut];`);
  expect(got).toEqual(['ä', 'TypeError']);
});

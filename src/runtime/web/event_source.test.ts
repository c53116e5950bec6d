import { beforeEach, describe, expect, test } from 'vitest';
import { settled, Worker } from './testing/realm.ts';

let worker: Worker;
beforeEach(() => {
  worker = new Worker();
});

/** What a listener hears of a stream that is given in these pieces. */
async function heard(pieces: readonly string[], types = ['message']): Promise<unknown> {
  return worker.eval(`
    const pieces = ${JSON.stringify(pieces)};
    const stream = new ReadableStream({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(Uint8Array.from(piece, (c) => c.charCodeAt(0)));
      },
    });
    const source = EventSource.from(stream);
    const heard = [];
    for (const type of ${JSON.stringify(types)})
      source.addEventListener(type, (e) => heard.push([e.type, e.data, e.lastEventId]));
    await new Promise((resolve) => { source.onerror = resolve; });
    return heard;`);
}

describe('HTML §9.2.6, interpreting a stream', () => {
  const cases: [string, string[], unknown[]][] = [
    ['an event is what stands before an empty line', ['data: a\n\n'], [['message', 'a', '']]],
    ['lines of data are joined', ['data: a\ndata: b\n\n'], [['message', 'a\nb', '']]],
    [
      'one space behind the colon is dropped',
      ['data:  a\n\ndata:b\n\n'],
      [
        ['message', ' a', ''],
        ['message', 'b', ''],
      ],
    ],
    [
      'a field without a colon is empty',
      ['data\n\ndata\ndata\n\n'],
      [
        ['message', '', ''],
        ['message', '\n', ''],
      ],
    ],
    [
      'comments and unknown fields are passed over',
      [': hi\nx: y\ndata: a\n\n'],
      [['message', 'a', '']],
    ],
    [
      'CR, LF and CRLF end lines',
      ['data: a\r\rdata: b\r\n\r\ndata: c\n\n'],
      [
        ['message', 'a', ''],
        ['message', 'b', ''],
        ['message', 'c', ''],
      ],
    ],
    ['a CRLF may be cut', ['data: a\r', '\ndata: b\r', '\n\r', '\n'], [['message', 'a\nb', '']]],
    [
      'an id stays until another comes',
      ['id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n'],
      [
        ['message', 'a', '1'],
        ['message', 'b', '1'],
        ['message', 'c', ''],
      ],
    ],
    ['an id with U+0000 is passed over', ['id: 1\0\ndata: a\n\n'], [['message', 'a', '']]],
    [
      'an id without data counts for what follows',
      ['id: 7\n\ndata: a\n\n'],
      [['message', 'a', '7']],
    ],
    ['an event that the end cuts off is dropped', ['data: a\n\ndata: b\n'], [['message', 'a', '']]],
    ['a byte order mark is dropped', ['\xef\xbb\xbfdata: a\n\n'], [['message', 'a', '']]],
    ['a character may be cut', ['data: \xe2\x82', '\xac\n\n'], [['message', '€', '']]],
    [
      'names of events are theirs alone',
      ['event: x\ndata: a\n\ndata: b\n\n'],
      [['message', 'b', '']],
    ],
  ];
  for (const [name, pieces, expected] of cases)
    test(name, async () => expect(await heard(pieces)).toEqual(expected));

  // Were a line searched or copied anew with each of its pieces, these would be
  // 10¹¹ characters: the test would not end.
  test('a line may come in very many pieces', async () => {
    expect(
      await worker.eval(`
        const letter = Uint8Array.of(97);
        let left = 400_000;
        const stream = new ReadableStream({
          pull(controller) {
            if (left === 400_000) controller.enqueue(new TextEncoder().encode('data:'));
            if (left-- > 0) return controller.enqueue(letter);
            controller.enqueue(Uint8Array.of(10, 10));
            controller.close();
          },
        });
        const source = EventSource.from(stream);
        let size = 0;
        source.onmessage = (e) => { size = e.data.length; };
        await new Promise((resolve) => { source.onerror = resolve; });
        return size;`),
    ).toBe(400_000);
  });

  test('an event has the type that it names', async () => {
    expect(
      await heard(['event: add\ndata: a\n\nevent: add\n\ndata: b\n\n'], ['add', 'message']),
    ).toEqual([
      ['add', 'a', ''],
      ['message', 'b', ''],
    ]);
  });
});

/** Answers the newest outbound request. */
async function answer(status: number, type: string, body: string[]) {
  const op = [...worker.native.outbound.keys()].at(-1) as number;
  const handle = worker.native.addBody(body, true);
  worker.answerFetch(op, status, ['content-type', type], handle);
  await settled();
}

describe('HTML §9.2.2, a connection', () => {
  const begin = async (url = 'http://origin/events') => {
    worker.eval(`
      source = new EventSource('${url}');
      log = [source.readyState];
      for (const type of ['open', 'message', 'error'])
        source['on' + type] = (e) => log.push(type, source.readyState, e.data, e.origin);`);
    await settled();
  };
  const log = () => worker.run('JSON.stringify(log.filter((x) => x !== undefined))');

  test('asks for events, tells them, and connects again when the server ends', async () => {
    await begin();
    const first = [...worker.native.outbound.values()].at(-1);
    expect(first?.headers).toEqual(expect.arrayContaining(['accept', 'text/event-stream']));
    await answer(200, 'text/event-stream;charset=utf-8', ['retry: 50\nid: é1\ndata: a\n\n']);
    expect(log()).toBe('[0,"open",1,"message",1,"a","http://origin","error",0]');
    worker.native.invocation = 1_000;
    for (const id of [...worker.native.timers.keys()]) worker.fireTimer(id);
    await settled();
    expect(worker.native.outbound.size).toBe(2);
    const second = [...worker.native.outbound.values()].at(-1);
    expect(second?.headers).toEqual(expect.arrayContaining(['last-event-id', '\xc3\xa91']));
  });

  for (const [name, status, type] of [
    ['another type', 200, 'text/plain'],
    ['another status', 204, 'text/event-stream'],
    ['an error', 500, 'text/event-stream'],
  ] as const) {
    test(`fails for good at ${name}`, async () => {
      await begin();
      await answer(status, type, ['data: a\n\n']);
      expect(log()).toBe('[0,"error",2]');
      expect(worker.native.timers.size).toBe(0);
    });
  }

  test('connects again after a failure of the network', async () => {
    await begin();
    worker.failFetch([...worker.native.outbound.keys()].at(-1) as number, 'refused');
    await settled();
    expect(log()).toBe('[0,"error",0]');
    expect(worker.native.timers.size).toBe(1);
  });

  test('is silent once it is closed', async () => {
    await begin();
    worker.run('source.close()');
    await settled();
    expect(worker.run('source.readyState')).toBe(2);
    expect([...worker.native.outbound.values()].at(-1)?.aborted).toBe(true);
    expect(log()).toBe('[0]');
  });

  test('is closed by `using` at the end of the block', async () => {
    await begin();
    expect(worker.run('{ using held = source } source.readyState')).toBe(2);
  });

  test('closed by a listener it does not connect again', async () => {
    await begin();
    worker.run('source.onmessage = () => source.close()');
    await answer(200, 'text/event-stream', ['data: a\n\ndata: b\n\n']);
    expect(worker.run('source.readyState')).toBe(2);
    expect(worker.native.timers.size).toBe(0);
  });
});

test('what a script puts on Object.prototype is no handler', async () => {
  expect(
    await worker.eval(`
      for (const name of ['open', 'message', 'error', 'close'])
        Object.prototype[name] = () => { throw new Error('was called'); };
      const stream = new ReadableStream({
        async pull(controller) {
          await null;
          controller.enqueue(new TextEncoder().encode('data: a\\n\\n'));
          controller.close();
        },
      });
      const source = EventSource.from(stream);
      const [socket] = Object.values(new WebSocketPair());
      const before = [source.onopen, socket.onopen, socket.onmessage, socket.onclose];
      let data;
      source.onmessage = (e) => { data = e.data; };
      await new Promise((resolve) => { source.onerror = resolve; });
      return [...before, data];`),
  ).toEqual([null, null, null, null, 'a']);
});

test('what is in a stream already waits for who listens next', async () => {
  expect(
    await worker.eval(`
      const stream = new ReadableStream({
        start(controller) {
          for (const piece of ['data: a\\n\\n', 'data: b\\n\\n'])
            controller.enqueue(new TextEncoder().encode(piece));
          controller.close();
        },
      });
      const source = EventSource.from(stream);
      const heard = [source.readyState, stream.locked];
      source.onopen = (e) => heard.push(e.type);
      source.onmessage = (e) => heard.push(e.data);
      await new Promise((resolve) => { source.onerror = resolve; });
      return heard;`),
  ).toEqual([0, true, 'open', 'a', 'b']);
});

test('what cannot be a source says so', async () => {
  expect(
    await worker.eval(`
      const names = [];
      const t = (f) => { try { f(); } catch (e) { names.push(e.name); } };
      t(() => new EventSource());
      t(() => new EventSource('no url'));
      t(() => EventSource('http://a/'));
      t(() => EventSource.from({}));
      const stream = new ReadableStream(); stream.getReader();
      t(() => EventSource.from(stream));
      t(() => EventSource.prototype.close.call({}));
      return names;`),
  ).toEqual(['TypeError', 'SyntaxError', 'TypeError', 'TypeError', 'TypeError', 'TypeError']);
});

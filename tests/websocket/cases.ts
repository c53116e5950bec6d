// What a server that echoes must do, by section of RFC 6455 and RFC 7692. Run against
// Caravel, and against the package ws, which shows that the cases say what the RFCs say.
import assert from 'node:assert/strict';
import { deflateRawSync, inflateRawSync, constants as zlib } from 'node:zlib';
import {
  acceptFor,
  closePayload,
  kBinary,
  kClose,
  kPing,
  kPong,
  kText,
  open,
  type RawClient,
  type Server,
  sampleKey,
  type Written,
} from './frames.ts';

export interface Case {
  /** "RFC 6455, 5.2: …" */
  readonly name: string;
  run(server: Server): Promise<void>;
}

const cases: Case[] = [];
const rfc6455 = (section: string, name: string, run: (server: Server) => Promise<void>) =>
  cases.push({ name: `RFC 6455, ${section}: ${name}`, run });
const rfc7692 = (section: string, name: string, run: (server: Server) => Promise<void>) =>
  cases.push({ name: `RFC 7692, ${section}: ${name}`, run });

/** A case on a connection that is open. */
const talk = (run: (client: RawClient) => Promise<void>) => async (server: Server) => {
  const { status, client } = await open(server);
  try {
    assert.equal(status, 101);
    await run(client);
  } finally {
    client.end();
  }
};

async function expectEcho(client: RawClient, opcode: number, payload: string | Uint8Array) {
  const message = await client.message();
  assert.equal(message?.opcode, opcode);
  assert.ok(message.payload.equals(Buffer.from(payload)), 'the echo differs');
}

/** The server gives up with that code, and then ends the connection. */
async function expectFailure(client: RawClient, code: number) {
  for (;;) {
    const frame = await client.next();
    assert.ok(frame, 'the connection ended without a Close frame');
    if (frame.opcode !== kClose) continue;
    assert.equal(frame.payload.readUInt16BE(0), code);
    break;
  }
  assert.equal(await client.next(), null);
}

const fails = (code: number, ...frames: readonly Written[]) =>
  talk(async (client) => {
    client.send(...frames);
    await expectFailure(client, code);
  });

// ---- 4: the opening handshake ----
rfc6455('4.2.2', 'the answer proves that the key was read', async (server) => {
  const { status, fields, client } = await open(server);
  client.end();
  assert.equal(status, 101);
  assert.equal(fields.get('sec-websocket-accept'), acceptFor(sampleKey));
  assert.equal(fields.get('upgrade')?.toLowerCase(), 'websocket');
  assert.equal(fields.get('connection')?.toLowerCase(), 'upgrade');
  assert.equal(fields.get('sec-websocket-extensions'), undefined);
  assert.equal(fields.get('sec-websocket-protocol'), undefined);
});
for (const [what, fields] of Object.entries({
  'without a key': { 'Sec-WebSocket-Key': null },
  'whose key is short': { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZQ==' },
  'whose key is no base64': { 'Sec-WebSocket-Key': 'not base64, but of that l' },
})) {
  rfc6455('4.2.1', `a request ${what} is refused`, async (server) => {
    const { status, client } = await open(server, { fields });
    client.end();
    assert.equal(status, 400);
  });
}
rfc6455('4.4', 'another version is refused, and the right one named', async (server) => {
  const { status, fields, client } = await open(server, {
    fields: { 'Sec-WebSocket-Version': '9' },
  });
  client.end();
  assert.ok(status === 426 || status === 400, `${status}`);
  assert.match(fields.get('sec-websocket-version') ?? '', /\b13\b/);
});
rfc6455('4.2.1', 'names and tokens compare without case', async (server) => {
  const { status, client } = await open(server, {
    fields: { Upgrade: 'WebSocket', Connection: 'keep-alive, UPGRADE' },
  });
  client.end();
  assert.equal(status, 101);
});

// ---- 5.2: framing ----
for (const size of [0, 1, 125, 126, 127, 128, 65535, 65536, 1 << 20]) {
  rfc6455(
    '5.2',
    `a text of ${size} bytes comes back`,
    talk(async (client) => {
      client.send({ opcode: kText, payload: 'x'.repeat(size) });
      await expectEcho(client, kText, 'x'.repeat(size));
    }),
  );
  rfc6455(
    '5.2',
    `binary data of ${size} bytes comes back`,
    talk(async (client) => {
      const bytes = Buffer.alloc(size, 0xfe);
      client.send({ opcode: kBinary, payload: bytes });
      await expectEcho(client, kBinary, bytes);
    }),
  );
}
rfc6455(
  '5.2',
  'a frame that arrives byte by byte comes back',
  talk(async (client) => {
    const bytes = Buffer.concat([
      Buffer.from([0x81, 0xfe, 0x00, 0x80, 0, 0, 0, 0]),
      Buffer.alloc(128, 'b'),
    ]);
    for (const byte of bytes) {
      client.raw(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expectEcho(client, kText, 'b'.repeat(128));
  }),
);
for (const rsv of [1, 2, 3, 4, 5, 6, 7]) {
  rfc6455(
    '5.2',
    `reserved bits ${rsv.toString(2).padStart(3, '0')} without an extension fail`,
    fails(1002, { opcode: kText, payload: 'a', rsv }),
  );
  rfc6455(
    '5.2',
    `reserved bits ${rsv.toString(2).padStart(3, '0')} of a ping fail`,
    fails(1002, { opcode: kPing, payload: 'a', rsv }),
  );
}
for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  rfc6455('5.2', `the reserved opcode ${opcode} fails`, fails(1002, { opcode, payload: 'a' }));
}
rfc6455(
  '5.1',
  'a frame that is not masked fails',
  fails(1002, { opcode: kText, payload: 'a', masked: false }),
);
rfc6455(
  '5.1',
  'a server masks nothing',
  talk(async (client) => {
    client.send({ opcode: kText, payload: 'a' }, { opcode: kPing, payload: 'b' });
    const frames = [await client.next(), await client.next()];
    assert.ok(frames.every((frame) => frame?.masked === false));
  }),
);

// ---- 5.4: fragments ----
rfc6455(
  '5.4',
  'a message in fragments comes back',
  talk(async (client) => {
    client.send(
      { opcode: kText, payload: 'one ', fin: false },
      { opcode: 0, payload: 'two ', fin: false },
      { opcode: 0, payload: 'three' },
    );
    await expectEcho(client, kText, 'one two three');
  }),
);
rfc6455(
  '5.4',
  'fragments may be empty',
  talk(async (client) => {
    client.send({ opcode: kBinary, fin: false }, { opcode: 0, fin: false }, { opcode: 0 });
    await expectEcho(client, kBinary, '');
  }),
);
rfc6455(
  '5.4',
  'control frames come between fragments',
  talk(async (client) => {
    client.send({ opcode: kText, payload: 'a', fin: false }, { opcode: kPing, payload: 'now' });
    const pong = await client.next();
    assert.equal(pong?.opcode, kPong);
    assert.equal(`${pong.payload}`, 'now');
    client.send({ opcode: kPong, payload: 'unasked' }, { opcode: 0, payload: 'b' });
    await expectEcho(client, kText, 'ab');
  }),
);
rfc6455('5.4', 'a continuation of nothing fails', fails(1002, { opcode: 0, payload: 'a' }));
rfc6455(
  '5.4',
  'a continuation behind a whole message fails',
  talk(async (client) => {
    client.send({ opcode: kText, payload: 'a' });
    await expectEcho(client, kText, 'a');
    client.send({ opcode: 0, payload: 'b' });
    await expectFailure(client, 1002);
  }),
);
rfc6455(
  '5.4',
  'a message within another fails',
  fails(1002, { opcode: kText, payload: 'a', fin: false }, { opcode: kText, payload: 'b' }),
);
rfc6455(
  '5.4',
  'a thousand fragments of one byte come back',
  talk(async (client) => {
    const frames = Array.from({ length: 1000 }, (_, i) => ({
      opcode: i === 0 ? kText : 0,
      payload: `${i % 10}`,
      fin: i === 999,
    }));
    client.send(...frames);
    await expectEcho(client, kText, '0123456789'.repeat(100));
  }),
);

// ---- 5.5: control frames ----
for (const size of [0, 1, 125]) {
  rfc6455(
    '5.5.2',
    `a ping of ${size} bytes gets a pong with the same`,
    talk(async (client) => {
      const payload = Buffer.alloc(size, 0xa5);
      client.send({ opcode: kPing, payload });
      const pong = await client.next();
      assert.equal(pong?.opcode, kPong);
      assert.ok(pong.payload.equals(payload));
    }),
  );
}
rfc6455(
  '5.5.2',
  'ten pings get ten pongs in order',
  talk(async (client) => {
    client.send(...Array.from({ length: 10 }, (_, i) => ({ opcode: kPing, payload: `${i}` })));
    for (let i = 0; i < 10; i++) {
      const pong = await client.next();
      assert.equal(pong?.opcode, kPong);
      assert.equal(`${pong.payload}`, `${i}`);
    }
  }),
);
rfc6455(
  '5.5.3',
  'a pong that nobody asked for is let pass',
  talk(async (client) => {
    client.send({ opcode: kPong, payload: 'x' }, { opcode: kText, payload: 'y' });
    await expectEcho(client, kText, 'y');
  }),
);
for (const opcode of [kPing, kPong, kClose]) {
  rfc6455(
    '5.5',
    `a control frame ${opcode} of 126 bytes fails`,
    fails(1002, { opcode, payload: closePayload(1000, 'x'.repeat(124)) }),
  );
  rfc6455(
    '5.5',
    `a control frame ${opcode} in fragments fails`,
    fails(1002, { opcode, payload: closePayload(1000), fin: false }),
  );
}

// ---- 5.5.1 and 7: closing ----
for (const code of [1000, 1001, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999]) {
  rfc6455(
    '5.5.1',
    `a Close frame with code ${code} is answered with it`,
    talk(async (client) => {
      client.send({ opcode: kClose, payload: closePayload(code, 'bye') });
      await expectFailure(client, code);
    }),
  );
}
rfc6455(
  '5.5.1',
  'a Close frame without a code is answered',
  talk(async (client) => {
    client.send({ opcode: kClose });
    const frame = await client.next();
    assert.equal(frame?.opcode, kClose);
    assert.equal(await client.next(), null);
  }),
);
rfc6455(
  '5.5.1',
  'what follows a Close frame is not answered',
  talk(async (client) => {
    client.send(
      { opcode: kClose, payload: closePayload(1000) },
      { opcode: kText, payload: 'late' },
      { opcode: kPing },
    );
    await expectFailure(client, 1000);
  }),
);
rfc6455(
  '5.5.1',
  'what was sent before a Close frame is',
  talk(async (client) => {
    client.send(
      { opcode: kText, payload: 'early' },
      { opcode: kClose, payload: closePayload(1000) },
    );
    await expectEcho(client, kText, 'early');
    await expectFailure(client, 1000);
  }),
);
rfc6455('5.5.1', 'half a code fails', fails(1002, { opcode: kClose, payload: Buffer.from([3]) }));
for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]) {
  rfc6455(
    '7.4',
    `the code ${code} fails`,
    fails(1002, { opcode: kClose, payload: closePayload(code) }),
  );
}
rfc6455(
  '5.5.1',
  'a reason that is not UTF-8 fails',
  fails(1007, {
    opcode: kClose,
    payload: Buffer.concat([closePayload(1000), Buffer.from([0xc3, 0x28])]),
  }),
);
rfc6455(
  '5.5.1',
  'the longest reason is let pass',
  talk(async (client) => {
    client.send({ opcode: kClose, payload: closePayload(1000, 'r'.repeat(123)) });
    await expectFailure(client, 1000);
  }),
);

// ---- 8.1: UTF-8 ----
const texts: Record<string, number[]> = {
  'of each length': [...Buffer.from('aé€😀')],
  'at the borders': [0xef, 0xbf, 0xbf, 0xf4, 0x8f, 0xbf, 0xbf, 0xed, 0x9f, 0xbf],
  'with a byte order mark': [0xef, 0xbb, 0xbf, 0x61],
  'with U+0000': [0x61, 0, 0x62],
};
for (const [what, bytes] of Object.entries(texts)) {
  rfc6455(
    '8.1',
    `text with characters ${what} comes back`,
    talk(async (client) => {
      client.send({ opcode: kText, payload: Buffer.from(bytes) });
      await expectEcho(client, kText, Buffer.from(bytes));
    }),
  );
}
rfc6455(
  '8.1',
  'fragments may cut a character',
  talk(async (client) => {
    const bytes = Buffer.from('κόσμε😀');
    client.send(
      ...Array.from(bytes, (byte, i) => ({
        opcode: i === 0 ? kText : 0,
        payload: Buffer.from([byte]),
        fin: i === bytes.length - 1,
      })),
    );
    await expectEcho(client, kText, bytes);
  }),
);
const wrong: Record<string, number[]> = {
  'a surrogate': [0xed, 0xa0, 0x80],
  'an overlong form': [0xc0, 0xaf],
  'a longer overlong form': [0xf0, 0x80, 0x80, 0xaf],
  'a character above U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
  'a continuation alone': [0x61, 0x80],
  'half a character': [0xe2, 0x82],
  'a byte that UTF-8 has not': [0xff],
};
for (const [what, bytes] of Object.entries(wrong)) {
  rfc6455(
    '8.1',
    `${what} in text fails`,
    fails(1007, { opcode: kText, payload: Buffer.from(bytes) }),
  );
}
rfc6455(
  '8.1',
  'binary data need not be UTF-8',
  talk(async (client) => {
    client.send({ opcode: kBinary, payload: Buffer.from([0xff, 0xc0, 0x80]) });
    await expectEcho(client, kBinary, Buffer.from([0xff, 0xc0, 0x80]));
  }),
);

// ---- order and load ----
rfc6455(
  '5.4',
  'five hundred messages come back in order',
  talk(async (client) => {
    const frames = Array.from({ length: 500 }, (_, i) => ({
      opcode: kText,
      payload: `message ${i}`,
    }));
    client.send(...frames);
    for (let i = 0; i < 500; i++) await expectEcho(client, kText, `message ${i}`);
  }),
);

// ---- RFC 7692 ----
const deflate = (payload: string | Uint8Array) =>
  deflateRawSync(payload, { finishFlush: zlib.Z_SYNC_FLUSH }).subarray(0, -4);
const tail = Buffer.from([0, 0, 0xff, 0xff]);
const inflate = (payload: Uint8Array) =>
  inflateRawSync(Buffer.concat([payload, tail]), { finishFlush: zlib.Z_SYNC_FLUSH });

const compressed =
  (offer: string, run: (client: RawClient, agreed: string) => Promise<void>) =>
  async (server: Server) => {
    const { status, fields, client } = await open(server, {
      fields: { 'Sec-WebSocket-Extensions': offer },
    });
    try {
      assert.equal(status, 101);
      await run(client, fields.get('sec-websocket-extensions') ?? '');
    } finally {
      client.end();
    }
  };

rfc7692(
  '5',
  'an offer of permessage-deflate is accepted',
  compressed('permessage-deflate', async (_, agreed) => {
    assert.match(agreed, /^permessage-deflate\b/);
  }),
);
rfc7692(
  '5',
  'an extension that nobody knows is declined',
  compressed('x-unknown; a=1', async (client, agreed) => {
    assert.equal(agreed, '');
    client.send({ opcode: kText, payload: 'plain' });
    await expectEcho(client, kText, 'plain');
  }),
);
rfc7692(
  '7.1',
  'client_no_context_takeover is agreed to',
  compressed('permessage-deflate; client_no_context_takeover', async (_, agreed) => {
    assert.match(agreed, /client_no_context_takeover/);
  }),
);
rfc7692(
  '7.1.1.1',
  'server_no_context_takeover is agreed to and kept',
  compressed('permessage-deflate; server_no_context_takeover', async (client, agreed) => {
    assert.match(agreed, /server_no_context_takeover/);
    const text = 'the same text, twice, alone each time. '.repeat(20);
    for (let i = 0; i < 2; i++) {
      client.send({ opcode: kText, payload: text });
      const message = await client.message();
      assert.equal(message?.rsv1, true);
      assert.equal(`${inflate(message.payload)}`, text);
    }
  }),
);
rfc7692(
  '7.1.2.1',
  'server_max_window_bits is agreed to',
  compressed('permessage-deflate; server_max_window_bits=10', async (_, agreed) => {
    assert.match(agreed, /server_max_window_bits=10/);
  }),
);
rfc7692(
  '7.2.2',
  'a compressed message is read',
  compressed('permessage-deflate', async (client) => {
    client.send({ opcode: kText, payload: deflate('compressed '.repeat(100)), rsv: 4 });
    const message = await client.message();
    assert.equal(message?.opcode, kText);
    const payload = message.rsv1 ? inflate(message.payload) : message.payload;
    assert.equal(`${payload}`, 'compressed '.repeat(100));
  }),
);
rfc7692(
  '6.1',
  'a message need not be compressed',
  compressed('permessage-deflate', async (client) => {
    client.send({ opcode: kBinary, payload: 'short' });
    const message = await client.message();
    const payload = message?.rsv1 ? inflate(message.payload) : message?.payload;
    assert.equal(`${payload}`, 'short');
  }),
);
rfc7692(
  '6.1',
  'a compressed message may come in fragments',
  compressed('permessage-deflate', async (client) => {
    const payload = deflate('in fragments '.repeat(50));
    client.send(
      { opcode: kText, payload: payload.subarray(0, 7), rsv: 4, fin: false },
      { opcode: kPing, payload: 'p' },
      { opcode: 0, payload: payload.subarray(7) },
    );
    assert.equal((await client.next())?.opcode, kPong);
    const message = await client.message();
    assert.ok(message);
    const back = message.rsv1 ? inflate(message.payload) : message.payload;
    assert.equal(`${back}`, 'in fragments '.repeat(50));
  }),
);
rfc7692(
  '6.1',
  'RSV1 in a later fragment fails',
  compressed('permessage-deflate', async (client) => {
    const payload = deflate('abc');
    client.send(
      { opcode: kText, payload: payload.subarray(0, 2), rsv: 4, fin: false },
      { opcode: 0, payload: payload.subarray(2), rsv: 4 },
    );
    await expectFailure(client, 1002);
  }),
);
rfc7692(
  '6',
  'RSV2 fails with compression too',
  compressed('permessage-deflate', async (client) => {
    client.send({ opcode: kText, payload: 'a', rsv: 2 });
    await expectFailure(client, 1002);
  }),
);
rfc7692(
  '7.2.2',
  'data that is no deflate data fails',
  compressed('permessage-deflate', async (client) => {
    client.send({ opcode: kText, payload: Buffer.from([0xff, 0xff, 0xff, 0xff]), rsv: 4 });
    await expectFailure(client, 1007);
  }),
);
rfc7692(
  '7.2.3.2',
  'a message may refer to the one before',
  compressed('permessage-deflate', async (client) => {
    // "Hello" twice, the second time as a reference into the first.
    client.send(
      { opcode: kText, payload: Buffer.from('f248cdc9c90700', 'hex'), rsv: 4 },
      { opcode: kText, payload: Buffer.from('f200110000', 'hex'), rsv: 4 },
    );
    for (let i = 0; i < 2; i++) assert.ok(await client.message());
  }),
);
rfc7692(
  '7.2.3.4',
  'a block that is marked as the last is read',
  compressed('permessage-deflate; client_no_context_takeover', async (client) => {
    client.send({ opcode: kText, payload: Buffer.from('f348cdc9c9070000', 'hex'), rsv: 4 });
    const message = await client.message();
    const payload = message?.rsv1 ? inflate(message.payload) : message?.payload;
    assert.equal(`${payload}`, 'Hello');
  }),
);
rfc7692(
  '7.2.1',
  'what comes back large is compressed',
  compressed('permessage-deflate', async (client) => {
    const text = 'compress me '.repeat(1000);
    client.send({ opcode: kText, payload: text });
    const message = await client.message();
    assert.equal(message?.rsv1, true);
    assert.ok(message.payload.length < text.length / 10);
    assert.equal(`${inflate(message.payload)}`, text);
  }),
);
rfc7692(
  '7.2.2',
  'compressed text must be UTF-8',
  compressed('permessage-deflate', async (client) => {
    client.send({ opcode: kText, payload: deflate(Buffer.from([0x61, 0xc3, 0x28])), rsv: 4 });
    await expectFailure(client, 1007);
  }),
);

export { cases };

// WebSockets from a peer's side: the cases of tests/websocket against the package ws and
// against a Worker that echoes, and peers that mean harm.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { Platform } from '../../tools/platform/platform.ts';
import { cases } from '../websocket/cases.ts';
import { serverOf, textOf } from '../websocket/clients.ts';
import {
  kBinary,
  kContinuation,
  kPing,
  kPong,
  kText,
  open,
  type RawClient,
  type Server,
} from '../websocket/frames.ts';
import { Origins } from '../websocket/origins.ts';
import { date, echo } from '../websocket/workers.ts';

let platform: Platform;

before(async () => {
  platform = await Platform.start();
  await platform.deploy('echo', [echo], date);
});
after(() => platform?.stop());

describe('an echo by the package ws', () => {
  const origins = new Origins();
  let server: Server;
  before(async () => {
    server = await origins.echo(true);
  });
  after(() => origins.close());
  for (const { name, run } of cases) test(name, () => run(server));
});

describe('an echo by a Worker', () => {
  for (const { name, run } of cases) test(name, () => run(serverOf(platform, 'echo')));
});

describe('peers that send what inflates to much more', () => {
  const compressed = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };
  const zeros = (size: number) =>
    deflateRawSync(Buffer.alloc(size), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  /** In frames of a hundred bytes. */
  const bomb = (size: number) => {
    const payload = zeros(size);
    return Array.from({ length: Math.ceil(payload.length / 100) }, (_, i) => ({
      opcode: i === 0 ? kBinary : kContinuation,
      payload: payload.subarray(i * 100, i * 100 + 100),
      rsv: i === 0 ? 4 : 0,
      fin: false,
    }));
  };
  const echoes = async (client: RawClient) => {
    client.send({ opcode: kText, payload: 'still there' });
    assert.equal(await textOf(client), 'still there');
  };
  const codeOf = (payload: Buffer | undefined) => payload?.readUInt16BE(0);

  test('are closed, hold a bounded memory, and leave others alone', async () => {
    const { hosts } = await platform.status();
    const pid = hosts.find(({ serving }) => serving)?.pid;
    const peak = () =>
      Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
    const { client: other } = await open(serverOf(platform, 'echo'));
    await echoes(other);
    writeFileSync(`/proc/${pid}/clear_refs`, '5'); // the peak begins anew
    const before = peak();

    const { client: large } = await open(serverOf(platform, 'echo'), { fields: compressed });
    large.send(...bomb(200 << 20));
    assert.equal(codeOf((await large.next())?.payload), 1009);
    large.end();

    // Messages that would be allowed, and do not end.
    const clients: RawClient[] = [];
    for (let i = 0; i < 12; i++) {
      const { client } = await open(serverOf(platform, 'echo'), { fields: compressed });
      client.send(...bomb(31 << 20), { opcode: kPing });
      clients.push(client);
      const frame = await client.next();
      if (frame?.opcode !== kPong) assert.equal(codeOf(frame?.payload), 1013);
      await echoes(other);
    }
    // Once what has come is inflated, there is room for two.
    let left = clients;
    while (left.length > 2) {
      const answering: RawClient[] = [];
      for (const client of left) {
        client.send({ opcode: kPing });
        const frame = await client.next();
        if (frame?.opcode === kPong) answering.push(client);
      }
      left = answering;
    }
    assert.notEqual(left.length, 0);
    assert.ok(peak() - before < 200, `${peak() - before} MB more`);
    await echoes(other);
    for (const client of [...clients, other]) client.end();
  });
});

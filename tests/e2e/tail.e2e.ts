// Live logs by the unmodified `wrangler tail`.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Platform, temporaryFolder } from '../../tools/platform/platform.ts';

let platform: Platform;
const projects = temporaryFolder();
const project = path.join(projects, 'told');

before(async () => {
  platform = await Platform.start();
  mkdirSync(project, { recursive: true });
  writeFileSync(
    path.join(project, 'index.js'),
    `export default { fetch(request) {
       const { pathname } = new URL(request.url);
       if (pathname === '/throw') throw new TypeError('no');
       if (pathname === '/log') console.warn('said', { a: 1 });
       return new Response(pathname);
     } };`,
  );
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'told',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      assets: { directory: 'public' },
    }),
  );
  mkdirSync(path.join(project, 'public'));
  const slow = Array.from({ length: 100 }, (_, i) => `/*:a:b:c:d!${i} / 302`).join('\n');
  writeFileSync(path.join(project, 'public', '_redirects'), slow);
  writeFileSync(path.join(project, 'public', 'asset.txt'), '');
  const deployed = await platform.wrangler(project, ['deploy']);
  assert.equal(deployed.code, 0, deployed.output);
});
after(async () => {
  await platform.stop();
  rmSync(projects, { recursive: true, force: true });
});

interface Told {
  readonly outcome: string;
  readonly scriptName: string;
  readonly logs: { level: string; message: unknown[] }[];
  readonly exceptions: { name: string; message: string }[];
  readonly event: {
    request: { url: string; method: string; headers: Record<string, string> };
    response?: { status: number };
  };
}

// A tail that runs until it is ended, and what it has printed.
class Tail {
  printed = '';
  readonly #process: ChildProcess;

  static async begin(...args: string[]): Promise<Tail> {
    return new Tail(await platform.startWrangler(project, ['tail', '--format', 'json', ...args]));
  }

  constructor(started: ChildProcess) {
    this.#process = started;
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on('data', (chunk) => {
        this.printed += chunk;
      });
  }

  // Events that were printed, each a JSON document that ends with "}" at its line's start.
  get events(): Told[] {
    const documents = this.printed.match(/^\{$.*?^\}$/gms) ?? [];
    return documents.map((text) => JSON.parse(text));
  }

  // Asks for `target` until the tail has told of it; the event.
  async seen(target: string, headers: Record<string, string> = {}): Promise<Told> {
    for (;;) {
      await platform.get('told', target, { headers });
      for (let i = 0; i < 20; i++) {
        const found = this.events.find(
          (each) => new URL(each.event.request.url).pathname === target,
        );
        if (found) return found;
        assert.equal(this.#process.exitCode, null, this.printed);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async end() {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGINT');
    await ended;
  }
}

test('wrangler tail tells of each request', async () => {
  const tail = await Tail.begin();
  try {
    const plain = await tail.seen('/plain', { authorization: 'Bearer hidden', 'x-kind': 'a' });
    assert.equal(plain.scriptName, 'told');
    assert.equal(plain.outcome, 'ok');
    assert.deepEqual(plain.logs, []);
    assert.equal(plain.event.request.method, 'GET');
    assert.equal(plain.event.request.headers.authorization, 'REDACTED');
    assert.equal(plain.event.request.headers['x-kind'], 'a');
    assert.equal(plain.event.response?.status, 200);

    const logged = await tail.seen('/log');
    assert.deepEqual(
      logged.logs.map(({ level, message }) => [level, message]),
      [['warn', ['said', { a: 1 }]]],
    );

    const thrown = await tail.seen('/throw');
    assert.equal(thrown.outcome, 'exception');
    assert.equal(thrown.exceptions[0]?.name, 'TypeError');
    assert.equal(thrown.event.response?.status, 500);

    const slow = await tail.seen(`/${'a'.repeat(4000)}`, { 'x-kind': 'b' });
    assert.equal(slow.outcome, 'exceededCpu');
    assert.equal(slow.event.request.headers['x-kind'], 'b');
  } finally {
    await tail.end();
  }
});

test('wrangler tail tells what its filters say', async () => {
  const tail = await Tail.begin('--status', 'error', '--header', 'x-kind:b');
  try {
    await platform.get('told', '/plain', { headers: { 'x-kind': 'b' } });
    await platform.get('told', '/throw', { headers: { 'x-kind': 'c' } });
    const told = await tail.seen('/throw', { 'x-kind': 'b' });
    assert.equal(told.event.request.headers['x-kind'], 'b');
    for (const each of tail.events) {
      assert.equal(each.outcome, 'exception');
      assert.equal(each.event.request.headers['x-kind'], 'b');
    }
  } finally {
    await tail.end();
  }
});

test('wrangler tail of a Worker that is not there says so', async () => {
  const ended = await platform.wrangler(project, ['tail', 'nobody']);
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /Worker "nobody" does not exist/);
});

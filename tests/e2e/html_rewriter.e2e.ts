// HTMLRewriter beside that of workerd: the same documents and handlers in both.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import { workerdBinary } from '../../tools/platform/runtimes.ts';

interface Outcome {
  readonly out?: string;
  readonly error?: string;
  readonly seen: unknown[];
}
type Outcomes = Record<string, Outcome>;

const source = readFileSync(path.join(import.meta.dirname, 'workers/html_rewriter.js'), 'utf8');
const folder = mkdtempSync(path.join(tmpdir(), 'caravel-html-'));
let platform: Platform;

before(async () => {
  platform = await Platform.start();
  await platform.deploy('rewrites', [esModule(source)], { limits: { cpu_ms: 10_000 } });
});
after(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true });
});

// What workerd makes of the same Worker.
async function ofWorkerd(step: number): Promise<Outcomes> {
  writeFileSync(path.join(folder, 'worker.js'), source);
  const config = path.join(folder, 'config.capnp');
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-01-01",
);
`,
  );
  const child = spawn(workerdBinary, ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  try {
    const [told] = await once(child.stdio[3] as NodeJS.ReadableStream, 'data');
    const { port } = JSON.parse(`${told}`);
    return (await (await fetch(`http://127.0.0.1:${port}/?step=${step}`)).json()) as Outcomes;
  } finally {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  }
}

async function ofCaravel(step: number): Promise<Outcomes> {
  const answer = await platform.get('rewrites', `/?step=${step}`);
  return JSON.parse(answer.text) as Outcomes;
}

test('documents come out as workerd has them', async () => {
  const expected = await ofWorkerd(1000);
  assert.ok(Object.keys(expected).length > 60);
  assert.deepEqual(await ofCaravel(1000), expected);
});

test('what comes out does not depend on the pieces that the document comes in', async () => {
  const whole = await ofCaravel(1000);
  const pieces = await ofCaravel(1);
  for (const [name, { out, error }] of Object.entries(pieces)) {
    if (name === 'texts changed') continue; // changes each piece of a text
    assert.deepEqual([name, out, error], [name, whole[name]?.out, whole[name]?.error]);
  }
});

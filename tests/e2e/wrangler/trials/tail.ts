// `wrangler tail`: events as they come, in both forms, through its filters.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type Project, type Trial, versionIn } from '../trial.ts';

const source = `export default { fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/throw') throw new TypeError('no');
  console.warn('said', pathname);
  return new Response(pathname);
} };`;

class Tail {
  printed = '';
  readonly #process;
  readonly #project: Project;

  constructor(trial: Trial, project: Project, args: readonly string[]) {
    this.#project = project;
    const whole = ['tail', ...args];
    this.#process = spawn(process.execPath, [trial.release.program, ...whole], {
      cwd: project.folder,
      env: { ...process.env, ...project.environment(whole) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on('data', (chunk) => {
        this.printed += chunk;
      });
    }
  }

  /** Asks for `target` until what is printed matches. */
  async seen(target: string, pattern: RegExp, headers: Readonly<Record<string, string>> = {}) {
    while (!pattern.test(this.printed)) {
      assert.equal(this.#process.exitCode, null, this.printed);
      await this.#project.answer(target, headers);
      await setTimeout(50);
    }
  }

  async end() {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGINT');
    await ended;
  }
}

export async function tail(trial: Trial) {
  const project = trial.project('told', { 'index.js': source });
  const version = versionIn(await project.ok(['deploy']));
  const following = async (args: readonly string[], body: (tail: Tail) => Promise<void>) => {
    const tail = new Tail(trial, project, args);
    try {
      await body(tail);
    } finally {
      await tail.end();
    }
    return tail.printed;
  };

  await trial.does('tail', 'events in JSON', async () => {
    await following(['--format', 'json'], async (tail) => {
      await tail.seen('/json', /"outcome":\s*"ok"/);
      await tail.seen('/json', /"said"/);
      await tail.seen('/throw', /"outcome":\s*"exception"/);
    });
  });

  await trial.does('tail', 'events for people, of a Worker by its name', async () => {
    await following([project.name, '--format', 'pretty'], async (tail) => {
      await tail.seen('/pretty', /GET http\S*\/pretty - Ok @/);
      await tail.seen('/pretty', /\(warn\) said \/pretty/);
      await tail.seen('/throw', /TypeError: no/);
    });
  });

  await trial.does('tail', 'what its filters let through', async () => {
    const filters = ['--format', 'json', '--status', 'error', '--method', 'GET'];
    const printed = await following(filters, async (tail) => {
      await project.answer('/quiet');
      await tail.seen('/throw', /"outcome":\s*"exception"/);
    });
    assert.ok(!printed.includes('/quiet'), printed);
  });

  await trial.does('tail', 'a sample of one version, by a header and what is said', async () => {
    const filters = [
      ...['--header', 'x-kind:b', '--search', '/told', '--version-id', version],
      ...['--sampling-rate', '0.5'],
    ];
    const printed = await following(['--format', 'json', ...filters], async (tail) => {
      await project.answer('/quiet', { 'x-kind': 'b' });
      await project.answer('/told', { 'x-kind': 'c' });
      await tail.seen('/told', /"outcome":\s*"ok"/, { 'x-kind': 'b' });
    });
    assert.ok(!printed.includes('/quiet'), printed);
    assert.ok(!/"x-kind":\s*"c"/.test(printed), printed);
  });

  await trial.refuses('tail', 'a Worker that is not there', async () => {
    await project.fails(['tail', 'nobody'], /"nobody" does not exist/);
  });
}

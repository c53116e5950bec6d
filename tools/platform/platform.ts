// A whole platform for one test or benchmark: started on free ports over a data
// folder of its own, ended and removed afterwards.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inTree, mainPreset, root } from '../test/paths.ts';
import { type Ended, run } from '../test/process.ts';
import { type Answer, type Ask, ask } from './http.ts';

/** What `caravel up --json` prints. */
interface UpReport {
  readonly api: string;
  readonly token: string;
  readonly account_id: string;
  readonly http: string;
  readonly data: string;
  readonly pid: number;
}

const wrangler = inTree('node_modules/wrangler/bin/wrangler.js');
export const caravelBinary = inTree('build', mainPreset, 'src/cli/caravel');

/** Runs the real command, not the launcher: the build is known to stand. */
export function caravel(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { cwd = root, within = [] } = options;
  const [command = '', ...rest] = [...within, caravelBinary, ...args];
  return run(command, rest, { cwd, env: { CARAVEL_ROOT: root }, limitMs: 120_000 });
}

interface CommandOptions {
  readonly cwd?: string;
  /** The command that starts it: ["taskset", "-c", "1"]. */
  readonly within?: readonly string[];
}

/** What `caravel status --json` prints, as far as tests need it. */
export interface Status {
  /** Of caraveld. */
  readonly pid: number;
  /** A host that does not serve stands by. */
  readonly hosts: readonly {
    readonly pid: number;
    readonly serving: boolean;
    readonly isolates: number;
    readonly requests: number;
  }[];
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'caravel-test-'));
}

/** An API answer's envelope. */
export interface Envelope<T = unknown> {
  readonly success: boolean;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
  readonly result: T;
}

export interface Module {
  readonly name: string;
  readonly type: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
}

export const esModule = (content: string, name = 'index.js'): Module => ({
  name,
  type: 'application/javascript+module',
  content,
});

/** Nothing of the caller's own account may reach a command under test. */
const emptied = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(CLOUDFLARE|WRANGLER|CF)_/.test(name))
    .map((name) => [name, undefined]),
);

export interface StartOptions {
  /** A data folder that stands already; else a new one. */
  readonly data?: string;
  /** The command that starts it and, later, the commands that are its own. */
  readonly within?: readonly string[];
}

export class Platform {
  readonly api: string;
  readonly token: string;
  readonly account: string;
  /** Where workers answer, told apart by the Host header. */
  readonly http: string;
  readonly data: string;
  /** Of the process that holds the platform together. */
  readonly pid: number;
  readonly #within: readonly string[];

  private constructor(report: UpReport, within: readonly string[]) {
    this.#within = within;
    this.api = report.api;
    this.token = report.token;
    this.account = report.account_id;
    this.http = report.http;
    this.data = report.data;
    this.pid = report.pid;
  }

  /** `extra` goes to `caravel up`: ["--allow-egress", "127.0.0.0/8"]. */
  static async start(extra: readonly string[] = [], options: StartOptions = {}): Promise<Platform> {
    const { data = temporaryFolder(), within = [] } = options;
    const up = ['up', '--port', '0', '--api-port', '0', '--data', data, '--detach', '--json'];
    const ended = await caravel([...up, ...extra], { within });
    if (ended.code !== 0) throw new Error(`caravel up failed:\n${ended.output}`);
    const line = ended.output.split('\n').find((text) => text.startsWith('{'));
    if (!line) throw new Error(`caravel up printed no JSON:\n${ended.output}`);
    return new Platform(JSON.parse(line), within);
  }

  /** Ends all of its processes and removes its data. */
  async stop() {
    const ended = await this.run('down');
    if (ended.code !== 0) throw new Error(`caravel down failed:\n${ended.output}`);
    rmSync(this.data, { recursive: true, force: true });
  }

  /** A command with this platform's data folder. */
  run(command: string, args: readonly string[] = [], cwd: string = root) {
    return caravel([command, '--data', this.data, ...args], { cwd, within: this.#within });
  }

  async status(): Promise<Status> {
    const ended = await this.run('status', ['--json']);
    if (ended.code !== 0) throw new Error(`caravel status failed:\n${ended.output}`);
    return JSON.parse(ended.output);
  }

  /** The unmodified wrangler; of its settings it gets those that `caravel env` prints. */
  async wrangler(
    project: string,
    args: readonly string[],
    env: Record<string, string> = {},
    input?: string,
  ) {
    return run(process.execPath, [wrangler, ...args], {
      cwd: project,
      env: { ...(await this.wranglerEnvironment()), ...env },
      limitMs: 120_000,
      ...(input === undefined ? {} : { input }),
    });
  }

  /** The same, which runs until it is ended. */
  async startWrangler(project: string, args: readonly string[]) {
    return spawn(process.execPath, [wrangler, ...args], {
      cwd: project,
      env: { ...process.env, ...(await this.wranglerEnvironment()) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async wranglerEnvironment() {
    return {
      ...emptied,
      ...(await this.environment()),
      CI: 'true',
      NO_COLOR: '1',
      NODE_COMPILE_CACHE: inTree('build/test/compiled'), // starts are most of what runs take
    };
  }

  /** What `caravel env` prints, as a shell would read it. */
  async environment(): Promise<Record<string, string>> {
    const printed = await this.run('env');
    if (printed.code !== 0) throw new Error(`caravel env failed:\n${printed.output}`);
    const shown = await run('bash', ['-c', `${printed.output}\nenv -0`], { env: emptied });
    const pairs = shown.output.split('\0').filter((pair) => pair.includes('='));
    return Object.fromEntries(
      pairs
        .map(
          (pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const,
        )
        .filter(([name]) => /^(CLOUDFLARE|WRANGLER|CF)_/.test(name)),
    );
  }

  /** Asks the REST API; `where` begins after the version: "/user". */
  async ask<T>(method: string, where: string, body?: unknown, token = this.token) {
    const answer = await ask(this.api + where, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, ...(JSON.parse(answer.text) as Envelope<T>) };
  }

  /** Uploads a worker as wrangler's first deploy does; the first module is the main one. */
  async upload(
    name: string,
    modules: readonly Module[],
    metadata: Readonly<Record<string, unknown>> = {},
  ): Promise<Envelope<{ id: string }> & { status: number }> {
    const form = new FormData();
    form.set(
      'metadata',
      JSON.stringify({
        main_module: modules[0]?.name,
        compatibility_date: '2026-01-01',
        bindings: [],
        ...metadata,
      }),
    );
    for (const { name: part, type, content } of modules) {
      form.set(part, new Blob([content], { type }), part);
    }
    const answer = await fetch(`${this.api}/accounts/${this.account}/workers/scripts/${name}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${this.token}` },
      body: form,
    });
    return { status: answer.status, ...((await answer.json()) as Envelope<{ id: string }>) };
  }

  /**
   * Uploads, switches its address on, and throws when either is refused. A request has a
   * second of CPU unless `metadata` says otherwise: on a loaded machine the 50 ms of a
   * Worker without limits are soon spent.
   */
  async deploy(
    name: string,
    modules: readonly Module[],
    metadata: Readonly<Record<string, unknown>> = {},
  ) {
    const limits = { cpu_ms: 1000 };
    const answer = await this.upload(name, modules, { limits, ...metadata });
    if (!answer.success) throw new Error(`upload of ${name}: ${JSON.stringify(answer.errors)}`);
    const where = `/accounts/${this.account}/workers/scripts/${name}/subdomain`;
    const enabled = await this.ask('POST', where, { enabled: true });
    if (!enabled.success) throw new Error(`${where}: ${JSON.stringify(enabled.errors)}`);
  }

  /** Asks the worker `name` of this platform. */
  get(name: string, where = '/', options: Ask = {}): Promise<Answer> {
    const { port } = new URL(this.http);
    return ask(`http://127.0.0.1:${port}${where}`, { host: `${name}.localhost`, ...options });
  }
}

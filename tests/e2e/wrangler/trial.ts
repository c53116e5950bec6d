// One release of wrangler at one subject: projects, commands in them, and what was
// found of each. A trial's Workers have the release in their names, so that trials run
// beside each other on one platform.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Platform, temporaryFolder } from '../../../tools/platform/platform.ts';
import type { Recorder } from '../../../tools/platform/recorder.ts';
import { type Ended, run } from '../../../tools/test/process.ts';
import { type Command, commandOf, type Release } from './releases.ts';

/** A run of wrangler, as the recorder knows it. */
export interface Run {
  readonly release: Release;
  readonly command: Command;
}

/** What one check has shown. */
export interface Finding {
  readonly release: Release;
  readonly command: Command;
  /** What wrangler is to do; or what it is to say when it cannot. */
  readonly kind: 'does' | 'refuses';
  readonly about: string;
  /** Undefined where all is as it must be. */
  readonly fault?: string;
}

export interface Bench {
  readonly platform: Platform;
  readonly recorder: Recorder<Run>;
  /** What `caravel env` prints; the address of the API is put in its place for each run. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Files by their paths in the project. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

export const answering = (text: string) =>
  `export default { fetch() { return new Response(${JSON.stringify(text)}); } };`;

/** The id of the version that a deployment or an upload has made. */
export function versionIn(output: string): string {
  const id = /Version ID: ([0-9a-f]{8}-[0-9a-f-]{27})/.exec(output)?.[1];
  assert.ok(id, output);
  return id;
}

/** A version that no Worker has. */
export const absentVersion = '00000000-0000-4000-8000-000000000000';

export class Trial {
  readonly findings: Finding[] = [];
  readonly release: Release;
  readonly bench: Bench;
  readonly #folder = temporaryFolder();

  constructor(release: Release, bench: Bench) {
    this.release = release;
    this.bench = bench;
  }

  get platform() {
    return this.bench.platform;
  }

  /** A project whose Worker has `name` and the release in its name. */
  project(name: string, files: Files = {}, config: object = {}): Project {
    const full = `${name}-${this.release.key}`;
    const folder = path.join(this.#folder, full);
    mkdirSync(folder, { recursive: true });
    const project = new Project(this, full, folder);
    project.write({ 'index.js': answering(full), ...files });
    project.configure(config);
    return project;
  }

  has(command: Command) {
    return !this.release.lacks.includes(command);
  }

  /** Runs `body`, which throws when wrangler does not do what `about` says. */
  does(command: Command, about: string, body: () => Promise<void>) {
    return this.#check('does', command, about, body);
  }

  /** The same of what wrangler must refuse, and say why. */
  refuses(command: Command, about: string, body: () => Promise<void>) {
    return this.#check('refuses', command, about, body);
  }

  async #check(kind: Finding['kind'], command: Command, about: string, body: () => Promise<void>) {
    if (!this.has(command)) return;
    const { release } = this;
    try {
      await body();
      this.findings.push({ release, command, kind, about });
    } catch (error) {
      const fault = error instanceof Error ? `${error.stack}` : `${error}`;
      this.findings.push({ release, command, kind, about, fault });
    }
  }

  end() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Project {
  readonly name: string;
  readonly folder: string;
  readonly #trial: Trial;

  constructor(trial: Trial, name: string, folder: string) {
    this.#trial = trial;
    this.name = name;
    this.folder = folder;
  }

  write(files: Files) {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  /** The configuration from now on. */
  configure(config: object) {
    const whole = {
      name: this.name,
      main: 'index.js',
      compatibility_date: '2025-06-01',
      ...config,
    };
    writeFileSync(path.join(this.folder, 'wrangler.json'), JSON.stringify(whole));
  }

  /** The environment in which `args` are told from other runs. */
  environment(args: readonly string[], more: Readonly<Record<string, string | undefined>> = {}) {
    const { release, bench } = this.#trial;
    return {
      ...bench.environment,
      CLOUDFLARE_API_BASE_URL: bench.recorder.baseFor({ release, command: commandOf(args) }),
      ...more,
    };
  }

  wrangler(
    args: readonly string[],
    input?: string,
    environment: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Ended> {
    return run(process.execPath, [this.#trial.release.program, ...args], {
      cwd: this.folder,
      env: this.environment(args, environment),
      limitMs: 60_000,
      ...(input === undefined ? {} : { input }),
    });
  }

  /** What a command prints that must succeed. */
  async ok(args: readonly string[], input?: string): Promise<string> {
    const ended = await this.wrangler(args, input);
    assert.equal(ended.code, 0, `wrangler ${args.join(' ')}:\n${ended.output}`);
    return ended.output;
  }

  /** The same, and it says so. */
  async says(args: readonly string[], pattern: RegExp, input?: string): Promise<string> {
    const output = await this.ok(args, input);
    assert.match(output, pattern);
    return output;
  }

  /** A command that must fail, and say why. */
  async fails(
    args: readonly string[],
    pattern: RegExp,
    environment: Readonly<Record<string, string | undefined>> = {},
  ): Promise<string> {
    const { code, output } = await this.wrangler(args, undefined, environment);
    assert.notEqual(code, 0, `wrangler ${args.join(' ')}:\n${output}`);
    assert.match(output, pattern);
    return output;
  }

  /** What the Worker answers. */
  async answer(where = '/', headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const { status, text } = await this.#trial.platform.get(this.name, where, { headers });
    return status === 200 ? text : `${status} ${text}`;
  }

  /** The path of the Worker in the REST API, and what lies below it. */
  path(below = '') {
    return `/accounts/${this.#trial.platform.account}/workers/scripts/${this.name}${below}`;
  }
}

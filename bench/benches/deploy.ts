import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { esModule, Platform, temporaryFolder } from '../../tools/platform/platform.ts';
import { Recorder } from '../../tools/platform/recorder.ts';
import type { Bench } from '../lib/bench.ts';
import { median, quantile } from '../lib/figures.ts';
import { serverCore } from '../lib/server.ts';
import { printTable } from '../lib/table.ts';
import { Wire } from '../lib/wire.ts';

const deploymentsARound = 10;

/** Of all calls that one `wrangler deploy` makes. */
const mostMsOfWrangler = 50;

const columns = [
  { key: 'apiP50Ms', head: 'API p50 ms', digits: 1 },
  { key: 'apiP99Ms', head: 'p99 ms', digits: 1 },
  { key: 'newP50Ms', head: 'to the new answer p50 ms', digits: 1 },
  { key: 'newP99Ms', head: 'p99 ms', digits: 1 },
  { key: 'newWorstMs', head: 'worst ms', digits: 1 },
  { key: 'firstMs', head: 'API in a first wrangler deploy ms', digits: 1 },
  { key: 'nextMs', head: 'in a next one ms', digits: 1 },
] as const;

const hello = (text: string) => `export default { fetch() { return new Response('${text}') } };`;

/**
 * Deploys a hello world twice by wrangler, through a recorder: what the API took of each
 * deployment, its calls together. The first makes the Worker, the next goes another way.
 */
class WranglerDeployments {
  readonly first: number[] = [];
  readonly next: number[] = [];
  readonly #platform: Platform;
  readonly #recorder: Recorder<string>;
  readonly #project = temporaryFolder();

  private constructor(platform: Platform, recorder: Recorder<string>) {
    this.#platform = platform;
    this.#recorder = recorder;
    mkdirSync(this.#project, { recursive: true });
  }

  static async through(platform: Platform): Promise<WranglerDeployments> {
    return new WranglerDeployments(platform, await Recorder.start<string>(platform.api));
  }

  async twice(name: string) {
    this.first.push(await this.#once(name, 'first'));
    this.next.push(await this.#once(name, 'next'));
  }

  async #once(name: string, text: string): Promise<number> {
    writeFileSync(path.join(this.#project, 'index.js'), hello(text));
    const config = { name, main: 'index.js', compatibility_date: '2026-01-01' };
    writeFileSync(path.join(this.#project, 'wrangler.json'), JSON.stringify(config));
    const caller = `${name} ${text}`;
    const ended = await this.#platform.wrangler(this.#project, ['deploy'], {
      CLOUDFLARE_API_BASE_URL: this.#recorder.baseFor(caller),
    });
    if (ended.code !== 0) throw new Error(`wrangler deploy:\n${ended.output}`);
    const own = this.#recorder.calls.filter((call) => call.caller === caller);
    return own.reduce((sum, { ms }) => sum + ms, 0);
  }

  end() {
    this.#recorder.stop();
    rmSync(this.#project, { recursive: true, force: true });
  }
}

/** Peers have no API to deploy to while they serve: Caravel stands alone here. */
export const deploy: Bench = {
  name: 'deploy',
  about: `the API's answer to a deploy, from then to the first answer of the new version, and what wrangler waits for`,
  async run(options) {
    const platform = await Platform.start([], { within: ['taskset', '-c', serverCore] });
    const deployments = deploymentsARound * options.rounds;
    const api: number[] = [];
    const seen: number[] = [];
    const byWrangler = await WranglerDeployments.through(platform);
    try {
      const wire = await Wire.open(Number(new URL(platform.http).port));
      for (let version = 0; version <= deployments; version++) {
        options.note(`deployment ${version}/${deployments}`);
        const answer = `version ${version}.`;
        const asked = performance.now();
        await platform.deploy('bench', [esModule(hello(answer))]);
        const answered = performance.now();
        // "." ends every answer, so the wire waits for any of them.
        for (;;) {
          await wire.ask('bench.localhost', '/', '.');
          if (wire.received.endsWith(answer)) break;
          if (performance.now() - answered > 10_000) throw new Error(`${answer} never came`);
        }
        if (version === 0) continue; // the first has the account's set-up in it
        api.push(answered - asked);
        seen.push(performance.now() - answered);
      }
      wire.close();
      for (let round = 0; round <= options.rounds; round++) {
        options.note(`wrangler deploy ${round}/${options.rounds}`);
        await byWrangler.twice(`round-${round}`);
      }
      for (const times of [byWrangler.first, byWrangler.next]) times.shift(); // as above
    } finally {
      byWrangler.end();
      await platform.stop();
    }
    const worst = Math.max(...seen);
    const values = {
      apiP50Ms: median(api),
      apiP99Ms: quantile(api, 0.99),
      newP50Ms: median(seen),
      newP99Ms: quantile(seen, 0.99),
      newWorstMs: worst,
      firstMs: median(byWrangler.first),
      nextMs: median(byWrangler.next),
    };
    const ours = Math.max(values.firstMs, values.nextMs);
    const judged = [
      {
        what: `the new version answers at most ${worst.toFixed(1)} ms after the API, bound 100`,
        held: worst <= 100,
      },
      {
        what: `the API takes ${ours.toFixed(1)} ms of a wrangler deploy, bound ${mostMsOfWrangler}`,
        held: ours < mostMsOfWrangler,
      },
    ];
    const rows = [{ name: 'caravel', values }];
    const result = { bench: this.name, about: this.about, rows, judged };
    printTable(result, columns);
    return result;
  },
};

import { rmSync } from 'node:fs';
import path from 'node:path';
import { ask } from '../../tools/platform/http.ts';
import { temporaryFolder } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';
import type { Bench } from '../lib/bench.ts';
import { median } from '../lib/figures.ts';
import { printTable } from '../lib/table.ts';

const boundSeconds = 20;

const columns = [
  { key: 'up', head: 'up s', digits: 2 },
  { key: 'init', head: 'init s', digits: 2 },
  { key: 'deploy', head: 'deploy s', digits: 2 },
  { key: 'answer', head: 'answer s', digits: 3 },
  { key: 'total', head: 'total s', digits: 2 },
] as const;

type Step = (typeof columns)[number]['key'];

/** The commands of the README, by the script that a newcomer calls, over an empty folder. */
async function walk(): Promise<Record<Step, number>> {
  const folder = temporaryFolder();
  const env = { CARAVEL_DATA: path.join(folder, 'data'), WRANGLER_SEND_METRICS: 'false' };
  const caravel = async (...words: string[]) => {
    const ended = await run(inTree('caravel'), words, { cwd: folder, env, limitMs: 120_000 });
    if (ended.code !== 0) throw new Error(`./caravel ${words.join(' ')}:\n${ended.output}`);
    return ended.output;
  };
  const seconds = async (step: () => Promise<unknown>) => {
    const begun = performance.now();
    await step();
    return (performance.now() - begun) / 1000;
  };
  try {
    const up = await seconds(() => caravel('up', '--detach', '--port', '0', '--api-port', '0'));
    const init = await seconds(() => caravel('init', 'my-app', '--template', 'hello'));
    const deploy = await seconds(() => caravel('deploy', 'my-app'));
    const { port } = new URL(JSON.parse(await caravel('status', '--json')).http);
    const answer = await seconds(async () => {
      const { text } = await ask(`http://127.0.0.1:${port}/`, { host: 'my-app.localhost' });
      if (text !== 'Hello, world!\n') throw new Error(`my-app answered: ${text}`);
    });
    return { up, init, deploy, answer, total: up + init + deploy + answer };
  } finally {
    await caravel('down');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nobody else has this way: Caravel stands alone here. */
export const newcomer: Bench = {
  name: 'newcomer',
  about: 'the way of the README after the build: up, init, deploy by wrangler, an answer',
  async run(options) {
    const walks: Record<Step, number>[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      options.note(`round ${round}/${options.rounds}`);
      walks.push(await walk());
    }
    const values = Object.fromEntries(
      columns.map(({ key }) => [key, median(walks.map((each) => each[key]))]),
    );
    const worst = Math.max(...walks.map(({ total }) => total));
    const judged = [
      {
        what: `the answer is there after ${worst.toFixed(1)} s at most, bound ${boundSeconds}`,
        held: worst <= boundSeconds,
      },
    ];
    const result = {
      bench: this.name,
      about: this.about,
      rows: [{ name: 'caravel', values }],
      judged,
    };
    printTable(result, columns);
    return result;
  },
};

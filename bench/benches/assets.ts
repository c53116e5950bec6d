import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Platform } from '../../tools/platform/platform.ts';
import type { Bench } from '../lib/bench.ts';
import { medians } from '../lib/figures.ts';
import { startNginx } from '../lib/peers.ts';
import { scratch, serverCore } from '../lib/server.ts';
import { failures, type Judged, printTable } from '../lib/table.ts';
import { load } from '../lib/wrk.ts';

const sizes = { '1k': 1 << 10, '100k': 100 << 10, '10m': 10 << 20 } as const;
type Size = keyof typeof sizes;
const names = Object.keys(sizes) as Size[];

const columns = [
  { key: '1k', head: '1 KB req/s', digits: 0, ratio: true },
  { key: '1kCpu', head: 'CPU us', digits: 1 },
  { key: '100k', head: '100 KB req/s', digits: 0, ratio: true },
  { key: '100kCpu', head: 'CPU us', digits: 1 },
  { key: '10m', head: '10 MB req/s', digits: 1, ratio: true },
  { key: '10mCpu', head: 'CPU us', digits: 0 },
] as const;

const leastOfNginx = 0.9;

/** Writes the files that are asked for, and a project of them. */
function makeProject(): string {
  const project = path.join(scratch, 'assets');
  rmSync(project, { recursive: true, force: true });
  mkdirSync(path.join(project, 'public'), { recursive: true });
  for (const name of names) {
    writeFileSync(path.join(project, 'public', `${name}.bin`), Buffer.alloc(sizes[name], name));
  }
  writeFileSync(path.join(project, 'public/index.html'), 'ready');
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'assets',
      compatibility_date: '2026-01-01',
      assets: { directory: 'public' },
    }),
  );
  return project;
}

export const assets: Bench = {
  name: 'assets',
  about: 'static files beside nginx with sendfile, 64 connections, one core each',
  async run(options) {
    const project = makeProject();
    const platform = await Platform.start(['--shards', '1'], {
      within: ['taskset', '-c', serverCore],
    });
    const nginx = await startNginx(
      `root ${path.join(project, 'public')}; sendfile on; tcp_nopush on;`,
    );
    const { port } = new URL(platform.http);
    const peers = [
      { name: 'caravel', pid: platform.pid, origin: `http://127.0.0.1:${port}` },
      { name: 'nginx', pid: nginx.pid, origin: nginx.origin },
    ];
    const figures = new Map<string, Record<string, number>[]>();
    try {
      const deployed = await platform.wrangler(project, ['deploy']);
      if (deployed.code !== 0) throw new Error(deployed.output);
      for (let round = 0; round <= options.rounds; round++) {
        for (const peer of peers) {
          options.note(`round ${round}/${options.rounds}: ${peer.name}`);
          const values: Record<string, number> = { failed: 0 };
          for (const size of names) {
            const measured = await load(peer, round === 0 ? 1 : options.seconds, {
              path: `/${size}.bin`,
              host: 'assets.localhost',
            });
            values[size] = measured.requestsPerSecond;
            values[`${size}Cpu`] = measured.cpuUsPerRequest;
            values.failed = (values.failed ?? 0) + measured.failed;
          }
          // The first round is for warmth.
          if (round > 0) figures.set(peer.name, [...(figures.get(peer.name) ?? []), values]);
        }
      }
    } finally {
      await Promise.all([platform.stop(), nginx.stop()]);
    }
    const rows = peers.map(({ name }) => ({ name, values: medians(figures.get(name) ?? []) }));
    const ratio = (size: Size) =>
      (rows[0]?.values[size] ?? 0) / (rows[1]?.values[size] ?? Number.NaN);
    const spoiled = failures(rows, ['caravel', 'nginx']);
    const judged: Judged[] =
      spoiled.length > 0
        ? spoiled
        : names.map((size) => ({
            what: `${size}: ${ratio(size).toFixed(2)} of nginx, at least ${leastOfNginx}`,
            held: ratio(size) >= leastOfNginx,
          }));
    const result = { bench: this.name, about: this.about, rows, judged };
    printTable(result, columns);
    return result;
  },
};

// Runs every peer once a round, in turn, so that what else happens on the
// machine falls on all of them alike; figures are the medians of the rounds, and the sum
// of the requests that failed.

import { residentBytesOfTree } from '../../tools/platform/process_tree.ts';
import type { BenchOptions } from './bench.ts';
import { mebibytes, medians } from './figures.ts';
import { type Peer, peersFor, type Work } from './peers.ts';
import type { Server } from './server.ts';
import type { Row } from './table.ts';

type Figures = Readonly<Record<string, number>>;

/** Requests that failed in any round: none may be hidden by a median. */
function failed(figures: readonly Figures[]): Figures {
  if (figures.every((each) => each.failed === undefined)) return {};
  return { failed: figures.reduce((sum, each) => sum + (each.failed ?? 0), 0) };
}

export async function inRounds(
  work: Work,
  options: BenchOptions,
  measure: (server: Server, seconds: number) => Promise<Figures>,
): Promise<Row[]> {
  const peers = peersFor(work, options.peers);
  const running: { peer: Peer; server: Server; figures: Figures[] }[] = [];
  try {
    for (const peer of peers) {
      options.note(`start ${peer.name}`);
      const server = await peer.start(work);
      running.push({ peer, server, figures: [] });
      await measure(server, 2); // compilers warm up
    }
    for (let round = 1; round <= options.rounds; round++) {
      for (const { peer, server, figures } of running) {
        options.note(`round ${round}/${options.rounds}: ${peer.name}`);
        figures.push(await measure(server, options.seconds));
      }
    }
    return running.map(({ peer, server, figures }) => ({
      name: peer.name,
      values: {
        ...medians(figures),
        ...failed(figures),
        residentMib: mebibytes(residentBytesOfTree(server.pid)),
      },
    }));
  } finally {
    await Promise.all(running.map(({ server }) => server.stop()));
  }
}

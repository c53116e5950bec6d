import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import type { Bench } from '../lib/bench.ts';
import { medians } from '../lib/figures.ts';
import { serverCore } from '../lib/server.ts';
import { type Judged, printTable } from '../lib/table.ts';
import { type Load, load } from '../lib/wrk.ts';

const perSecond = 1000;
const mostCost = 0.05;

/** A path of its own for each time that events are counted: those of before come late. */
let counts = 0;
const pathToCount = () => `/count-${counts++}-`;

const columns = [
  { key: 'alone', head: 'hello req/s, nobody reads', digits: 0 },
  { key: 'read', head: 'with a tail of 1,000 a second', digits: 0 },
  { key: 'aloneCpu', head: 'CPU us, nobody reads', digits: 1 },
  { key: 'readCpu', head: 'with a tail', digits: 1 },
  { key: 'cost', head: 'cost %', digits: 1 },
  { key: 'events', head: 'events asked for', digits: 0 },
  { key: 'lost', head: 'lost', digits: 0 },
] as const;

/** Requests at a steady rate over one connection, with little of the client's core. */
class Steady {
  asked = 0;
  answered = 0;
  readonly #socket: Socket;
  readonly #request: string;
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;
  #left = '';

  constructor(port: number, host: string, where: string) {
    this.#request = `GET ${where} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk) => {
      const parts = (this.#left + chunk.toString('latin1')).split('told.'); // ends each answer
      this.#left = parts.pop() ?? '';
      this.answered += parts.length;
    });
    this.#timer = setInterval(() => this.#sendWhatIsDue(), 5);
  }

  #sendWhatIsDue() {
    const due = Math.floor(((performance.now() - this.#began) / 1000) * perSecond) - this.asked;
    if (due <= 0) return;
    this.asked += due;
    this.#socket.write(this.#request.repeat(due));
  }

  /** Waits for the answers that are missing. */
  async stop() {
    clearInterval(this.#timer);
    while (this.answered < this.asked) {
      if (this.#socket.closed) throw new Error('the server ended the connection');
      await setTimeout(5);
    }
    this.#socket.destroy();
  }
}

/** A fast reader of a Worker's events, which counts them. */
class Reader {
  isFollowing = false;
  counted = 0;
  overloads = 0;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket, where: string) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      const text = typeof data === 'string' ? data : Buffer.from(data).toString();
      // Of type "overload": how many were lost.
      if (text.includes('"type":"overload')) this.overloads++;
      else if (text.includes(`/try${where}`)) this.isFollowing = true;
      else if (text.includes(where)) this.counted++;
    });
  }

  /** Counts the events of requests whose path is `where`. */
  static async of(platform: Platform, worker: string, where: string): Promise<Reader> {
    const made = await platform.ask<{ url: string }>(
      'POST',
      `/accounts/${platform.account}/workers/scripts/${worker}/tails`,
      { filters: [] },
    );
    if (!made.success) throw new Error(JSON.stringify(made.errors));
    const socket = new WebSocket(made.result.url, 'trace-v1');
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error('the tail did not open')));
    });
    return new Reader(socket, where);
  }

  close() {
    this.#socket.close();
  }
}

/** wrangler and its like read tails of others: Caravel stands alone here. */
export const tail: Bench = {
  name: 'tail',
  about: 'a tail of 1,000 events a second: what it loses, and what it costs another Worker',
  async run(options) {
    const loads = { alone: [] as Load[], read: [] as Load[] };
    const platform = await Platform.start(['--shards', '1'], {
      within: ['taskset', '-c', serverCore],
    });
    let [asked, lost, overloads] = [0, 0, 0];
    try {
      const port = Number(new URL(platform.http).port);
      await platform.deploy('hello', [
        esModule(`export default { fetch() { return new Response('hello') } };`),
      ]);
      await platform.deploy('told', [
        esModule(`export default { fetch(request) {
          console.log('asked for', request.url);
          return new Response('told.');
        } };`),
      ]);
      const rateOf = async () => {
        const server = { pid: platform.pid, origin: `http://127.0.0.1:${port}` };
        return load(server, options.seconds, { host: 'hello.localhost' });
      };
      // The same requests are sent in both halves of a round; in one they are read.
      const alone = async () => {
        const steady = new Steady(port, 'told.localhost', pathToCount());
        loads.alone.push(await rateOf());
        await steady.stop();
      };
      const read = async () => {
        const where = pathToCount();
        const reader = await Reader.of(platform, 'told', where);
        while (!reader.isFollowing) {
          await platform.get('told', `/try${where}`); // hosts hear of a reader shortly after it has come
          await setTimeout(20);
        }
        const steady = new Steady(port, 'told.localhost', where);
        loads.read.push(await rateOf());
        await steady.stop();
        await untilQuiet(reader, steady.asked);
        asked += steady.asked;
        lost += steady.asked - reader.counted;
        overloads += reader.overloads;
        reader.close();
      };
      for (let round = 1; round <= options.rounds; round++) {
        options.note(`round ${round}/${options.rounds}`);
        // Taking turns, so that neither has the machine's better half of each round.
        for (const half of round % 2 === 0 ? [alone, read] : [read, alone]) await half();
      }
    } finally {
      await platform.stop();
    }
    const [alone, read] = [loads.alone, loads.read].map((each) => medians(each)) as [Load, Load];
    const cost = 1 - read.requestsPerSecond / alone.requestsPerSecond;
    const values = {
      alone: alone.requestsPerSecond,
      read: read.requestsPerSecond,
      aloneCpu: alone.cpuUsPerRequest,
      readCpu: read.cpuUsPerRequest,
      cost: cost * 100,
      events: asked,
      lost,
    };
    const judged: Judged[] = [
      {
        what: `of ${asked} events a fast reader lost ${lost}, told of ${overloads} overloads`,
        held: lost === 0 && overloads === 0,
      },
      {
        what: `reading them costs ${(cost * 100).toFixed(1)} % of the throughput, bound 5`,
        held: cost < mostCost,
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

/** Until as many events are there, or none has come for two seconds. */
async function untilQuiet(reader: Reader, wanted: number) {
  let [seen, since] = [reader.counted, performance.now()];
  while (reader.counted < wanted && performance.now() - since < 2000) {
    await setTimeout(20);
    if (reader.counted === seen) continue;
    [seen, since] = [reader.counted, performance.now()];
  }
}

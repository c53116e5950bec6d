// Servers that hold many Workers and load each when it is first asked: Caravel,
// and workerd with its Worker loader. The other peers have nothing of the kind.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../tools/platform/free_port.ts';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import { workerdBinary } from '../../tools/platform/runtimes.ts';
import { root, Server, scratch, serverCore } from './server.ts';
import { sourceOfSize, withId } from './workers.ts';

export const sizes = { '1k': 1024, '100k': 100 * 1024, '1m': 1024 * 1024 } as const;
export type Size = keyof typeof sizes;

export interface Loader {
  readonly name: string;
  readonly port: number;
  /** The process that holds the Workers. */
  pid(): Promise<number>;
  /** Makes Worker `id` known, without loading it. */
  publish(size: Size, id: number): Promise<void>;
  /** Host and path that reach it. */
  addressOf(size: Size, id: number): readonly [host: string, where: string];
  stop(): Promise<void>;
}

export async function caravelLoader(): Promise<Loader> {
  const platform = await Platform.start([], { within: ['taskset', '-c', serverCore] });
  const nameOf = (size: Size, id: number) => `w${size}-${id}`;
  const sources = new Map(
    Object.entries(sizes).map(([size, bytes]) => [size, sourceOfSize(bytes)]),
  );
  return {
    name: 'caravel',
    port: Number(new URL(platform.http).port),
    async pid() {
      const { hosts } = await platform.status();
      const host = hosts.find(({ serving }) => serving);
      if (!host) throw new Error('caravel status names no host that serves');
      return host.pid;
    },
    async publish(size, id) {
      await platform.deploy(nameOf(size, id), [esModule(withId(sources.get(size) ?? '', id))]);
    },
    addressOf: (size, id) => [`${nameOf(size, id)}.localhost`, '/'],
    stop: () => platform.stop(),
  };
}

export async function workerdLoader(): Promise<Loader> {
  const port = await freePort();
  const folder = path.join(scratch, 'workerd-loader');
  mkdirSync(folder, { recursive: true });
  const modules = Object.entries(sizes).map(([size, bytes]) => {
    writeFileSync(path.join(folder, `${size}.txt`), sourceOfSize(bytes));
    return `(name = "source-${size}", text = embed "${size}.txt")`;
  });
  const script = path.relative(folder, path.join(root, 'bench/peers/workerd_loader.js'));
  writeFileSync(
    path.join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (
       services = [(name = "main", worker = (
         modules = [(name = "index.js", esModule = embed "${script}"), ${modules.join(', ')}],
         bindings = [(name = "LOADER", workerLoader = (id = "bench"))],
         compatibilityDate = "2026-01-01"))],
       sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);`,
  );
  const config = path.join(folder, 'config.capnp');
  const server = await Server.start('workerd-loader', port, [
    workerdBinary,
    'serve',
    '--experimental',
    config,
  ]);
  return {
    name: 'workerd',
    port,
    pid: async () => server.pid,
    publish: async () => {},
    addressOf: (size, id) => ['bench', `/${size}/${id}`],
    stop: () => server.stop(),
  };
}

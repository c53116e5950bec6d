// The servers that run beside Caravel and how each is started for a kind of work.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../tools/platform/free_port.ts';
import { bunBinary, denoBinary, workerdBinary } from '../../tools/platform/runtimes.ts';
import { bundled } from './bundle.ts';
import { root, Server, scratch } from './server.ts';

export type Work = 'hello' | 'json' | 'stream' | 'web' | 'websocket';

export interface Peer {
  readonly name: string;
  readonly works: readonly Work[];
  start(work: Work): Promise<Server>;
}

const inBench = (...parts: string[]) => path.join(root, 'bench', ...parts);
const workerOf = (work: Work) =>
  work === 'web' ? bundled(work) : inBench('workers', work, 'index.js');

export const caravelBinary = path.join(
  root,
  'build',
  process.env.CARAVEL_PRESET ?? 'dev',
  'src/cli/caravel',
);

const caravel: Peer = {
  name: 'caravel',
  works: ['hello', 'json', 'stream', 'web', 'websocket'],
  async start(work) {
    const port = await freePort();
    const project = path.dirname(workerOf(work));
    return Server.start(
      'caravel',
      port,
      [caravelBinary, 'serve', project, '--port', `${port}`, '--shards', '1'],
      { CARAVEL_ROOT: root },
    );
  },
};

/** Debian's nginx with one worker, which answers as `location` says. */
export async function startNginx(location: string): Promise<Server> {
  const port = await freePort();
  const folder = path.join(scratch, 'nginx');
  mkdirSync(folder, { recursive: true });
  const config = path.join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
     ${process.getuid?.() === 0 ? 'user root;' : ''}
     events { worker_connections 1024; }
     http {
       access_log off; keepalive_requests 1000000000;
       client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
       fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi;
       scgi_temp_path ${folder}/scgi; default_type text/plain;
       server { listen 127.0.0.1:${port}; location / { ${location} } }
     }`,
  );
  return Server.start('nginx', port, ['/usr/sbin/nginx', '-c', config, '-e', 'stderr']);
}

/** A fixed answer, without any script. */
const nginx: Peer = {
  name: 'nginx',
  works: ['hello'],
  start: () => startNginx('return 200 "Hello World!";'),
};

const workerd: Peer = {
  name: 'workerd',
  works: ['hello', 'json', 'stream', 'web', 'websocket'],
  async start(work) {
    const port = await freePort();
    const config = path.join(scratch, `workerd-${work}.capnp`);
    mkdirSync(scratch, { recursive: true });
    writeFileSync(
      config,
      `using Workerd = import "/workerd/workerd.capnp";
       const config :Workerd.Config = (
         services = [(name = "main", worker = (
           modules = [(name = "index.js", esModule = embed "${path.relative(scratch, workerOf(work))}")],
           compatibilityDate = "2026-01-01"${work === 'web' ? ', compatibilityFlags = ["nodejs_compat"]' : ''}))],
         sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);`,
    );
    return Server.start('workerd', port, [workerdBinary, 'serve', config]);
  },
};

const deno: Peer = {
  name: 'deno',
  works: ['hello', 'json', 'stream', 'web', 'websocket'],
  async start(work) {
    const port = await freePort();
    const script = inBench(`peers/deno_${work === 'websocket' ? work : 'server'}.js`);
    return Server.start(
      'deno',
      port,
      [
        denoBinary,
        'run',
        '--allow-net',
        '--allow-read',
        '--no-lock',
        script,
        `${port}`,
        workerOf(work),
      ],
      { DENO_DIR: path.join(scratch, 'deno'), DENO_NO_UPDATE_CHECK: '1' },
    );
  },
};

const bun: Peer = {
  name: 'bun',
  works: ['hello', 'json', 'stream', 'web', 'websocket'],
  async start(work) {
    const port = await freePort();
    const script = inBench(`peers/bun_${work === 'websocket' ? work : 'server'}.js`);
    return Server.start('bun', port, [bunBinary, script, `${port}`, workerOf(work)]);
  },
};

const node: Peer = {
  name: 'node',
  works: ['hello', 'json', 'stream', 'web', 'websocket'],
  async start(work) {
    const port = await freePort();
    const [script, what] =
      work === 'web'
        ? [inBench('peers/node_web_server.js'), workerOf(work)]
        : [inBench(`peers/node_${work === 'websocket' ? work : 'server'}.js`), work];
    return Server.start('node', port, [process.execPath, script, `${port}`, what]);
  },
};

const epoll: Peer = {
  name: 'epoll',
  works: ['hello'],
  async start() {
    const port = await freePort();
    const program = path.join(scratch, 'epoll_hello');
    mkdirSync(scratch, { recursive: true });
    execFileSync('clang++-19', [
      '-std=c++20',
      '-O2',
      '-o',
      program,
      inBench('peers/epoll_hello.cc'),
    ]);
    return Server.start('epoll', port, [program, `${port}`]);
  },
};

const all: readonly Peer[] = [caravel, nginx, deno, bun, node, workerd, epoll];

/** Those that can do `work`, of the names in `only` if that is not empty. */
export function peersFor(work: Work, only: readonly string[]): Peer[] {
  const chosen = all.filter(
    ({ name, works }) => works.includes(work) && (only.length === 0 || only.includes(name)),
  );
  return chosen.filter(({ name }) => {
    if (name !== 'caravel' || existsSync(caravelBinary)) return true;
    throw new Error(`${path.relative(root, caravelBinary)} is not built: run ./caravel build`);
  });
}

// A worker in a bare vm context: evaluates what build.mjs wrote, over the fake
// native ops, and lets a test send requests and look at what comes of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import vm from 'node:vm';
import { inject } from 'vitest';
import type { Dispatch } from '../dispatch.ts';
import { FakeNative, type Incoming, type Realm, type Sent } from './fake_native.ts';

const scripts = new Map<string, vm.Script>();

function scriptOf(file: string): vm.Script {
  let script = scripts.get(file);
  if (script === undefined) {
    script = new vm.Script(readFileSync(join(inject('webOutputs'), file), 'utf8'), {
      filename: file,
    });
    scripts.set(file, script);
  }
  return script;
}

export interface Send extends Partial<Incoming> {
  method?: string;
  body?: number; // a handle from native.addBody
}

export class Worker {
  readonly native = new FakeNative();
  readonly dispatch: Dispatch;
  readonly #context = vm.createContext(Object.create(null));
  #lastInvocation = 0;

  constructor() {
    // Node gives a context a console and nothing else of the platform; V8's own
    // stands there too in a real isolate.
    const global = vm.runInContext('globalThis', this.#context);
    const exports = new Map<string, object>();
    const context = this.#context;
    const load = (name: string): object => {
      let found = exports.get(name);
      if (found === undefined) {
        this.native.loaded.push(name);
        const make = scriptOf(`lazy/${name}.js`).runInContext(context);
        found = make(ops, global, load, this.dispatch.internals) as object;
        exports.set(name, found);
      }
      return found;
    };
    const ops = this.native.ops(makeRealm(context, load));
    const addLate = takeLateBuiltins(context);
    this.dispatch = scriptOf('snapshot.js').runInContext(context)(ops, global, load) as Dispatch;
    addLate();
  }

  // Evaluates an expression in the worker's realm, within an invocation.
  run(source: string): unknown {
    const before = this.native.invocation;
    if (before === 0) this.native.invocation = 1_000;
    try {
      return vm.runInContext(source, this.#context);
    } finally {
      this.native.invocation = before;
    }
  }

  // Runs `source`, the body of an async function, and gives what it returns as
  // plain JSON values; an error comes out as "Name: message". Stays inside one
  // invocation until it has settled.
  async eval(source: string): Promise<unknown> {
    this.native.invocation = 1_000;
    const json = await vm.runInContext(
      `(async () => {${source}})().then(
         (value) => JSON.stringify({ value }),
         (error) => JSON.stringify({ value: \`\${error.name}: \${error.message}\` }))`,
      this.#context,
    );
    this.native.invocation = 0;
    return JSON.parse(json).value;
  }

  // Takes the main module's exports: `source` is an object expression.
  start(source: string, env: object = {}): unknown {
    const entry = vm.runInContext(`(${source})`, this.#context);
    return this.dispatch.start(entry, env);
  }

  // Dispatches one request, and runs until nothing moves without outside help.
  async send(request: Send = {}): Promise<Sent> {
    const inv = this.begin(request);
    await settled();
    return this.answerOf(inv);
  }

  // As send, but gives the invocation's id before anything asynchronous ran.
  begin(request: Send = {}): number {
    const inv = ++this.#lastInvocation;
    const { method = 'GET', body = 0 } = request;
    const { url = 'http://worker.localhost/', headers = [], cf = '{}' } = request;
    this.native.incoming.set(inv, { url, headers, cf });
    this.native.invocation = inv;
    this.dispatch.onFetch(inv, method, body);
    return inv;
  }

  // What C++ tells of a timer, an outbound request and a client.
  fireTimer(id: number): void {
    const fired = this.native.timers.get(id);
    if (fired === undefined) return;
    if (!fired.repeat) this.native.timers.delete(id);
    this.dispatch.onTimer(fired.timer);
  }

  answerFetch(op: number, status: number, headers: string[], body: number): void {
    this.dispatch.onFetchHead(this.native.outbound.get(op)?.asker, status, '', headers, body);
  }

  failFetch(op: number, message: string): void {
    this.dispatch.onFetchError(this.native.outbound.get(op)?.asker, message);
  }

  leave(inv: number): void {
    const signal = this.native.incoming.get(inv)?.signal;
    if (signal !== undefined) this.dispatch.onAbort(signal);
  }

  answerOf(inv: number): Sent {
    const sent = this.native.sent.get(inv);
    if (sent === undefined) throw new Error(`invocation ${inv} has sent nothing`);
    return sent;
  }
}

// A worker that answers every request by `source`, the body of an async
// function of (request, env, ctx).
export function workerThat(source: string, env: object = {}): Worker {
  const worker = new Worker();
  worker.start(`{ default: { async fetch(request, env, ctx) {${source}} } }`, env);
  return worker;
}

// V8 installs what is young in the language only after it has read a snapshot. Takes
// it away, and gives what puts it back.
function takeLateBuiltins(context: vm.Context): () => void {
  return vm.runInContext(
    `const { Float16Array, Temporal } = globalThis;
    const { isError } = Error;
    delete globalThis.Float16Array;
    delete globalThis.Temporal;
    delete Error.isError;
    () => {
      Object.assign(globalThis, { Float16Array, Temporal });
      Error.isError = isError;
    }`,
    context,
  );
}

// Until every promise that can settle without outside help has.
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await setImmediate();
}

function makeRealm(context: vm.Context, load: (name: string) => object): Realm {
  // Captured, since tests spoil the realm's builtins.
  const lend = vm.runInContext(
    `const { ArrayBuffer: Buffer, Error: Failure, Promise: Later, TypeError: Wrong, Uint32Array: Words } = globalThis;
    ({
      Uint8Array,
      emptyArray: () => [],
      uint32: (length) => new Words(length),
      emptyBuffer: (length) => new Buffer(length),
      promise: (run) => new Later((resolve, reject) => run().then(resolve, reject)),
      error: (message) => new Failure(message),
      typeError: (message) => new Wrong(message),
    })`,
    context,
  );
  return {
    ...lend,
    buffer(bytes: Uint8Array): ArrayBuffer {
      const buffer = lend.emptyBuffer(bytes.length);
      new Uint8Array(buffer).set(bytes);
      return buffer;
    },
    strings(values: string[]): string[] {
      const array = lend.emptyArray();
      Array.prototype.push.call(array, ...values);
      return array;
    },
    guard<T>(run: () => T): T {
      try {
        return run();
      } catch (error) {
        throw lend.typeError((error as Error).message);
      }
    },
    clone: (value: unknown, transfer: ArrayBuffer[]) => structuredClone(value, { transfer }),
    load,
  };
}

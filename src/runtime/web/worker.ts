// What the worker's main module exports, and how its fetch handler is called.

import { WorkerEntrypoint } from './cloudflare_workers.ts';
import { globalTarget } from './events.ts';
import type { ExecutionContext } from './invocation.ts';
import {
  ObjectGetPrototypeOf,
  ObjectKeys,
  ReflectApply,
  ReflectConstruct,
  TypeError,
} from './primordials.ts';
import { type Callable, isCallable, isObject } from './webidl.ts';

// Which handlers a worker has, for deploy's validation and for the engine.
export interface Handlers {
  readonly fetch: boolean;
  readonly scheduled: boolean;
  readonly queue: boolean;
  readonly email: boolean;
  readonly tail: boolean;
  // Why the module is no worker, as what is said of it; null when it is one.
  readonly problem: string | null;
}

interface Worker {
  script: boolean; // a service worker: its handlers are listeners
  object: Record<string, unknown> | null;
  class: Callable | null;
  env: unknown;
  exports: Record<string, unknown>;
}

const worker: Worker = { script: false, object: null, class: null, env: undefined, exports: {} };

let listener: (() => void) | null = null;
// Who is told once the main module has been evaluated.
export function onStart(listen: () => void): void {
  listener = listen;
}

// The main module is a script, which has not run yet.
export function prepareScript(): void {
  worker.script = true;
  globalTarget.mayAdd = () => {};
}

// `entry` is the namespace of the main module, after it has been evaluated; null of a
// script.
export function start(entry: Record<string, unknown> | null, env: unknown): Handlers {
  worker.env = env;
  worker.exports = entry ?? {};
  listener?.();
  if (entry === null) return listenersOfScript();
  const main = entry.default;
  if (!isObject(main))
    return refuse(
      'has no default export with handlers: add ' +
        '"export default { async fetch(request, env, ctx) { ... } }"',
    );
  if (isCallable(main)) {
    if (!extendsEntrypoint(main))
      return refuse(
        'exports as default a function or class that does not extend WorkerEntrypoint of ' +
          '"cloudflare:workers": extend it, or export an object with handlers',
      );
    worker.class = main;
    return handlersOf((main as unknown as { prototype: Record<string, unknown> }).prototype);
  }
  worker.object = main as Record<string, unknown>;
  return handlersOf(worker.object);
}

function listenersOfScript(): Handlers {
  const { list } = globalTarget;
  const handlers = {
    fetch: list.has('fetch'),
    scheduled: list.has('scheduled'),
    queue: list.has('queue'),
    email: list.has('email'),
    tail: list.has('tail') || list.has('trace'),
    problem: null,
  };
  const { fetch, scheduled, queue, email, tail } = handlers;
  if (fetch || scheduled || queue || email || tail) return handlers;
  return refuse(
    'registers no event handler: add ' +
      '"addEventListener(\'fetch\', (event) => event.respondWith(...))"',
  );
}

function refuse(problem: string): Handlers {
  return { fetch: false, scheduled: false, queue: false, email: false, tail: false, problem };
}

function handlersOf(object: Record<string, unknown>): Handlers {
  return {
    fetch: isCallable(object.fetch),
    scheduled: isCallable(object.scheduled),
    queue: isCallable(object.queue),
    email: isCallable(object.email),
    tail: isCallable(object.tail),
    problem: null,
  };
}

export function extendsEntrypoint(target: object): boolean {
  for (let at: object | null = target; at !== null; at = ObjectGetPrototypeOf(at))
    if (at === WorkerEntrypoint) return true;
  return false;
}

// What the main module exports under that name, and the bindings.
export function exportOf(name: string): unknown {
  return worker.exports[name];
}
export function exportNames(): string[] {
  return ObjectKeys(worker.exports);
}
export function envOfWorker(): unknown {
  return worker.env;
}

export function callFetch(request: object, context: ExecutionContext): unknown {
  if (worker.script) return lazy('service_worker_events').callFetch(request, context);
  if (worker.object !== null) {
    const handler = worker.object.fetch;
    if (!isCallable(handler)) throw new TypeError('Handler does not export a fetch() function');
    return ReflectApply(handler, worker.object, [request, worker.env, context]);
  }
  if (worker.class === null) throw new TypeError('The worker has no default export');
  const instance = ReflectConstruct(worker.class, [context, worker.env]) as { fetch?: unknown };
  if (!isCallable(instance.fetch))
    throw new TypeError('Handler does not export a fetch() function');
  return instance.fetch(request);
}

// The answer of the handler of scheduled events.
export function callScheduled(
  controller: { readonly cron: string; readonly scheduledTime: number },
  context: ExecutionContext,
): unknown {
  if (worker.script)
    return lazy('service_worker_events').callScheduled(
      controller.cron,
      controller.scheduledTime,
      context,
    );
  const { class: made, object, env } = worker;
  const target =
    made === null ? object : (ReflectConstruct(made, [context, env]) as Record<string, unknown>);
  const handler = target?.scheduled;
  if (!isCallable(handler)) throw new TypeError('Handler does not export a scheduled() function');
  return ReflectApply(handler, target, made === null ? [controller, env, context] : [controller]);
}

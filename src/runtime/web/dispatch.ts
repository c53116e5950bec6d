// What C++ calls. Each runs in a turn, with the isolate entered and the
// invocation restored; none throws.

import { type AbortSignal, abortSignal } from './abort.ts';
import { answer, answerLater, fail } from './answer.ts';
import { cloudflareWorkers } from './cloudflare_workers.ts';
import { DOMException } from './dom_exception.ts';
import { onFetchError, onFetchHead } from './fetch.ts';
import { onHandledLater, onUnhandledRejection } from './global_events.ts';
import { Invocation, makeContext } from './invocation.ts';
import { parseJson } from './json_methods.ts';
import { cloudflareNode, nodeModule, offerNode } from './node_globals.ts';
import { makeIncoming } from './request.ts';
import { responseStateOf } from './response.ts';
import { onTimer } from './timers.ts';
import { callFetch, prepareScript, start } from './worker.ts';

// A request has arrived; `body` is a handle, 0 for none. The way of every
// request: two objects for the request, two for the context, no closure, and one
// native call for an answer that is whole.
function onFetch(inv: number, method: string, body: number): void {
  const invocation = new Invocation(inv);
  let result: unknown;
  try {
    result = callFetch(makeIncoming(inv, method, body), makeContext(invocation));
  } catch (error) {
    fail(invocation, error);
    return;
  }
  if (responseStateOf(result) !== null) answer(invocation, method, result);
  else void answerLater(invocation, method, result);
}

// Another Worker calls: `message` begins a session of RPC, `address` is what it connects
// to; without either it is a request.
function onService(
  inv: number,
  method: string,
  body: number,
  entrypoint: string,
  props: object,
  message: ArrayBuffer | undefined,
  address: string | undefined,
): void {
  lazy('service').onService(inv, method, body, entrypoint, props, message, address);
}

// It is the time that a schedule names.
function onScheduled(inv: number, cron: string, time: number): void {
  lazy('scheduled').onScheduled(inv, cron, time);
}

// The client of a request went away before its answer was whole; its signal, which
// script has asked for.
function onAbort(signal: AbortSignal): void {
  abortSignal(signal, new DOMException('The client disconnected', 'AbortError'));
}

export const dispatch = {
  // Once, before the worker's modules are evaluated: what they import.
  cloudflareNode,
  cloudflareSockets: () => lazy('sockets').cloudflareSockets(),
  cloudflareWorkers,
  nodeModule,
  offerNode,
  // Once, before a service worker's script is run.
  prepareScript,
  // The value of a JSON module that is asked for.
  parseJson,
  // Once, after they are.
  start,
  onFetch,
  onService,
  onScheduled,
  onAbort,
  onTimer,
  onFetchHead,
  onFetchError,
  onUnhandledRejection,
  onHandledLater,
  // What snapshot.js lends to the lazy modules; build.mjs fills it in with the
  // exports that they import.
  internals: [] as unknown[],
};

export type Dispatch = typeof dispatch;

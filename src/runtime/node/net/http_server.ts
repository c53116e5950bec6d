// The module "cloudflare:node": servers of node:http as fetch handlers.
// Source: Workers documentation, "Node.js http".
import { addAlgorithm } from '../../web/abort.ts';
import { inner } from '../../web/inner_promises.ts';
import { invocationOf } from '../../web/invocation.ts';
import { Error, NumberIsInteger, Promise, TypeError } from '../../web/primordials.ts';
import { requestStateOf, signalOf } from '../../web/request.ts';
import type { Response } from '../../web/response.ts';
import { startTimer } from '../../web/timers.ts';
import type { Loose } from '../loose.ts';
import { kMadeImmediates } from '../replaced/timers.ts';
import type { Ports } from './ports.ts';
import type { RequestHandle, RequestHandleClass } from './request_handle.ts';

function portOf(value: unknown): number {
  if (typeof value !== 'number' || !NumberIsInteger(value) || value < 0 || value > 65535)
    throw new Error('httpServerHandler: no port is known: give { port }, or a server that listens');
  return value;
}

// The port of `{ port }`, or of a server, which is made to listen where it does not.
function portOfServer(given: Loose): number {
  if (typeof given === 'number') return portOf(given);
  if (given === null || given === undefined)
    throw new TypeError('httpServerHandler: give { port }, or a server of node:http');
  if (given.port !== undefined && given.port !== null) return portOf(given.port);
  if (typeof given.listen !== 'function') return portOf(undefined);
  if (typeof given.address()?.port !== 'number') given.listen();
  return portOf(given.address()?.port);
}

export function cloudflareNode(
  { accept }: Ports,
  RequestHandle: RequestHandleClass,
  immediateInfo: Uint32Array,
): Record<string, unknown> {
  // The connection is closed, and what was put off by setImmediate() meanwhile has run.
  async function over(handle: RequestHandle): Promise<void> {
    const made = immediateInfo[kMadeImmediates];
    await inner(handle.ended);
    if (immediateInfo[kMadeImmediates] === made) return;
    const turn = new Promise<void>((resolve) => {
      startTimer(() => resolve(), 0);
    });
    await inner(turn);
  }

  async function handleAsNodeRequest(
    server: Loose,
    request: unknown,
    _env: unknown = undefined,
    context: unknown = undefined,
  ): Promise<Response> {
    const port = portOf(typeof server === 'number' ? server : server?.port);
    const state = requestStateOf(request);
    if (state === null) throw new TypeError('handleAsNodeRequest: parameter 2 is not a Request');
    const handle = new RequestHandle(state, port);
    if (!accept(port, handle))
      throw Object.assign(
        new Error(
          `No server listens on port ${port}: call listen(${port}) on it before the first request`,
        ),
        { code: 'ERR_INVALID_ARG_VALUE' },
      );
    // What the server does behind its answer belongs to the request too.
    invocationOf(context)?.waitUntil(over(handle));
    addAlgorithm(signalOf(state), () => handle.abandon());
    handle.begin();
    return await inner(handle.response);
  }

  function httpServerHandler(server: unknown): object {
    const port = portOfServer(server);
    return {
      fetch: (request: unknown, env: unknown, context: unknown) =>
        handleAsNodeRequest(port, request, env, context),
    };
  }

  return { handleAsNodeRequest, httpServerHandler };
}

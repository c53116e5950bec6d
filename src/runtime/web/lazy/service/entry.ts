// The side that is called: finds the entrypoint and has it answer.
import { answer, answerLater, fail } from '../../answer.ts';
import { type ExecutionContext, Invocation, makeContext } from '../../invocation.ts';
import { Error, ReflectApply, ReflectConstruct, TypeError } from '../../primordials.ts';
import { makeIncoming } from '../../request.ts';
import { responseStateOf } from '../../response.ts';
import { type Callable, isCallable, isObject } from '../../webidl.ts';
import { callFetch, envOfWorker, exportOf, extendsEntrypoint } from '../../worker.ts';
import { serveRpc } from './callee.ts';

// What handles a call: an instance of a class, made for it, or an object of handlers,
// which get `env` and `ctx` as arguments.
export interface Entry {
  readonly target: Record<string, unknown>;
  readonly isClass: boolean;
}

export function findEntry(name: string, context: ExecutionContext): Entry {
  const found = exportOf(name === '' ? 'default' : name);
  if (isCallable(found) && extendsEntrypoint(found)) {
    const target = ReflectConstruct(found, [context, envOfWorker()]) as Record<string, unknown>;
    return { target, isClass: true };
  }
  if (isObject(found) && !isCallable(found))
    return { target: found as Record<string, unknown>, isClass: false };
  throw new TypeError(
    name === ''
      ? 'The Worker has no default export with handlers'
      : `The Worker has no entrypoint "${name}": it exports no class of that name that extends WorkerEntrypoint`,
  );
}

function fetchOf(entry: Entry, request: object, context: ExecutionContext): unknown {
  const handler = entry.target.fetch;
  if (!isCallable(handler)) throw new TypeError('Handler does not export a fetch() function');
  return ReflectApply(
    handler as Callable,
    entry.target,
    entry.isClass ? [request] : [request, envOfWorker(), context],
  );
}

// The other end of a connection goes to connect(), and is closed when that is done.
async function serveConnection(
  invocation: Invocation,
  body: number,
  entry: Entry,
  context: ExecutionContext,
  address: string,
): Promise<void> {
  const inv = invocation.id;
  try {
    const handler = entry.target.connect;
    if (!isCallable(handler)) throw new Error('Handler does not export a connect() function.');
    const { socket, end } = lazy('sockets').acceptConnection(inv, body, address);
    native.respondStart(inv, 200, '', null, null, -1);
    await ReflectApply(
      handler as Callable,
      entry.target,
      entry.isClass ? [socket] : [socket, envOfWorker(), context],
    );
    await end();
  } catch (error) {
    fail(invocation, error);
    return;
  }
  invocation.release();
}

export function onService(
  inv: number,
  method: string,
  body: number,
  entrypoint: string,
  props: object,
  message: ArrayBuffer | undefined,
  address: string | undefined,
): void {
  const invocation = new Invocation(inv);
  let result: unknown;
  try {
    const context = makeContext(invocation, props);
    if (message !== undefined) {
      serveRpc(invocation, body, entrypoint, context, message);
      return;
    }
    if (address !== undefined) {
      const entry = findEntry(entrypoint, context);
      void serveConnection(invocation, body, entry, context, address);
      return;
    }
    const request = makeIncoming(inv, method, body);
    result =
      entrypoint === ''
        ? callFetch(request, context)
        : fetchOf(findEntry(entrypoint, context), request, context);
  } catch (error) {
    fail(invocation, error);
    return;
  }
  if (responseStateOf(result) !== null) answer(invocation, method, result);
  else void answerLater(invocation, method, result);
}

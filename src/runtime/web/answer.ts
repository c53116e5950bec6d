// Sends what the fetch handler gave: in one native call where the content is at
// hand, by C++ alone where it lies in C++, else piece by piece from the stream.
import { type Body, copyHandle } from './body.ts';
import { codingOf } from './coding.ts';
import type { HeaderList } from './headers.ts';
import { innerThen } from './inner_promises.ts';
import type { Invocation } from './invocation.ts';
import { TypeError } from './primordials.ts';
import { describeError, logException } from './report.ts';
import { type ResponseState, responseStateOf } from './response.ts';

// Ends the answer's part of the invocation, unless a stream goes on.
export function answer(invocation: Invocation, method: string, value: unknown): void {
  try {
    const state = responseStateOf(value);
    if (state === null)
      throw new TypeError(
        "Incorrect type for Promise: the Promise did not resolve to 'Response'. The fetch handler must return a Response.",
      );
    if (send(invocation, method, state)) invocation.release();
  } catch (error) {
    fail(invocation, error);
  }
}

export async function answerLater(
  invocation: Invocation,
  method: string,
  result: unknown,
): Promise<void> {
  let value: unknown;
  try {
    value = await result;
  } catch (error) {
    fail(invocation, error);
    return;
  }
  answer(invocation, method, value);
}

export function fail(invocation: Invocation, error: unknown): void {
  const { name, message, stack } = describeError(error);
  native.fail(invocation.id, name, message, stack);
  invocation.release();
}

// True when the answer is whole.
function send(invocation: Invocation, method: string, state: ResponseState): boolean {
  if (state.kind === 'error')
    throw new TypeError('Response.error() was returned by the fetch handler: it cannot be sent');
  const { status, statusText, type, body } = state;
  let headers = state.list === null ? null : state.list.items;
  const inv = invocation.id;
  if (state.webSocket !== null) {
    lazy('websocket').answer(inv, statusText, headers, state.webSocket);
    return true;
  }
  if (body === null) {
    native.respond(inv, status, statusText, headers, type, null);
    return true;
  }
  body.claim();
  const coding = state.list === null ? null : codingOf(state.list);
  const isAsNamed =
    coding === body.coding
      ? coding === null || status === 206 || lazy('content_coding').isAccepted(inv, coding)
      : coding !== null && state.encoded;
  if (!isAsNamed && coding !== null) {
    const plain = (state.list as HeaderList).copy();
    plain.delete('content-encoding');
    if (coding === body.coding) lazy('content_coding').addVary(plain);
    headers = plain.items;
  }
  if (body.source !== null) {
    native.respond(inv, status, statusText, headers, type, body.source);
    return true;
  }
  if (body.handle !== 0 && (isAsNamed || body.coding === null)) {
    native.respondForward(inv, status, statusText, headers, body.handle, body.length);
    return true;
  }
  const length = body.coding === null ? body.length : -1;
  native.respondStart(inv, status, statusText, headers, type, length);
  if (method !== 'HEAD') return pump(invocation, body);
  native.respondEnd(inv);
  if (body.handle !== 0) native.bodyCancel(body.handle);
  else lazy('streams').discard(body.toStream());
  return true;
}

function pump(invocation: Invocation, body: Body): boolean {
  const inv = invocation.id;
  const write = (chunk: Uint8Array) => native.respondWrite(inv, chunk);
  innerThen(
    body.handle !== 0
      ? copyHandle(body, body.coding, write)
      : lazy('streams').pump(body.toStream(), write),
    () => {
      native.respondEnd(inv);
      invocation.release();
    },
    (error) => {
      // A client that leaves is nobody's mistake, and the stream was told.
      if (native.respondAbort(inv, describeError(error).message)) logException(error);
      invocation.release();
    },
  );
  return false;
}

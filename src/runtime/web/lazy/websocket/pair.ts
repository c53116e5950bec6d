// WebSocketPair: two WebSockets, each the other's other side. And such a pair of which the
// platform has one.
import { SymbolIterator } from '../../primordials.ts';
import { defineInterface } from '../../webidl.ts';
import { End } from './end.ts';
import { makeWebSocket, type WebSocket } from './websocket.ts';

function joinedEnds(): readonly [End, End] {
  const one = new End();
  const two = new End();
  one.other = two;
  two.other = one;
  return [one, two];
}

// The other side of `socket`, which takes what arrives by its show().
export function endWithSocket(): { readonly end: End; readonly socket: WebSocket } {
  const ends = joinedEnds();
  const end = ends[0];
  end.accepted = true;
  end.halfOpen = true;
  return { end, socket: makeWebSocket(ends[1]) };
}

export class WebSocketPair {
  readonly 0: WebSocket;
  readonly 1: WebSocket;

  constructor() {
    const ends = joinedEnds();
    this[0] = makeWebSocket(ends[0]);
    this[1] = makeWebSocket(ends[1]);
  }

  *[SymbolIterator](): Generator<WebSocket> {
    yield this[0];
    yield this[1];
  }
}
defineInterface(WebSocketPair, 'WebSocketPair');

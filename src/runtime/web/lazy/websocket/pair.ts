// WebSocketPair: two WebSockets, each the other's other side.
import { SymbolIterator } from '../../primordials.ts';
import { defineInterface } from '../../webidl.ts';
import { End } from './end.ts';
import { makeWebSocket, type WebSocket } from './websocket.ts';

export class WebSocketPair {
  readonly 0: WebSocket;
  readonly 1: WebSocket;

  constructor() {
    const one = new End();
    const two = new End();
    one.other = two;
    two.other = one;
    this[0] = makeWebSocket(one);
    this[1] = makeWebSocket(two);
  }

  *[SymbolIterator](): Generator<WebSocket> {
    yield this[0];
    yield this[1];
  }
}
defineInterface(WebSocketPair, 'WebSocketPair');

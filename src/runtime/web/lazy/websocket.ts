// WebSocket, WebSocketPair and CloseEvent: WebSockets Standard §3 and §6, with what
// Workers do otherwise: pairs, accept(), Responses that carry one.
// Source: Workers documentation, "WebSockets".
export { CloseEvent } from './websocket/close_event.ts';
export { answer, connect, fromFetch } from './websocket/connection.ts';
export { canBeSent } from './websocket/end.ts';
export { endWithSocket, WebSocketPair } from './websocket/pair.ts';
export { WebSocket } from './websocket/websocket.ts';

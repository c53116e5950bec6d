// What the tests use of the package ws, which brings no types.
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { AddressInfo } from 'node:net';

  export class WebSocket extends EventEmitter {
    readonly bufferedAmount: number;
    send(data: Uint8Array | string, options?: { binary: boolean }): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
  }
  export class WebSocketServer extends EventEmitter {
    constructor(options: {
      port: number;
      host: string;
      perMessageDeflate: boolean | { threshold: number };
      handleProtocols?: (offered: Set<string>) => string | false;
    });
    address(): AddressInfo;
    close(done: () => void): void;
    readonly clients: Set<WebSocket>;
  }
}

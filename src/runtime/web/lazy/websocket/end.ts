// One end of a WebSocket without its face to script: what waits, which frames went
// which way, and the endpoint on the other side, which is another end in this isolate
// or a connection.
import { copyOfBytes } from '../../copies.ts';
import { innerThen } from '../../inner_promises.ts';
import {
  ArrayPrototypeShift,
  PromiseResolve,
  TypedArrayPrototypeGetBuffer,
} from '../../primordials.ts';

// Takes what is sent to it. `clean`: a Close frame; else the connection is gone.
export interface Endpoint {
  readonly id: number; // of a connection; 0: an End
  // Bytes that wait for whoever is to take them.
  readonly unsent: number;
  // False: too much waits, and the other side hears no more.
  message(data: string | ArrayBuffer | ArrayBufferView): boolean;
  close(code: number, reason: string, clean: boolean): void;
}

// What was received and not shown.
export type Arrival =
  | { readonly data: string | ArrayBuffer }
  | { readonly code: number; readonly reason: string; readonly clean: boolean };

export const kNoCode = 1005;
export const kAbnormal = 1006;

export const kRequestIsOver = 'the request that this WebSocket belongs to is over';

export function isEnd(endpoint: Endpoint): endpoint is End {
  return endpoint.id === 0;
}

// Workers let a Worker send what RFC 6455, §7.4 lets an endpoint send.
export function canBeSent(code: number): boolean {
  if (code < 1000 || code > 4999 || (code > 1015 && code < 3000)) return false;
  return code !== 1004 && code !== kNoCode && code !== kAbnormal && code !== 1015;
}

export class End implements Endpoint {
  readonly id = 0;
  readonly unsent = 0; // what is sent is with its receiver
  // Where what is sent goes; null: nowhere yet, or no more.
  other: Endpoint | null = null;
  accepted = false;
  given = false; // the connection behind a Response is its other side
  connecting = false;
  request = 0; // which connects it
  closeSent = false;
  closeReceived = false;
  failed = false;
  halfOpen = false; // a Close frame is not answered by itself
  over = false; // the request that its connection belongs to has ended
  url: string | null = null;
  protocol = '';
  extensions = '';
  // Shows an arrival to script.
  show: (arrival: Arrival) => void = () => {};
  waiting: Arrival[] = [];
  #flushes = false;

  // To the other side, where one is left. The bytes stay the caller's.
  send(data: string | Uint8Array<ArrayBuffer>): void {
    const { other } = this;
    if (other === null) return;
    const isTaken =
      typeof data === 'string' || !isEnd(other)
        ? other.message(data)
        : other.message(TypedArrayPrototypeGetBuffer(copyOfBytes(data)));
    // "The buffer is full": nothing is sent any more, and whoever has this end hears of
    // that when its call has returned.
    if (isTaken) return;
    this.other = null;
    this.close(kAbnormal, 'more was sent than the other side takes', false);
  }

  sendClose(code: number, reason: string): void {
    this.closeSent = true;
    this.other?.close(code, reason, true);
    if (this.closeReceived) this.other = null;
  }

  message(data: string | ArrayBuffer): boolean {
    this.#arrive({ data });
    return true;
  }

  close(code: number, reason: string, clean: boolean): void {
    this.#arrive({ code, reason, clean });
  }

  // From a connection: in the turn's own call, so at once.
  take(arrival: Arrival): void {
    this.waiting[this.waiting.length] = arrival;
    if (this.accepted && !this.#flushes) this.#showAll();
  }

  // Its request is over. Only where the request that accepted it goes on does script
  // hear of that; any other finds it out.
  endWithRequest(isHeard: boolean): void {
    this.over = true;
    this.other = null;
    if (isHeard) this.take({ code: kAbnormal, reason: kRequestIsOver, clean: false });
    else this.waiting = [];
  }

  // From within this isolate: not within the sender's call.
  #arrive(arrival: Arrival): void {
    this.waiting[this.waiting.length] = arrival;
    this.flushLater();
  }

  flushLater(): void {
    if (this.#flushes || !this.accepted || this.waiting.length === 0) return;
    this.#flushes = true;
    innerThen(PromiseResolve(undefined), () => {
      this.#flushes = false;
      this.#showAll();
    });
  }

  #showAll(): void {
    while (this.waiting.length > 0) this.show(ArrayPrototypeShift(this.waiting) as Arrival);
  }
}

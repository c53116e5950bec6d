// What C++ gives to WebSockets (ops/web_socket_binding.h, which says what each op
// does). `socket` is the `inv` that it answers or the `op` of the fetch that it came
// by.
import type { Via } from './fetch.ts';

export interface NativeWebSockets {
  listen(
    onMessage: (receiver: never, data: string | ArrayBuffer) => void,
    onClose: (receiver: never, code: number, reason: string, clean: boolean) => void,
    onOver: (receiver: never, isHeard: boolean) => void,
  ): void;
  rules(): number;
  runs(inv: number): boolean;
  answer(inv: number, statusText: string, headers: string[] | null, receiver: object): boolean;
  attach(socket: number, receiver: object): boolean;
  connect(inv: number, url: string, headers: string[], asker: object, via: Via | undefined): number;
  accept(socket: number): void;
  join(one: number, two: number): void;
  send(socket: number, message: string | ArrayBuffer | ArrayBufferView): boolean;
  unsent(socket: number): number;
  close(socket: number, code: number, reason: string): void;
}

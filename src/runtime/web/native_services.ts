// What native.serviceBinding() gives: calls of other Workers (runtime/ops/service_binding.h).
import type { Via } from './fetch.ts';

export interface NativeServices {
  // A session that begins with `message`; its answer comes by dispatch.onFetchHead or
  // onFetchError, which get `asker`.
  call(
    inv: number,
    via: Via,
    method: string,
    message: ArrayBuffer | ArrayBufferView,
    asker: object,
  ): number;
  // A connection whose bytes are the request and the answer of an exchange; the head of
  // that comes as above.
  connect(inv: number, via: Via, address: string, asker: object): number;
  // The Map of what travels with the running code; undefined where there is none.
  storages(): any;
  // What `call` returns, run with that Map.
  runWith(storages: object, call: Function): any;
  // A call that the invocation serves threw: outcome `exception`.
  threw(inv: number, name: string, message: string, stack: string): void;
  // How V8 tells of a value, whatever that is; runs no script.
  detail(value: unknown): any;
  // A message with its length in front. `describe` gets each object that is not plain,
  // for a list that stands for it, or null; `refuse` gets a text, for the error of it.
  encode(value: unknown, describe: Function, refuse: Function): Uint8Array<ArrayBuffer>;
  // The value of a message without its length. `revive` gets the list of what `describe`
  // gave, for the objects that these stand for.
  decode(bytes: ArrayBuffer | ArrayBufferView, revive: Function): unknown;
}

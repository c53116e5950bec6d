// Brand checks for classes that live in lazy modules. While such a module is not
// loaded no instance of its classes exists, so the answer is no; a module sets
// its checks when it runs.
import type { Blob, FormData } from './lazy/forms.ts';
import type { MessagePort } from './lazy/messaging.ts';
import type { URLSearchParams } from './lazy/search_params.ts';
import type { ReadableStream } from './lazy/streams.ts';
import type { CryptoKey } from './lazy/subtle.ts';
import type { WebSocket } from './lazy/websocket.ts';

export interface Brands {
  blob: (value: unknown) => value is Blob;
  cryptoKey: (value: unknown) => value is CryptoKey;
  formData: (value: unknown) => value is FormData;
  messagePort: (value: unknown) => value is MessagePort;
  readableStream: (value: unknown) => value is ReadableStream;
  searchParams: (value: unknown) => value is URLSearchParams;
  stream: (value: unknown) => value is object; // of any of the three kinds
  webSocket: (value: unknown) => value is WebSocket;
}

const no = (_value: unknown): _value is never => false;

export const brands: Brands = {
  blob: no,
  cryptoKey: no,
  formData: no,
  messagePort: no,
  readableStream: no,
  searchParams: no,
  stream: no,
  webSocket: no,
};

// A WebSocket client that sends any bytes, right or wrong, and shows what comes back
// frame by frame. It knows RFC 6455's framing and nothing of what an endpoint must do.
import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export const kContinuation = 0;
export const kText = 1;
export const kBinary = 2;
export const kClose = 8;
export const kPing = 9;
export const kPong = 10;

export interface Frame {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

export interface Written {
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  readonly fin?: boolean;
  /** RSV1, RSV2 and RSV3, as the bits 4, 2 and 1. */
  readonly rsv?: number;
  readonly masked?: boolean;
}

export function write(frame: Written): Buffer {
  const { opcode, fin = true, rsv = 0, masked = true } = frame;
  const payload = Buffer.from(frame.payload ?? '');
  const size = payload.length;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const head = [first];
  const bit = masked ? 0x80 : 0;
  if (size < 126) head.push(bit | size);
  else if (size < 65536) head.push(bit | 126, size >> 8, size & 0xff);
  else {
    const long = Buffer.alloc(8);
    long.writeBigUInt64BE(BigInt(size));
    head.push(bit | 127, ...long);
  }
  if (!masked) return Buffer.concat([Buffer.from(head), payload]);
  const mask = randomBytes(4);
  const hidden = payload.map((byte, i) => byte ^ (mask[i & 3] as number));
  return Buffer.concat([Buffer.from(head), mask, hidden]);
}

export const closePayload = (code: number, reason = '') =>
  Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);

export interface Opened {
  /** The answer's head: the status, and the fields in lower case. */
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly client: RawClient;
}

export interface Server {
  readonly port: number;
  readonly host: string;
}

export interface Asked {
  /** Header fields instead of the usual ones; null leaves one out. */
  readonly fields?: Readonly<Record<string, string | null>>;
  readonly method?: string;
  readonly path?: string;
}

export class RawClient {
  readonly #socket: Socket;
  // What came and was not taken, and of that what stands in one buffer.
  #chunks: Buffer[] = [];
  #size = 0;
  #ended = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
      this.#wake();
    });
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', end);
    socket.on('error', end);
    socket.on('close', end);
  }

  send(...frames: readonly Written[]) {
    this.#socket.write(Buffer.concat(frames.map(write)));
  }

  /** Takes nothing from the connection, until resume(). */
  pause() {
    this.#socket.pause();
  }
  resume() {
    this.#socket.resume();
  }

  raw(bytes: Uint8Array) {
    this.#socket.write(bytes);
  }

  /** Waits for more than there is, or for `size` bytes; false at the end. */
  async #more(size = this.#size + 1): Promise<boolean> {
    while (this.#size < size) {
      if (this.#ended) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return true;
  }

  get #bytes(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  /** Everything up to and with `mark`. */
  async until(mark: string): Promise<string> {
    for (;;) {
      const at = this.#bytes.indexOf(mark);
      if (at >= 0) return this.#take(at + mark.length).toString('latin1');
      if (!(await this.#more())) throw new Error(`ended before ${JSON.stringify(mark)} came`);
    }
  }

  /** The next frame; null: the connection ended. */
  async next(): Promise<Frame | null> {
    for (;;) {
      const frame = this.#parse();
      if (typeof frame !== 'number') return frame;
      if (!(await this.#more(frame))) return null;
    }
  }

  /** The next messages, fragments joined and control frames left out. */
  async message(): Promise<{ opcode: number; rsv1: boolean; payload: Buffer } | null> {
    let first: Frame | undefined;
    const pieces: Buffer[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame === null || frame.opcode === kClose) return null;
      if (frame.opcode > kClose) continue;
      first ??= frame;
      pieces.push(frame.payload);
      if (frame.fin)
        return { opcode: first.opcode, rsv1: first.rsv1, payload: Buffer.concat(pieces) };
    }
  }

  end() {
    this.#socket.destroy();
  }

  #take(size: number): Buffer {
    const bytes = this.#bytes;
    this.#chunks = [bytes.subarray(size)];
    this.#size -= size;
    return bytes.subarray(0, size);
  }

  /** The frame, or how many bytes it takes. */
  #parse(): Frame | number {
    const bytes = this.#bytes;
    if (bytes.length < 2) return 2;
    const [first, second] = [bytes[0] as number, bytes[1] as number];
    let at = 2;
    let size = second & 0x7f;
    if (size === 126) {
      if (bytes.length < 4) return 4;
      size = bytes.readUInt16BE(2);
      at = 4;
    } else if (size === 127) {
      if (bytes.length < 10) return 10;
      size = Number(bytes.readBigUInt64BE(2));
      at = 10;
    }
    const masked = (second & 0x80) !== 0;
    if (masked) at += 4;
    if (bytes.length < at + size) return at + size;
    this.#take(at);
    return {
      fin: (first & 0x80) !== 0,
      rsv1: (first & 0x40) !== 0,
      opcode: first & 0x0f,
      masked,
      payload: this.#take(size),
    };
  }
}

export const acceptFor = (key: string) =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

export const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';

/** Connects and asks for a WebSocket. */
export async function open(server: Server, asked: Asked = {}): Promise<Opened> {
  const fields: Record<string, string | null> = {
    Host: server.host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': sampleKey,
    ...asked.fields,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}`],
  );
  const socket = connect(server.port, '127.0.0.1');
  const client = new RawClient(socket);
  socket.write(
    `${asked.method ?? 'GET'} ${asked.path ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`,
  );
  const [status = '', ...rest] = (await client.until('\r\n\r\n')).split('\r\n');
  return {
    status: Number(status.split(' ')[1]),
    fields: new Map(
      rest.filter(Boolean).map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    ),
    client,
  };
}

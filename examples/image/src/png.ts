// PNG files of 8 bits a channel, RGB and RGBA, not interlaced: taken apart and put
// together. The platform inflates and deflates, C does the rest (pixels.c).
// Source: Portable Network Graphics, Third Edition.
import module from '../build/pixels.wasm';

interface Pixels {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global<'i32'>;
  unfilter(rows: number, width: number, height: number, channels: number): number;
  shrink(
    rows: number,
    width: number,
    height: number,
    channels: number,
    out: number,
    newWidth: number,
    newHeight: number,
    grey: number,
  ): void;
  crc32(bytes: number, count: number, crc: number): number;
}

type Bytes = Uint8Array<ArrayBuffer>;

interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Bytes;
}

const signature = [137, 80, 78, 71, 13, 10, 26, 10];
const mostPixels = 8_000_000;

const instance = new WebAssembly.Instance(module);
const pixels = instance.exports as unknown as Pixels;
const heap = pixels.__heap_base.value;

/** The memory behind what C has of its own, with room for `count` bytes. */
function room(count: number): Bytes {
  const missing = heap + count - pixels.memory.buffer.byteLength;
  if (missing > 0) pixels.memory.grow(Math.ceil(missing / 65_536));
  return new Uint8Array(pixels.memory.buffer as ArrayBuffer, heap, count);
}

async function deflate(data: Bytes): Promise<Bytes> {
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Fills `rows`, and reads no more: a small file can hold gigabytes of zeros. */
async function inflate(data: Bytes, rows: Bytes) {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate'));
  let at = 0;
  try {
    for await (const part of stream) {
      if (part.length > rows.length - at) break;
      rows.set(part, at);
      at += part.length;
      if (at === rows.length) return;
    }
  } catch {
    throw new RangeError('the pixels cannot be inflated');
  }
  throw new RangeError('the pixels are not as many as the header says');
}

function join(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function takeApart(file: Bytes): Image {
  if (signature.some((byte, i) => file[i] !== byte)) throw new RangeError('this is no PNG');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let header: DataView | undefined;
  const data: Bytes[] = [];
  for (let at = signature.length; at + 12 <= file.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const content = file.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR' && length === 13) header = new DataView(content.slice().buffer);
    if (type === 'IDAT') data.push(content);
    at += 12 + length;
  }
  if (!header) throw new RangeError('this PNG has no header');
  const [width, height] = [header.getUint32(0), header.getUint32(4)];
  const [depth, colour, interlaced] = [header.getUint8(8), header.getUint8(9), header.getUint8(12)];
  if (depth !== 8 || (colour !== 2 && colour !== 6) || interlaced)
    throw new RangeError('only RGB and RGBA of 8 bits are taken, not interlaced');
  if (width === 0 || height === 0 || width * height > mostPixels)
    throw new RangeError(`a picture has 1 to ${mostPixels} pixels`);
  return { width, height, channels: colour === 2 ? 3 : 4, data: join(data) };
}

function chunk(type: string, content: Bytes): Bytes {
  const whole = new Uint8Array(content.length + 12);
  const view = new DataView(whole.buffer);
  view.setUint32(0, content.length);
  whole.set(new TextEncoder().encode(type), 4);
  whole.set(content, 8);
  const checked = whole.subarray(4, whole.length - 4);
  room(checked.length).set(checked);
  view.setUint32(whole.length - 4, pixels.crc32(heap, checked.length, 0) >>> 0);
  return whole;
}

async function putTogether({ width, height, channels, data }: Image): Promise<Bytes> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 3 ? 2 : 6], 8);
  return join([
    Uint8Array.from(signature),
    chunk('IHDR', header),
    chunk('IDAT', await deflate(data)),
    chunk('IEND', new Uint8Array()),
  ]);
}

/** The picture `width` pixels wide, if it is wider; a RangeError says what is wrong with it. */
export async function shrinkPng(file: Bytes, width: number, grey: boolean): Promise<Bytes> {
  const image = takeApart(file);
  const { channels } = image;
  const rowsBytes = (image.width * channels + 1) * image.height;
  const rows = new Uint8Array(rowsBytes);
  await inflate(image.data, rows);
  const newWidth = Math.min(width, image.width);
  const newHeight = Math.max(1, Math.round((image.height * newWidth) / image.width));
  const newBytes = (newWidth * channels + 1) * newHeight;
  room(rowsBytes + newBytes).set(rows);
  if (!pixels.unfilter(heap, image.width, image.height, channels))
    throw new RangeError('a filter is unknown');
  const out = heap + rowsBytes;
  const kind = grey ? 1 : 0;
  pixels.shrink(heap, image.width, image.height, channels, out, newWidth, newHeight, kind);
  const data = new Uint8Array(pixels.memory.buffer as ArrayBuffer, out, newBytes).slice();
  return putTogether({ width: newWidth, height: newHeight, channels, data });
}

// Blob and File, File API §3 and §4. The bytes are at hand, and never change.
import { Body, type Bytes, concat } from '../../body.ts';
import { brands } from '../../brands.ts';
import { copyOfBytes, partOfBytes } from '../../copies.ts';
import {
  MathMax,
  MathMin,
  MathTrunc,
  NumberIsNaN,
  PromiseReject,
  PromiseResolve,
  RegExpPrototypeExec,
  StringPrototypeReplaceAll,
  StringPrototypeToLowerCase,
  SymbolIterator,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypeError,
  Uint8Array,
} from '../../primordials.ts';
import {
  bytesOf,
  defineInterface,
  Handed,
  isBufferSource,
  isCallable,
  isObject,
  iterate,
  kInternal,
  requireArguments,
  toDictionary,
  toUSVString,
} from '../../webidl.ts';
import { showFields } from '../node_compat/inspected.ts';
import type { ReadableStream } from '../streams/readable_stream.ts';

interface BlobState {
  readonly bytes: Bytes;
  readonly type: string;
}

interface FileState extends BlobState {
  readonly lastModified: number;
}

const printable = /^[\x20-\x7e]*$/;

// §3.1.1: lower case, or nothing when a character is not printable ASCII.
function toType(value: unknown): string {
  const type = `${value}`;
  return RegExpPrototypeExec(printable, type) === null ? '' : StringPrototypeToLowerCase(type);
}

// sequence<BlobPart>.
function toParts(parts: unknown, what: string): unknown[] {
  const method = isObject(parts) ? (parts as Iterable<unknown>)[SymbolIterator] : undefined;
  if (!isCallable(method)) throw new TypeError(`${what}: parameter 1 is not a sequence`);
  const list: unknown[] = [];
  iterate(parts as object, method, (part) => {
    const isBytes = brands.blob(part) || isBufferSource(part);
    list[list.length] = isBytes ? part : toUSVString(part);
  });
  return list;
}

// §3.1 "process blob parts".
function toBytes(parts: readonly unknown[], endings: string): Bytes {
  const pieces: Bytes[] = [new Uint8Array(0)];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    const blob = blobStateOf(part);
    if (blob !== null) pieces[pieces.length] = blob.bytes;
    else if (isBufferSource(part)) pieces[pieces.length] = copyOfBytes(bytesOf(part));
    else {
      const text = part as string;
      pieces[pieces.length] = native.utf8Encode(endings === 'native' ? withLf(text) : text);
    }
  }
  return concat(pieces);
}

function withLf(text: string): string {
  return StringPrototypeReplaceAll(StringPrototypeReplaceAll(text, '\r\n', '\n'), '\r', '\n');
}

function fromParts(parts: unknown, options: unknown, what: string): BlobState {
  const list = parts === undefined ? [] : toParts(parts, what);
  const { endings, type } = toDictionary<{ endings: unknown; type: unknown }>(options, what);
  const ending = endings === undefined ? 'transparent' : `${endings}`;
  if (ending !== 'transparent' && ending !== 'native')
    throw new TypeError(`${what}: endings is "${ending}", not "transparent" or "native"`);
  return { bytes: toBytes(list, ending), type: type === undefined ? '' : toType(type) };
}

// A position in a blob of `size` bytes; negative ones count from the end.
function toPosition(value: unknown, size: number, missing: number): number {
  if (value === undefined) return missing;
  const number = MathTrunc(+(value as number));
  if (NumberIsNaN(number)) return 0;
  return number < 0 ? MathMax(size + number, 0) : MathMin(number, size);
}

let blobStateOf: (value: unknown) => BlobState | null;

const handed = new Handed<BlobState>();

function wrongReceiver<T>(): Promise<T> {
  return PromiseReject(new TypeError('The receiver is not a Blob'));
}

export class Blob {
  readonly #state: BlobState;

  static {
    blobStateOf = (value) => (isObject(value) && #state in value ? value.#state : null);
  }

  constructor(parts: unknown = undefined, options: unknown = undefined) {
    const made = parts === kInternal ? (options as BlobState) : handed.take();
    this.#state = made ?? fromParts(parts, options, 'Blob');
  }

  get size(): number {
    return TypedArrayPrototypeGetByteLength(this.#state.bytes);
  }
  get type(): string {
    return this.#state.type;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    const state = blobStateOf(this);
    if (state === null) return wrongReceiver();
    return PromiseResolve(TypedArrayPrototypeGetBuffer(copyOfBytes(state.bytes)));
  }

  bytes(): Promise<Bytes> {
    const state = blobStateOf(this);
    return state === null ? wrongReceiver() : PromiseResolve(copyOfBytes(state.bytes));
  }

  text(): Promise<string> {
    const state = blobStateOf(this);
    return state === null
      ? wrongReceiver()
      : PromiseResolve(native.utf8Decode(state.bytes, false, false));
  }

  stream(): ReadableStream {
    const { bytes } = this.#state;
    return new Body(bytes, 0, null, TypedArrayPrototypeGetByteLength(bytes)).toStream();
  }

  slice(start: unknown = undefined, end: unknown = undefined, type: unknown = undefined): Blob {
    const { bytes } = this.#state;
    const size = TypedArrayPrototypeGetByteLength(bytes);
    const from = toPosition(start, size, 0);
    const to = toPosition(end, size, size);
    const part = partOfBytes(bytes, from, MathMax(from, to));
    return new Blob(kInternal, { bytes: part, type: type === undefined ? '' : toType(type) });
  }
}
defineInterface(Blob, 'Blob');
brands.blob = (value): value is Blob => blobStateOf(value) !== null;

let isFile: (value: unknown) => value is File;
// long long; what is no number, or without end, is 0.
function toLongLong(value: unknown): number {
  const number = MathTrunc(+(value as number));
  return number - number === 0 ? number + 0 : 0;
}

let fileStateOf: (file: File) => { name: string; lastModified: number };

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  static {
    // What another function than Blob has made for super() is none.
    isFile = (value): value is File =>
      isObject(value) && #name in value && blobStateOf(value) !== null;
    fileStateOf = (file) => ({ name: file.#name, lastModified: file.#lastModified });
  }

  constructor(parts: unknown, name: unknown, options: unknown = undefined) {
    const made = parts === kInternal ? (options as FileState) : null;
    if (made === null) {
      requireArguments(arguments.length, 2, 'File');
      if (parts === undefined) throw new TypeError('File: parameter 1 is not a sequence');
    }
    handed.give(made ?? fromParts(parts, options, 'File'));
    try {
      super();
    } finally {
      handed.take();
    }
    if (made !== null) {
      this.#name = `${name}`;
      this.#lastModified = made.lastModified;
      return;
    }
    this.#name = toUSVString(name);
    const { lastModified } = toDictionary<{ lastModified: unknown }>(options, 'File');
    this.#lastModified =
      lastModified === undefined ? MathTrunc(native.now()) : toLongLong(lastModified);
  }

  get name(): string {
    return this.#name;
  }
  get lastModified(): number {
    return this.#lastModified;
  }
}
defineInterface(File, 'File');
showFields(Blob, 'Blob', ({ size, type }: Blob) => ({ size, type }));
showFields(File, 'File', ({ size, type, name, lastModified }: File) => ({
  size,
  type,
  name,
  lastModified,
}));

// `bytes` is owned by the blob from here on.
export function makeBlob(bytes: Bytes, type: string): Blob {
  return new Blob(kInternal, { bytes, type });
}

export function makeFile(
  bytes: Bytes,
  type: string,
  name: string,
  lastModified: number = MathTrunc(native.now()),
): File {
  const state: FileState = { bytes, type, lastModified };
  return new File(kInternal, name, state);
}

// Not to be changed by the caller.
export function blobContent(blob: Blob): { readonly bytes: Bytes; readonly type: string } {
  return blobStateOf(blob) as BlobState;
}

// Serializable, §3 and §4: the bytes never change, so both can hold them.
export function cloneBlob(blob: Blob): Blob {
  const { bytes, type } = blobStateOf(blob) as BlobState;
  if (!isFile(blob)) return new Blob(kInternal, { bytes, type });
  const { name, lastModified } = fileStateOf(blob);
  return makeFile(bytes, type, name, lastModified);
}

export { isFile };

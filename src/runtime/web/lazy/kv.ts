// KV namespaces, as env has them. Source: Workers documentation, KV, "Workers Binding
// API". What is asked for is checked here, with the texts that Workers have.
import { Body, type Boxed } from '../body.ts';
import { brands } from '../brands.ts';
import { inner } from '../inner_promises.ts';
import { parseJson } from '../json_methods.ts';
import type { NativeKv } from '../native_kv.ts';
import {
  ArrayIsArray,
  Error,
  JSONParse,
  JSONStringify,
  Map,
  MapPrototypeSet,
  MathFloor,
  MathTrunc,
  NumberIsNaN,
  TypedArrayPrototypeGetByteLength,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import { describeError, requireInvocation } from '../report.ts';
import {
  bytesOf,
  defineInterface,
  illegalConstructor,
  isBufferSource,
  isObject,
  kInternal,
  toDictionary,
  toUSVString,
} from '../webidl.ts';
import type { ReadableStream } from './streams.ts';

const binding: NativeKv = native.kvBinding();

// storage/kv_limits.h, registry/kv_cursor.h
const kMostKeyBytes = 512;
const kMostMetadataBytes = 1024;
const kMostListed = 1000;
const kMostCursorDigits = 1024;
const kMostAtOnce = 100;
const kLeastTtl = 60;
const kLatestEnd = 9_000_000_000;
const kLeastCacheTtl = 30;

type Method = 'GET' | 'GET_BULK' | 'PUT' | 'DELETE';

function failed(method: Method, status: number, why: string): never {
  throw new Error(`KV ${method} failed: ${status} ${why}`);
}

// What the host answers, or why it could not: an error of here, whose stack leads to
// who awaits that.
async function answerOf<T>(answer: Promise<T>): Promise<T> {
  try {
    return await inner(answer);
  } catch (error) {
    throw new Error(describeError(error).message);
  }
}

// No character has more than three bytes a code unit.
function bytesBeyond(text: string, most: number): number {
  if (text.length * 3 <= most) return 0;
  const bytes = TypedArrayPrototypeGetByteLength(native.utf8Encode(text));
  return bytes > most ? bytes : 0;
}

function toKey(value: unknown, method: Method): string {
  const key = toUSVString(value);
  if (method === 'GET_BULK') {
    if (key === '') failed(method, 400, 'Key names must not be empty');
    if (key === '.' || key === '..')
      failed(method, 400, `Illegal key name "${key}". Please use a different name.`);
  }
  if (key === '') throw new TypeError('Key name cannot be empty.');
  if (key === '.') throw new TypeError('"." is not allowed as a key name.');
  if (key === '..') throw new TypeError('".." is not allowed as a key name.');
  checkLength(key, method);
  return key;
}

function checkLength(key: string, method: Method): void {
  const beyond = bytesBeyond(key, kMostKeyBytes);
  if (beyond > 0)
    failed(
      method,
      414,
      `UTF-8 encoded length of ${beyond} exceeds key length limit of ${kMostKeyBytes}.`,
    );
}

function toInteger(value: unknown): number {
  const number = MathTrunc(+(value as number));
  return NumberIsNaN(number) ? 0 : number;
}

type ValueType = 'text' | 'json' | 'arrayBuffer' | 'stream';

interface GetOptions {
  type: unknown;
  cacheTtl: unknown;
}

// What is kept near the Worker is never old, so a time for which it may be has no effect
// here; a wrong one is refused as Workers refuse it.
function toType(options: unknown, method: Method): ValueType {
  let type = options;
  if (isObject(options)) {
    const given = toDictionary<GetOptions>(options, 'KV get');
    type = given.type;
    const ttl = given.cacheTtl;
    if (ttl !== undefined && ttl !== null) {
      const seconds = toInteger(ttl);
      if (seconds < kLeastCacheTtl)
        failed(
          method,
          400,
          `Invalid cache_ttl of ${seconds}. Cache TTL must be at least ${kLeastCacheTtl}.`,
        );
    }
  }
  if (type === undefined || type === null) return 'text';
  const name = `${type}`;
  if (method === 'GET_BULK') {
    if (name !== 'text' && name !== 'json')
      failed(method, 400, `"${name}" is not a valid type. Use "json" or "text"`);
    return name;
  }
  if (name === 'text' || name === 'json' || name === 'arrayBuffer' || name === 'stream')
    return name;
  throw new TypeError(
    'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
  );
}

function valueAs(type: ValueType, value: string | ArrayBuffer): unknown {
  if (typeof value === 'string') return type === 'json' ? parseJson(value) : value;
  if (type === 'arrayBuffer') return value;
  const bytes = new Uint8Array(value);
  return new Body(bytes, 0, null, TypedArrayPrototypeGetByteLength(bytes)).toStream();
}

function metadataOf(text: string | null): unknown {
  return text === null ? null : JSONParse(text);
}

interface Found {
  value: unknown;
  metadata: unknown;
  cacheStatus: null;
}

interface One {
  readonly value: unknown;
  readonly metadata: string | null;
}

// On its way through a promise of ours: see Boxed.
function one(value: unknown, metadata: string | null): One {
  return { __proto__: null, value, metadata } as One;
}

async function getOne(place: number, key: unknown, options: unknown): Promise<One> {
  const name = toKey(key, 'GET');
  const type = toType(options, 'GET');
  const asText = type === 'text' || type === 'json';
  const found = await inner(answerOf(binding.get(requireInvocation(), place, name, asText)));
  return found === null ? one(null, null) : one(valueAs(type, found[0]), found[1]);
}

async function getMany(
  place: number,
  keys: unknown[],
  options: unknown,
  withMetadata: boolean,
): Promise<Map<string, unknown>> {
  const type = toType(options, 'GET_BULK');
  if (keys.length > kMostAtOnce)
    failed('GET_BULK', 400, `You can request a maximum of ${kMostAtOnce} keys`);
  if (keys.length < 1) failed('GET_BULK', 400, 'You must request a minimum of 1 key');
  const names: string[] = [];
  for (let i = 0; i < keys.length; i++) names[i] = toKey(keys[i], 'GET_BULK');
  const flat = await inner(answerOf(binding.getMany(requireInvocation(), place, names)));
  const found = new Map<string, unknown>();
  for (let i = 0; i < names.length; i++) {
    const text = flat[2 * i] as string | null;
    let value: unknown = text;
    if (type === 'json' && text !== null) {
      try {
        value = parseJson(text);
      } catch {
        failed(
          'GET_BULK',
          400,
          'At least one of the requested keys corresponds to a non-json value',
        );
      }
    }
    const metadata = flat[2 * i + 1] as string | null;
    MapPrototypeSet(
      found,
      names[i] as string,
      withMetadata && text !== null ? { value, metadata: metadataOf(metadata) } : value,
    );
  }
  return found;
}

function requireKind(method: string, parameter: number, value: unknown, kind: string): void {
  if (value === undefined)
    throw new TypeError(
      `Failed to execute '${method}' on 'KvNamespace': parameter ${parameter} is not of type '${kind}'.`,
    );
}

interface PutOptions {
  expiration: unknown;
  expirationTtl: unknown;
  metadata: unknown;
}

// Seconds since the epoch, -1 for never.
function expirationOf(options: Partial<PutOptions>): number {
  const now = MathFloor(native.now() / 1000);
  const ttl = options.expirationTtl;
  if (ttl !== undefined && ttl !== null) {
    const seconds = toInteger(ttl);
    if (seconds <= 0)
      failed(
        'PUT',
        400,
        `Invalid expiration_ttl of ${seconds}. Please specify integer greater than 0.`,
      );
    if (seconds < kLeastTtl)
      failed(
        'PUT',
        400,
        `Invalid expiration_ttl of ${seconds}. Expiration TTL must be at least ${kLeastTtl}.`,
      );
    if (seconds > kLatestEnd - now)
      failed(
        'PUT',
        400,
        `Invalid expiration_ttl of ${seconds}. It must be at most ${kLatestEnd - now}.`,
      );
    return now + seconds;
  }
  const expiration = options.expiration;
  if (expiration === undefined || expiration === null) return -1;
  const end = toInteger(expiration);
  if (end <= now)
    failed(
      'PUT',
      400,
      `Invalid expiration of ${end}. Please specify integer greater than the current number of seconds since the UNIX epoch.`,
    );
  if (end < now + kLeastTtl)
    failed(
      'PUT',
      400,
      `Invalid expiration of ${end}. Expiration times must be at least ${kLeastTtl} seconds in the future.`,
    );
  if (end > kLatestEnd)
    failed('PUT', 400, `Invalid expiration of ${end}. It must be at most ${kLatestEnd}.`);
  return end;
}

// Empty for none.
function metadataText(metadata: unknown): string {
  if (metadata === undefined || metadata === null) return '';
  const text = JSONStringify(metadata) as string | undefined;
  if (text === undefined) return '';
  const beyond = bytesBeyond(text, kMostMetadataBytes);
  if (beyond > 0)
    failed('PUT', 413, `Metadata length of ${beyond} exceeds limit of ${kMostMetadataBytes}.`);
  return text;
}

function readStream(value: unknown): Promise<Boxed> {
  if (!brands.readableStream(value))
    throw new TypeError(
      'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.',
    );
  const streams = lazy('streams');
  if (streams.isDisturbed(value as ReadableStream) || streams.isLocked(value as ReadableStream))
    throw new TypeError('The ReadableStream has been locked to a reader.');
  return streams.readAll(value as ReadableStream);
}

interface ListOptions {
  prefix: unknown;
  limit: unknown;
  cursor: unknown;
}

function limitOf(value: unknown): number {
  if (value === undefined || value === null) return kMostListed;
  const limit = toInteger(value);
  if (limit <= 0) return kMostListed;
  if (limit > kMostListed)
    failed(
      'GET',
      400,
      `Invalid key_count_limit of ${limit}. Please specify an integer less than ${kMostListed}.`,
    );
  return limit;
}

export class KvNamespace {
  readonly #place: number; // of the binding

  constructor(token: unknown = undefined, place: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    this.#place = place as number;
  }

  async get(key: unknown, options: unknown = undefined): Promise<unknown> {
    requireKind('get', 1, key, 'string or Array');
    if (ArrayIsArray(key)) return getMany(this.#place, key, options, false);
    return (await inner(getOne(this.#place, key, options))).value;
  }

  async getWithMetadata(key: unknown, options: unknown = undefined): Promise<unknown> {
    requireKind('getWithMetadata', 1, key, 'string or Array');
    if (ArrayIsArray(key)) return getMany(this.#place, key, options, true);
    const { value, metadata } = await inner(getOne(this.#place, key, options));
    return { value, metadata: metadataOf(metadata), cacheStatus: null } satisfies Found;
  }

  async put(key: unknown, value: unknown, options: unknown = undefined): Promise<void> {
    requireKind('put', 2, value, 'string or Object');
    const place = this.#place;
    const name = toKey(key, 'PUT');
    const given = toDictionary<PutOptions>(options, 'KV put()');
    const expiration = expirationOf(given);
    const metadata = metadataText(given.metadata);
    const inv = requireInvocation();
    // What is there is passed on at once: script may change its bytes.
    const content = !isObject(value)
      ? toUSVString(value)
      : isBufferSource(value)
        ? bytesOf(value)
        : (await inner(readStream(value))).bytes;
    await inner(answerOf(binding.put(inv, place, name, content, metadata, expiration)));
  }

  async delete(key: unknown): Promise<void> {
    requireKind('delete', 1, key, 'string');
    const place = this.#place;
    const name = toKey(key, 'DELETE');
    await inner(answerOf(binding.delete(requireInvocation(), place, name)));
  }

  async list(options: unknown = undefined): Promise<unknown> {
    const place = this.#place;
    const given = toDictionary<ListOptions>(options, 'KV list()');
    const limit = limitOf(given.limit);
    const prefix =
      given.prefix === undefined || given.prefix === null ? '' : toUSVString(given.prefix);
    checkLength(prefix, 'GET');
    const from =
      given.cursor === undefined || given.cursor === null ? '' : toUSVString(given.cursor);
    if (from.length > kMostCursorDigits) failed('GET', 400, 'Invalid cursor');
    const flat = await inner(
      answerOf(binding.list(requireInvocation(), place, prefix, from, limit)),
    );
    const keys: object[] = [];
    for (let i = 1; i < flat.length; i += 3) {
      const key: Record<string, unknown> = { name: flat[i] };
      if (flat[i + 1] !== null) key.expiration = flat[i + 1];
      if (flat[i + 2] !== null) key.metadata = JSONParse(flat[i + 2] as string);
      keys[keys.length] = key;
    }
    const cursor = flat[0] as string | null;
    return cursor === null
      ? { keys, list_complete: true, cacheStatus: null }
      : { keys, list_complete: false, cursor, cacheStatus: null };
  }
}
defineInterface(KvNamespace, 'KvNamespace');

// Called by runtime/worker_start.cc for each binding.
export function makeKvNamespace(place: number): KvNamespace {
  return new KvNamespace(kInternal, place);
}

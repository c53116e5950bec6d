// Values in messages. V8 writes what it knows (structured clone); of all else a
// description stands in the bytes, a list that begins with one of the names below.
import type { Body, Source } from '../../body.ts';
import { Body as BodyClass } from '../../body.ts';
import { brands } from '../../brands.ts';
import { isTarget } from '../../cloudflare_workers.ts';
import { DOMException } from '../../dom_exception.ts';
import { HeaderList, headerListOf, makeHeaders } from '../../headers.ts';
import { parseJson } from '../../json_methods.ts';
import {
  ArrayIsArray,
  bareList,
  JSONStringify,
  Map,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeHas,
  MapPrototypeSet,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectPrototype,
  PromisePrototypeThen,
  PromiseResolve,
  Set,
  SetPrototypeAdd,
  SetPrototypeForEach,
  SymbolDispose,
  TypeError,
} from '../../primordials.ts';
import { Request, RequestState, requestStateOf } from '../../request.ts';
import { makeResponse, ResponseState, responseStateOf } from '../../response.ts';
import { interfaceOf, isCallable, isObject, kInternal } from '../../webidl.ts';
import type { Blob } from '../forms.ts';
import { errorParts, reviveError } from './errors.ts';
import { fetcherOf, isFetcher, makeFetcher } from './fetcher.ts';
import { Gathered } from './gathered.ts';
import { type Hook, LocalHook } from './hooks.ts';
import { loopbackHook } from './loopback.ts';
import { isOn, services } from './native.ts';
import type { Session } from './session.ts';
import { readableOf, readerHook, writableOf, writerHook } from './streams.ts';
import { dispose, dupOfStub, makeStub, type Stub, stubOf } from './stubs.ts';

const mapPrototype: object = Map.prototype;
const setPrototype: object = Set.prototype;

// In the place of a function or a stub, which V8 refuses to write.
class Standin {
  readonly description: unknown[];
  constructor(description: unknown[]) {
    this.description = description;
  }
}
function isStandin(object: object): object is Standin {
  return ObjectGetPrototypeOf(object) === Standin.prototype;
}

// What a message carries: of what was thrown, only what V8 writes and errors.
export type Carried = 'call' | 'result' | 'thrown';

interface Writing {
  readonly session: Session;
  readonly carried: Carried;
  readonly exports: Gathered<number>;
  readonly returned: Gathered<Hook>; // references to what is the other side's own
  readonly given: Gathered<Stub>; // are this side's no more once the message is written
}
interface Reading {
  readonly session: Session;
  readonly imports: Gathered<Hook>;
}

// The message that is written: script's code that runs meanwhile, as a getter, may write
// another, behind which this one goes on. None runs while one is read.
let writing: Writing;
let reading: Reading;

export interface Received {
  readonly message: unknown[];
  readonly imports: Gathered<Hook>;
}

export function encodeMessage(
  session: Session,
  message: unknown[],
  carried: Carried,
  behind: Gathered<Hook> | null = null, // what is to be disposed of behind the message
): Uint8Array<ArrayBuffer> {
  const own: Writing = {
    session,
    carried,
    exports: new Gathered(),
    returned: new Gathered(),
    given: new Gathered(),
  };
  const outer = writing; // whose getter makes a call
  writing = own;
  try {
    // The last part is what script gave.
    const holdsCallable = carried !== 'thrown' && mayHoldCallable(message[message.length - 1]);
    const written = holdsCallable ? withStandins(message, new Map()) : message;
    const bytes = services.encode(written, describe, refuse);
    own.given.each(dispose);
    if (behind !== null) own.returned.each((hook) => behind.add(hook));
    else if (own.returned.size > 0)
      PromisePrototypeThen(PromiseResolve(undefined), () => own.returned.each(disposeHook));
    return bytes;
  } catch (error) {
    own.exports.each((number) => session.dropExport(number));
    own.returned.each(disposeHook);
    throw error;
  } finally {
    writing = outer;
  }
}

export function disposeHook(hook: Hook): void {
  hook.dispose();
}

function refuse(message: string): DOMException {
  return new DOMException(message, 'DataCloneError');
}

function refuseType(name: string): DOMException {
  return new DOMException(
    `Could not serialize object of type "${name}". This type does not support serialization.`,
    'DataCloneError',
  );
}

function exported(kind: string, hook: Hook): unknown[] {
  const { session, exports, returned } = writing;
  const own = hook.ownOf(session);
  if (own !== 0) {
    returned.add(hook);
    return ['own', own];
  }
  const number = session.addExport(hook);
  exports.add(number);
  return [kind, number];
}

// The same, of what is mostly a list of a few numbers and texts.
function mayHoldCallable(value: unknown): boolean {
  if (!ArrayIsArray(value)) return isObject(value) && hasCallable(value, new Map());
  for (let i = 0; i < value.length; i++)
    if (isObject(value[i])) return hasCallable(value, new Map());
  return false;
}

// Whether a function or a stub is somewhere in what V8 would walk.
function hasCallable(value: unknown, seen: Map<unknown, unknown>): boolean {
  if (isCallable(value)) return true;
  if (!isObject(value)) return false;
  const isList = ArrayIsArray(value);
  if (!isList && ObjectGetPrototypeOf(value) !== ObjectPrototype && !isMap(value) && !isSet(value))
    return false;
  if (MapPrototypeHas(seen, value)) return false;
  MapPrototypeSet(seen, value, true);
  if (!isList && isSet(value)) {
    let found = false;
    SetPrototypeForEach(value, (item) => {
      found = found || hasCallable(item, seen);
    });
    return found;
  }
  if (!isList && isMap(value)) {
    let found = false;
    MapPrototypeForEach(value, (item, key) => {
      found = found || hasCallable(key, seen) || hasCallable(item, seen);
    });
    return found;
  }
  const keys = ObjectKeys(value);
  for (let i = 0; i < keys.length; i++)
    if (hasCallable((value as Record<string, unknown>)[keys[i] as string], seen)) return true;
  return false;
}

function withStandins(value: unknown, seen: Map<unknown, unknown>): unknown {
  if (isCallable(value)) return new Standin(describeCallable(value));
  if (!isObject(value)) return value;
  const known = MapPrototypeGet(seen, value);
  if (known !== undefined) return known;
  if (ArrayIsArray(value)) {
    const list: unknown[] = [];
    list.length = value.length;
    MapPrototypeSet(seen, value, list);
    copyMembers(value, list, seen);
    return list;
  }
  if (ObjectGetPrototypeOf(value) === ObjectPrototype) {
    const copy = {};
    MapPrototypeSet(seen, value, copy);
    copyMembers(value, copy, seen);
    return copy;
  }
  if (isMap(value)) return mapWithStandins(value, seen);
  return isSet(value) ? setWithStandins(value, seen) : value;
}

function copyMembers(from: object, to: object, seen: Map<unknown, unknown>): void {
  const keys = ObjectKeys(from);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    ObjectDefineProperty(to, key, {
      value: withStandins((from as Record<string, unknown>)[key], seen),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
}

function isMap(value: object): value is Map<unknown, unknown> {
  return ObjectGetPrototypeOf(value) === mapPrototype;
}

function isSet(value: object): value is Set<unknown> {
  return ObjectGetPrototypeOf(value) === setPrototype;
}

function setWithStandins(set: Set<unknown>, seen: Map<unknown, unknown>): Set<unknown> {
  const copy = new Set<unknown>();
  MapPrototypeSet(seen, set, copy);
  SetPrototypeForEach(set, (item) => {
    SetPrototypeAdd(copy, withStandins(item, seen));
  });
  return copy;
}

function mapWithStandins(
  map: Map<unknown, unknown>,
  seen: Map<unknown, unknown>,
): Map<unknown, unknown> {
  const copy = new Map<unknown, unknown>();
  MapPrototypeSet(seen, map, copy);
  MapPrototypeForEach(map, (value, key) => {
    MapPrototypeSet(copy, withStandins(key, seen), withStandins(value, seen));
  });
  return copy;
}

function describeCallable(value: object): unknown[] {
  const loopback = loopbackHook(value);
  if (loopback !== null) return exported('service', loopback);
  const stub = stubOf(value);
  if (stub === null) return exported('stub', new LocalHook(value));
  if (stub.kind !== 'RpcStub') throw refuseType(stub.kind);
  const hook = dupOfStub(stub);
  if (isGivenAway()) writing.given.add(stub);
  return exported('stub', hook);
}

// Whether the other side gets this side's own reference to a stub.
function isGivenAway(): boolean {
  return writing.carried === 'result' || !isOn('rpc_params_dup_stubs');
}

function describe(object: object): unknown[] | null {
  if (isStandin(object)) return object.description;
  if (writing.carried === 'thrown') return describeOfThrown(object);
  if (isTarget(object)) return exported('stub', new LocalHook(object));
  if (isFetcher(object)) return exported('service', fetcherOf(object));
  const request = requestStateOf(object);
  if (request !== null) return describeRequest(request);
  const response = responseStateOf(object);
  if (response !== null) return describeResponse(response);
  const headers = headerListOf(object);
  if (headers !== null) return ['headers', headers.items];
  if (brands.readableStream(object)) return exported('readable', readerHook(object));
  if (brands.stream(object) && lazy('streams').isWritable(object))
    return exported('writable', writerHook(object));
  const error = errorParts(object, 0);
  if (error !== null) return error;
  if (brands.blob(object) && nameOf(object) !== 'File') return describeBlob(object);
  throw refuseType(nameOf(object));
}

// What is of a class of script's goes as a plain object.
function describeOfThrown(object: object): unknown[] | null {
  const error = errorParts(object, 0);
  if (error !== null) return error;
  if (brands.blob(object) && nameOf(object) !== 'File') return describeBlob(object);
  const name = interfaceOf(object);
  if (name !== null || isFetcher(object)) throw refuseType(name ?? 'Fetcher');
  return null;
}

function describeBlob(blob: Blob): unknown[] {
  const { bytes, type } = lazy('forms').blobContent(blob);
  return ['blob', bytes, type];
}

function nameOf(object: object): string {
  const constructor = (object as { constructor?: unknown }).constructor;
  const name = isCallable(constructor) ? (constructor as { name?: unknown }).name : undefined;
  return typeof name === 'string' && name !== '' ? name : 'Object';
}

function describeBody(body: Body | null): unknown {
  if (body === null) return null;
  if (body.used || body.locked)
    throw new TypeError('The ReadableStream has been locked to a reader.');
  if (body.source !== null) {
    body.claim();
    return body.source;
  }
  return exported('readable', readerHook(body.toStream()));
}

function describeRequest(state: RequestState): unknown[] {
  if (state.givesSignal)
    throw new DOMException('AbortSignal serialization is not enabled.', 'DataCloneError');
  const { method, url, list, redirect, body, cf } = state;
  const said = cf === undefined ? null : (JSONStringify(cf) ?? null);
  return ['request', method, url, list.items, redirect, describeBody(body), said];
}

function describeResponse(state: ResponseState): unknown[] {
  if (state.webSocket !== null)
    throw new DOMException('A Response with a WebSocket cannot be sent by RPC', 'DataCloneError');
  return [
    'response',
    state.status,
    state.statusText,
    state.headerList().items,
    describeBody(state.body),
    state.url,
  ];
}

// ---- reading ----

export function decodeMessage(session: Session, bytes: Uint8Array): Received {
  const own: Reading = { session, imports: new Gathered() };
  reading = own;
  const message = services.decode(bytes, reviveAll);
  if (!ArrayIsArray(message)) throw new TypeError('RPC: a message is no list');
  return { message, imports: own.imports };
}

function imported(number: unknown): Hook {
  const hook = reading.session.addImport(number as number);
  reading.imports.add(hook);
  return hook;
}

function reviveAll(descriptions: unknown): object[] {
  if (!ArrayIsArray(descriptions)) throw new TypeError('RPC: an unknown value');
  const objects = bareList<object>();
  for (let i = 0; i < descriptions.length; i++) objects[i] = revive(descriptions[i]);
  return objects;
}

function revive(description: unknown): object {
  if (!ArrayIsArray(description)) throw new TypeError('RPC: an unknown value');
  switch (description[0]) {
    case 'stub':
      return makeStub('RpcStub', imported(description[1]), []);
    case 'own': {
      const hook = reading.session.ownExport(description[1]);
      reading.imports.add(hook);
      return makeStub('RpcStub', hook, []);
    }
    case 'service':
      return makeFetcher(imported(description[1]));
    case 'readable':
      return readableOf(kept(description[1]));
    case 'writable':
      return writableOf(kept(description[1]));
    case 'headers':
      return makeHeaders(listOf(description[1]), false);
    case 'request':
      return reviveRequest(description);
    case 'response':
      return reviveResponse(description);
    case 'error':
    case 'exception':
      return reviveError(description);
    case 'blob':
      return lazy('forms').makeBlobOf(description[1] as never, `${description[2]}`);
    default:
      throw new TypeError('RPC: an unknown value');
  }
}

// A stream goes on behind the call that it came with.
function kept(number: unknown): Hook {
  return reading.session.addImport(number as number);
}

function listOf(items: unknown): HeaderList {
  if (!ArrayIsArray(items)) throw new TypeError('RPC: headers are no list');
  for (let i = 0; i < items.length; i++)
    if (typeof items[i] !== 'string') throw new TypeError('RPC: headers are no texts');
  return new HeaderList(items);
}

function reviveBody(value: unknown): Body | null {
  if (value === null) return null;
  if (ArrayIsArray(value)) return new BodyClass(null, 0, readableOf(kept(value[1])) as never, -1);
  return new BodyClass(value as Source, 0, null, -1);
}

function reviveRequest(description: readonly unknown[]): Request {
  const state = new RequestState(
    0,
    `${description[1]}`,
    `${description[2]}`,
    listOf(description[3]),
    reviveBody(description[5]),
  );
  state.redirect = description[4] as never;
  if (typeof description[6] === 'string') state.cf = parseJson(description[6]);
  return new Request(kInternal, state);
}

function reviveResponse(description: readonly unknown[]): object {
  const state = new ResponseState();
  state.status = +(description[1] as number);
  state.statusText = `${description[2]}`;
  state.list = listOf(description[3]);
  state.body = reviveBody(description[4]);
  state.url = `${description[5]}`;
  return makeResponse(state);
}

// The result of a call for who asked: an object gives up, when it is disposed of, the
// stubs that came with it.
export function giveResult(value: unknown, imports: Gathered<Hook>): unknown {
  if (
    isObject(value) &&
    !isCallable(value) &&
    (ArrayIsArray(value) || ObjectGetPrototypeOf(value) === ObjectPrototype)
  )
    ObjectDefineProperty(value, SymbolDispose, {
      value: () => imports.each(disposeHook),
      configurable: true,
      writable: true,
    });
  return value;
}

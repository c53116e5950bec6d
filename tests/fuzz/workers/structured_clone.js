// structuredClone() on graphs that the input's bytes describe: shared and cyclic
// parts, every type that can be cloned and most that cannot, getters that detach,
// resize, throw or clone again, and transfer lists with anything in them. A clone
// must look like what was cloned, share nothing with it but what it was told to, and
// a refusal must be a DataCloneError, or what a getter threw.
const { prototype } = Object;
const kDeepest = 6;
/** Getters that clone again would do so for each other, over and over. */
const kMostClones = 64;
const kMostIndex = 300;
class Thrown extends Error {}

function check(held, what) {
  if (!held) throw new Error(what);
}

class Source {
  #bytes;
  #at = 0;
  constructor(bytes) {
    this.#bytes = bytes;
  }
  get over() {
    return this.#at >= this.#bytes.length;
  }
  below(n) {
    return (this.#bytes[this.#at++] ?? 0) % n;
  }
  text() {
    const size = this.below(12);
    const from = this.#at;
    this.#at += size;
    return String.fromCharCode(...this.#bytes.subarray(from, from + size));
  }
}

class Maker {
  constructor(source) {
    this.source = source;
    this.made = [];
    this.buffers = [];
    this.hostile = false; // whether something changes while it is cloned
    this.refused = false; // whether a part was made that cannot be cloned
    this.cloning = 0;
    this.clones = 0;
  }
  keep(value) {
    this.made.push(value);
    return value;
  }
  buffer() {
    const size = this.source.below(64);
    const made = [
      () => new ArrayBuffer(size),
      () => new ArrayBuffer(size, { maxByteLength: 64 + this.source.below(64) }),
      () => new SharedArrayBuffer(size),
      () => new SharedArrayBuffer(size, { maxByteLength: 64 }),
    ][this.source.below(4)]();
    this.buffers.push(made);
    return this.keep(made);
  }
  view() {
    const buffer = this.buffer();
    const View = [Uint8Array, Int16Array, Float64Array, BigUint64Array, DataView, Float16Array][
      this.source.below(6)
    ];
    const offset = this.source.below(2) * 8;
    if (offset > buffer.byteLength) return buffer;
    const length = this.source.below(2) === 0 ? undefined : this.source.below(3);
    try {
      return this.keep(new View(buffer, offset, length));
    } catch {
      return buffer; // of a size that does not fit
    }
  }
  // Takes memory away in the middle of a clone.
  disturb() {
    for (const buffer of this.buffers) {
      try {
        if (buffer.growable) buffer.grow(buffer.maxByteLength);
        else if (buffer.resizable) buffer.resize(this.source.below(64));
        else if (this.source.below(2) === 0) buffer.transfer();
      } catch {}
    }
  }
  getter(depth) {
    this.hostile = true;
    const kind = this.source.below(5);
    return () => {
      if (kind === 0) throw new Thrown('by a getter');
      if (kind === 1) this.disturb();
      if (kind === 2) return this.value(depth + 1);
      if (kind === 3 && this.cloning < 3 && this.clones < kMostClones)
        return this.clone(this.made[0]);
      if (kind === 4) for (const each of this.made) if (each instanceof Map) each.clear();
      return kind;
    };
  }
  // An index of six digits makes megabytes of holes in a list, and in each clone of it.
  name() {
    const text = this.source.text();
    return Number(text) >= kMostIndex ? `k${text}` : text;
  }
  fill(object, depth) {
    for (let i = this.source.below(5); i > 0; i--) {
      const key = this.source.below(3) === 0 ? `${this.source.below(kMostIndex)}` : this.name();
      if (this.source.below(12) === 0) {
        const get = this.getter(depth);
        Object.defineProperty(object, key, { get, enumerable: true, configurable: true });
      } else {
        Object.defineProperty(object, key, {
          value: this.value(depth + 1),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
    }
    return object;
  }
  error(depth) {
    const Made = [Error, TypeError, RangeError, Thrown, DOMException][this.source.below(5)];
    const error = this.keep(new Made(this.source.text()));
    if (this.source.below(3) === 0 && !(error instanceof DOMException)) {
      error.cause = this.value(depth + 1);
    }
    return error;
  }
  refusedOne() {
    this.refused = true;
    return [
      () => () => {},
      () => Symbol('s'),
      () => new WeakMap(),
      () => Promise.resolve(),
      () => new URL('http://a.test'),
      () => new ReadableStream(),
      () => new MessageChannel().port1,
      () => new Headers(),
      () => new WeakRef({}),
      () => new Proxy(() => {}, {}),
      () => new AbortController().signal,
    ][this.source.below(11)]();
  }
  value(depth) {
    const { source } = this;
    if (depth > kDeepest || source.over) return source.below(256);
    switch (source.below(24)) {
      case 0:
        return [undefined, null, true, false, -0, NaN, Infinity, 1e308, 0.1][source.below(9)];
      case 1:
        return source.text();
      case 2:
        return [0n, -1n, 2n ** 64n, -(2n ** 200n)][source.below(4)];
      case 3:
        return this.keep(new Date(source.below(2) === 0 ? NaN : source.below(256) * 1e9));
      case 4:
        return this.keep(new RegExp('a[b-c]*', ['', 'g', 'dgimsy', 'v'][source.below(4)]));
      case 5:
        return this.keep(Object([1, 's', true, 1n][source.below(4)]));
      case 6:
        return this.buffer();
      case 7:
      case 8:
        return this.view();
      case 9:
        return this.error(depth);
      case 10:
        return this.keep(new Blob([source.text(), new Uint8Array(3)], { type: 'text/plain' }));
      case 11:
        return this.keep(new File([source.text()], 'name', { lastModified: 1 }));
      case 12: {
        const map = this.keep(new Map());
        for (let i = source.below(4); i > 0; i--) {
          map.set(this.value(depth + 1), this.value(depth + 1));
        }
        return map;
      }
      case 13: {
        const set = this.keep(new Set());
        for (let i = source.below(4); i > 0; i--) set.add(this.value(depth + 1));
        return set;
      }
      case 14: {
        const array = this.keep(new Array(source.below(4)));
        for (let i = source.below(5); i > 0; i--) array[source.below(70)] = this.value(depth + 1);
        return array;
      }
      case 15:
        return this.keep(this.fill(Object.create(null), depth));
      case 16:
        return this.fill(this.keep(new (class Own {})()), depth);
      case 17:
        return this.made.length > 0 ? this.made[source.below(this.made.length)] : 0;
      case 18:
        return source.below(4) === 0 ? this.refusedOne() : this.fill(this.keep([]), depth);
      default:
        return this.fill(this.keep({}), depth);
    }
  }
  transferList() {
    const list = this.buffers.filter(() => this.source.below(3) === 0);
    if (this.source.below(8) === 0) list.push(this.value(kDeepest));
    if (this.source.below(8) === 0) list.push(...list);
    return list;
  }
  clone(value, transfer) {
    this.cloning++;
    this.clones++;
    try {
      return structuredClone(value, transfer === undefined ? undefined : { transfer });
    } finally {
      this.cloning--;
    }
  }
}

// Whether `copy` is what a clone of `value` may be. A clone of what nothing disturbs is
// as deep and of the same parts.
function compare(value, copy, seen) {
  if (typeof value !== 'object' || value === null) {
    check(Object.is(value, copy), `${String(value)} became ${String(copy)}`);
    return;
  }
  check(typeof copy === 'object' && copy !== null, 'an object became none');
  check(value !== copy, 'the clone is the object itself');
  if (seen.has(value)) {
    check(seen.get(value) === copy, 'a part that was shared is there twice');
    return;
  }
  seen.set(value, copy);
  const kind = prototype.toString.call(value);
  if (value instanceof Error && !(value instanceof DOMException)) {
    check(copy instanceof Error && copy.message === value.message, 'an error became another');
    return;
  }
  check(kind === prototype.toString.call(copy), `${kind} became another kind`);
  if (value instanceof Map) {
    check(copy.size === value.size, 'the size of a map');
    const entries = [...copy];
    let at = 0;
    for (const [key, each] of value) {
      compare(key, entries[at][0], seen);
      compare(each, entries[at++][1], seen);
    }
  } else if (value instanceof Set) {
    check(copy.size === value.size, 'the size of a set');
    const entries = [...copy];
    let at = 0;
    for (const each of value) compare(each, entries[at++], seen);
  } else if (value instanceof Blob) {
    check(copy.size === value.size && copy.type === value.type, 'a blob became another');
  } else if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    check(copy.byteLength === value.byteLength, 'the length of a buffer');
    check(copy.maxByteLength === value.maxByteLength, 'the limit of a buffer');
  } else if (ArrayBuffer.isView(value)) {
    check(copy.byteLength === value.byteLength, 'the length of a view');
    check(copy.byteOffset === value.byteOffset, 'the offset of a view');
  } else if (kind === '[object Object]' || Array.isArray(value)) {
    const keys = Object.keys(value);
    check(keys.join() === Object.keys(copy).join(), 'the keys of an object');
    for (const key of keys) compare(value[key], copy[key], seen);
  }
}

// A port does not show that it is detached: it can be transferred once.
function isGone(transferred) {
  if (transferred instanceof ArrayBuffer) return transferred.detached;
  try {
    structuredClone(transferred, { transfer: [transferred] });
    return false;
  } catch (error) {
    return error.name === 'DataCloneError';
  }
}

function fuzz(bytes) {
  const source = new Source(bytes);
  const maker = new Maker(source);
  const value = maker.value(0);
  const transfer = source.below(2) === 0 ? undefined : maker.transferList();
  let copy;
  try {
    copy = maker.clone(value, transfer);
  } catch (error) {
    const refused = error instanceof DOMException && error.name === 'DataCloneError';
    const named = error instanceof Thrown && maker.hostile;
    check(refused || named || maker.hostile, `${error}`);
    const reason = maker.refused || maker.hostile || transfer !== undefined;
    check(reason, `nothing speaks against a clone: ${error}`);
    return;
  }
  for (const each of transfer ?? []) check(isGone(each), 'what was transferred is still here');
  // What cannot be cloned may have been made and then replaced by another value.
  if (maker.hostile || maker.refused || transfer !== undefined) return;
  compare(value, copy, new Map());
}

export default {
  async fetch(request) {
    try {
      fuzz(new Uint8Array(await request.arrayBuffer()));
      return new Response('well');
    } catch (error) {
      return new Response(`${error.stack}`, { status: 500 });
    }
  },
};

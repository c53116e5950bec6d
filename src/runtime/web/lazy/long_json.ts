// JSON.parse() (ECMAScript §25.5.1) for texts of megabytes, so that termination can come
// between the calls of V8 that it makes.
//
// The text is cut at commas into pieces that V8 reads one by one, each as a list or an
// object of its own, whose members then move into the one that they belong to. A value
// that is longer than a piece is made itself of such pieces. What V8 says of a bad piece
// counts from the piece's start, so the error names that.
//
// A reviver gets no `source` in its context: the places of values are not kept.
import {
  ArrayIsArray,
  ArrayPrototype,
  bareList,
  JSONParse,
  ObjectGetPrototypeOf,
  ObjectKeys,
  ObjectPrototype,
  ObjectSetPrototypeOf,
  ReflectApply,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  SyntaxError,
} from '../primordials.ts';

type Members = Record<PropertyKey, unknown>;

const SyntaxErrorPrototype: object = SyntaxError.prototype;

// Units of text that V8 gets at once, unless one value that is no list and no object, or
// its blanks, are longer: these cost V8 little.
const pieceLength = 65_536;

// The highest that a name can be and still be an index (ECMAScript §6.1.7).
const highestIndex = 2 ** 32 - 2;

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

export function parse(text: string, reviver: unknown): unknown {
  const value = new LongText(text).read();
  if (typeof reviver !== 'function') return value;
  return revive({ '': value }, '', reviver as Reviver);
}

// A list or an object that is made piece by piece. It inherits nothing until it is whole:
// what is put into it meets no setter.
class Made {
  readonly isList: boolean;
  // Its name in the object around it; '' in a list.
  readonly key: string;
  value: unknown[] | Members | null = null;
  // Behind a value that was made piece by piece itself, a comma or the end must come.
  isBehindValue = false;

  constructor(isList: boolean, key: string) {
    this.isList = isList;
    this.key = key;
  }

  // What V8 has read of one piece.
  add(part: unknown[] | Members): void {
    if (this.isList) {
      const items = part as unknown[];
      if (this.value === null) this.value = ObjectSetPrototypeOf(items, null) as unknown[];
      else for (let i = 0; i < items.length; i++) this.append(items[i]);
    } else {
      const keys = ObjectKeys(part);
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i] as string;
        this.set(key, (part as Members)[key]);
      }
    }
  }
  append(value: unknown): void {
    this.value ??= bareList();
    const list = this.value as unknown[];
    list[list.length] = value;
  }
  set(key: string, value: unknown): void {
    this.value ??= bareMembers();
    (this.value as Members)[key] = value;
  }
  finish(): unknown {
    const whole = this.value ?? (this.isList ? [] : {});
    return ObjectSetPrototypeOf(whole, this.isList ? ArrayPrototype : ObjectPrototype);
  }
}

// An object that inherits nothing and keeps members whose names are numbers in a table: else
// V8 takes all of them from a list to a table and back, again and again, as numbers come.
function bareMembers(): Members {
  const members = ObjectSetPrototypeOf({}, null) as Members;
  members[highestIndex] = null;
  delete members[highestIndex];
  return members;
}

class LongText {
  readonly #text: string;
  // Of each list and object that is open where the scan stands, the outermost first: where
  // it began, and its last comma, -1 for none.
  readonly #starts: number[] = bareList();
  readonly #commas: number[] = bareList();
  #depth = 0;
  // The first of those, which are made piece by piece, and their number.
  readonly #made: Made[] = bareList();
  #madeDepth = 0;
  // Where in the innermost of these what has not been read yet begins.
  #from = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    const text = this.#text;
    const { length } = text;
    let at = this.#skipBlanks(0, length);
    const first = StringPrototypeCharCodeAt(text, at);
    if (first !== openList && first !== openObject) return JSONParse(text);
    this.#open(at);
    this.#make(at, '');
    for (at++; at < length; at++) {
      const unit = StringPrototypeCharCodeAt(text, at);
      if (unit === quote) at = this.#endOfString(at);
      else if (unit === comma) this.#commas[this.#depth - 1] = at;
      else if (unit === openList || unit === openObject) this.#open(at);
      else if (unit !== closeList && unit !== closeObject) continue;
      else if (this.#depth-- === this.#madeDepth) {
        const value = this.#close(at, unit === closeList);
        if (this.#madeDepth === 0) return this.#end(at + 1, value);
      }
      if (at - this.#from > pieceLength) this.#readPieces(at);
    }
    throw new SyntaxError('Unexpected end of JSON input');
  }

  #open(at: number): void {
    this.#starts[this.#depth] = at;
    this.#commas[this.#depth] = -1;
    this.#depth++;
  }

  #make(start: number, key: string): void {
    const isList = StringPrototypeCharCodeAt(this.#text, start) === openList;
    this.#made[this.#madeDepth++] = new Made(isList, key);
    this.#from = start + 1;
  }

  // Reads what stands before `at` until little is left, or one value that has no parts.
  #readPieces(at: number): void {
    while (at - this.#from > pieceLength) {
      const last = this.#commas[this.#madeDepth - 1] as number;
      if (last >= this.#from) {
        this.#readPiece(last, false);
        this.#from = last + 1;
      } else if (this.#depth > this.#madeDepth) {
        this.#enter(this.#starts[this.#madeDepth] as number);
      } else {
        return;
      }
    }
  }

  // Has what begins at `start`, which no comma of the innermost comes before, made piece by
  // piece.
  #enter(start: number): void {
    const parent = this.#made[this.#madeDepth - 1] as Made;
    if (parent.isBehindValue) this.#refuse(this.#skipBlanks(this.#from, start));
    // Throws where something else stands than what must come before a value. (A number would
    // become part of one that stands there.)
    const before = this.#parse(parent.isList, this.#from, start, '[]');
    this.#make(start, parent.isList ? '' : (ObjectKeys(before)[0] as string));
  }

  // Reads the members of the innermost up to `to`, where a comma or its end stands.
  #readPiece(to: number, isEnd: boolean): void {
    const made = this.#made[this.#madeDepth - 1] as Made;
    let from = this.#skipBlanks(this.#from, to);
    if (made.isBehindValue) {
      made.isBehindValue = false;
      if (from === to) return;
      if (StringPrototypeCharCodeAt(this.#text, from) !== comma) this.#refuse(from);
      from = this.#skipBlanks(from + 1, to);
      if (from === to) this.#refuse(to);
    } else if (from === to) {
      if (isEnd && made.value === null) return;
      this.#refuse(to);
    }
    made.add(this.#parse(made.isList, from, to));
  }

  // Ends the innermost and puts it into what is around it; answers what it has come to.
  #close(at: number, isList: boolean): unknown {
    const made = this.#made[this.#madeDepth - 1] as Made;
    if (made.isList !== isList) this.#refuse(at);
    this.#readPiece(at, true);
    const value = made.finish();
    this.#madeDepth--;
    this.#made.length = this.#madeDepth;
    this.#from = at + 1;
    if (this.#madeDepth === 0) return value;
    const parent = this.#made[this.#madeDepth - 1] as Made;
    parent.isBehindValue = true;
    if (parent.isList) parent.append(value);
    else parent.set(made.key, value);
    return value;
  }

  #end(from: number, value: unknown): unknown {
    const { length } = this.#text;
    const at = this.#skipBlanks(from, length);
    if (at < length) this.#refuse(at);
    return value;
  }

  #skipBlanks(from: number, to: number): number {
    let at = from;
    for (; at < to; at++) {
      const unit = StringPrototypeCharCodeAt(this.#text, at);
      if (unit !== space && unit !== lineFeed && unit !== carriageReturn && unit !== tab) break;
    }
    return at;
  }

  // The place of the quotation mark that ends what one at `at` begins; else the text's end.
  #endOfString(at: number): number {
    const text = this.#text;
    let end = at + 1;
    for (; end < text.length; end++) {
      const unit = StringPrototypeCharCodeAt(text, end);
      if (unit === quote) break;
      if (unit === backslash) end++;
    }
    return end;
  }

  // A piece, and `rest` that it lacks, as members of a list or an object.
  #parse(isList: boolean, from: number, to: number, rest = ''): unknown[] | Members {
    const members = StringPrototypeSlice(this.#text, from, to) + rest;
    const json = isList ? `[${members}]` : `{${members}}`;
    try {
      return JSONParse(json);
    } catch (error) {
      if (ObjectGetPrototypeOf(error) !== SyntaxErrorPrototype) throw error;
      throw new SyntaxError(
        `${(error as Error).message} (of the part that begins at position ${from})`,
      );
    }
  }

  #refuse(at: number): never {
    throw new SyntaxError(
      at < this.#text.length
        ? `Unexpected token '${StringPrototypeSlice(this.#text, at, at + 1)}' in JSON at position ${at}`
        : 'Unexpected end of JSON input',
    );
  }
}

type Reviver = (this: unknown, key: string, value: unknown, context: object) => unknown;

// ECMAScript §25.5.1.1, InternalizeJSONProperty.
function revive(holder: Members, name: string, reviver: Reviver): unknown {
  const value = holder[name];
  if (typeof value === 'object' && value !== null) {
    if (ArrayIsArray(value)) {
      const { length } = value;
      for (let i = 0; i < length; i++) reviveMember(value as unknown as Members, `${i}`, reviver);
    } else {
      const keys = ObjectKeys(value);
      for (let i = 0; i < keys.length; i++)
        reviveMember(value as Members, keys[i] as string, reviver);
    }
  }
  return ReflectApply(reviver, holder, [name, value, {}]);
}

function reviveMember(holder: Members, name: string, reviver: Reviver): void {
  const value = revive(holder, name, reviver);
  if (value === undefined) ReflectDeleteProperty(holder, name);
  else ReflectDefineProperty(holder, name, dataProperty(value));
}

function dataProperty(value: unknown): PropertyDescriptor {
  return {
    __proto__: null,
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  } as PropertyDescriptor;
}

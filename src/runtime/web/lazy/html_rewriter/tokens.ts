// What handlers of an HTMLRewriter get. Source: Workers documentation, "HTMLRewriter".
// A token is valid while its handler runs.

import { brands } from '../../brands.ts';
import type { NativeRewriter } from '../../native_html.ts';
import {
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  Map as NativeMap,
  SymbolIterator,
  TypeError,
} from '../../primordials.ts';
import { responseStateOf } from '../../response.ts';
import {
  type Callable,
  defineMembers,
  illegalConstructor,
  isObject,
  kInternal,
  toFunction,
} from '../../webidl.ts';
import type { ReadableStream } from '../streams.ts';

const kBefore = 0;
const kAfter = 1;
const kReplace = 2;
const kPrepend = 3;
const kAppend = 4;
const kInner = 5;

export interface PendingStream {
  readonly stream: ReadableStream;
  readonly isHtml: boolean;
}

// One run of a rewriter over a document, as its tokens need it.
export class Run {
  readonly native: NativeRewriter;
  readonly streams = new NativeMap<number, PendingStream>();
  // By the number of the element.
  readonly endTagHandlers = new NativeMap<number, Callable>();
  #streams = 0;
  // Which token is valid.
  token = 0;

  constructor(rewriter: NativeRewriter) {
    this.native = rewriter;
  }

  insert(position: number, content: unknown, options: unknown): void {
    const isHtml = isObject(options) && Boolean((options as { html?: unknown }).html);
    const stream = streamOf(content);
    if (stream === null) {
      this.native.insert(position, `${content}`, isHtml, 0);
      return;
    }
    this.#streams++;
    MapPrototypeSet(this.streams, this.#streams, { stream, isHtml });
    this.native.insert(position, '', true, this.#streams);
  }

  takeStream(number: number): PendingStream | undefined {
    const pending = MapPrototypeGet(this.streams, number) as PendingStream | undefined;
    MapPrototypeDelete(this.streams, number);
    return pending;
  }
}

// The stream that is to be inserted, null for text.
function streamOf(content: unknown): ReadableStream | null {
  if (brands.readableStream(content)) return content;
  const response = responseStateOf(content);
  if (response === null) return null;
  if (response.body === null) return lazy('streams').emptyStream();
  if (response.body.used) throw new TypeError('HTMLRewriter: the Response was read already');
  return response.body.toStream();
}

// A token's hold on its run.
class Hold {
  readonly #run: Run;
  readonly #token: number;

  constructor(run: Run) {
    this.#run = run;
    this.#token = run.token;
  }

  get run(): Run {
    if (this.#run.token !== this.#token)
      throw new TypeError(
        'This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.',
      );
    return this.#run;
  }

  get native(): NativeRewriter {
    return this.run.native;
  }
}

function holdFor(guard: unknown, run: Run | undefined): Hold {
  if (guard !== kInternal) illegalConstructor();
  return new Hold(run as Run);
}

// Gives a class of tokens its changes. `holdOf` throws a TypeError for what is none of it.
function mixChanges(target: { readonly prototype: object }, holdOf: (self: unknown) => Hold): void {
  const members = {
    before(content: unknown, options?: unknown) {
      holdOf(this).run.insert(kBefore, content, options);
      return this;
    },
    after(content: unknown, options?: unknown) {
      holdOf(this).run.insert(kAfter, content, options);
      return this;
    },
    remove() {
      holdOf(this).native.remove(false);
      return this;
    },
  };
  defineMembers(target.prototype, members);
}

// The same for what something else can stand for.
function mixReplacement(
  target: { readonly prototype: object },
  holdOf: (self: unknown) => Hold,
): void {
  mixChanges(target, holdOf);
  const members = {
    get removed() {
      return holdOf(this).native.removed();
    },
    replace(content: unknown, options?: unknown) {
      holdOf(this).run.insert(kReplace, content, options);
      return this;
    },
  };
  defineMembers(target.prototype, members);
}

const namespaces = [
  'http://www.w3.org/1999/xhtml',
  'http://www.w3.org/2000/svg',
  'http://www.w3.org/1998/Math/MathML',
];

export class Element {
  readonly #hold: Hold;

  static {
    mixReplacement(Element, (self) => (self as Element).#hold);
  }

  constructor(guard?: unknown, run?: Run) {
    this.#hold = holdFor(guard, run);
  }

  get tagName(): string {
    return this.#hold.native.name();
  }
  set tagName(name: unknown) {
    this.#hold.native.setName(`${name}`);
  }
  get attributes(): IterableIterator<[string, string]> {
    return new AttributesIterator(kInternal, this.#hold.native.attributes());
  }
  get namespaceURI(): string {
    return namespaces[this.#hold.native.nameSpace()] as string;
  }

  getAttribute(name: unknown): string | null {
    return this.#hold.native.attribute(`${name}`);
  }
  hasAttribute(name: unknown): boolean {
    return this.#hold.native.attribute(`${name}`) !== null;
  }
  setAttribute(name: unknown, value: unknown): this {
    this.#hold.native.setAttribute(`${name}`, `${value}`);
    return this;
  }
  removeAttribute(name: unknown): this {
    this.#hold.native.removeAttribute(`${name}`);
    return this;
  }

  prepend(content: unknown, options?: unknown): this {
    this.#hold.run.insert(kPrepend, content, options);
    return this;
  }
  append(content: unknown, options?: unknown): this {
    this.#hold.run.insert(kAppend, content, options);
    return this;
  }
  setInnerContent(content: unknown, options?: unknown): this {
    this.#hold.run.insert(kInner, content, options);
    return this;
  }
  removeAndKeepContent(): this {
    this.#hold.native.remove(true);
    return this;
  }

  // Called with the EndTag, if there is one. A later handler takes the place of an
  // earlier one.
  onEndTag(handler: unknown): void {
    const callback = toFunction(handler, 'onEndTag: the handler');
    const { run } = this.#hold;
    if (!run.native.canHaveContent())
      throw new TypeError(`onEndTag: <${run.native.name()}> has no end tag`);
    run.native.wantEndTag();
    MapPrototypeSet(run.endTagHandlers, run.native.element(), callback);
  }
}

class AttributesIterator {
  readonly #flat: readonly string[];
  #at = 0;

  constructor(guard: unknown, flat: readonly string[]) {
    if (guard !== kInternal) illegalConstructor();
    this.#flat = flat;
  }

  next(): IteratorResult<[string, string]> {
    const at = this.#at;
    if (at >= this.#flat.length) return { value: undefined, done: true };
    this.#at += 2;
    return { value: [this.#flat[at] as string, this.#flat[at + 1] as string], done: false };
  }

  [SymbolIterator](): this {
    return this;
  }
}

export class EndTag {
  readonly #hold: Hold;

  static {
    mixChanges(EndTag, (self) => (self as EndTag).#hold);
  }

  constructor(guard?: unknown, run?: Run) {
    this.#hold = holdFor(guard, run);
  }

  get name(): string {
    return this.#hold.native.name();
  }
  set name(name: unknown) {
    this.#hold.native.setName(`${name}`);
  }
}

export class Text {
  readonly #hold: Hold;

  static {
    mixReplacement(Text, (self) => (self as Text).#hold);
  }

  constructor(guard?: unknown, run?: Run) {
    this.#hold = holdFor(guard, run);
  }

  get text(): string {
    return this.#hold.native.text();
  }
  get lastInTextNode(): boolean {
    return this.#hold.native.lastInText();
  }
}

export class Comment {
  readonly #hold: Hold;

  static {
    mixReplacement(Comment, (self) => (self as Comment).#hold);
  }

  constructor(guard?: unknown, run?: Run) {
    this.#hold = holdFor(guard, run);
  }

  get text(): string {
    return this.#hold.native.text();
  }
  set text(text: unknown) {
    this.#hold.native.setComment(`${text}`);
  }
}

export class Doctype {
  readonly #hold: Hold;

  constructor(guard?: unknown, run?: Run) {
    this.#hold = holdFor(guard, run);
  }

  get name(): string | null {
    return this.#hold.native.doctype()[0] ?? null;
  }
  get publicId(): string | null {
    return this.#hold.native.doctype()[1] ?? null;
  }
  get systemId(): string | null {
    return this.#hold.native.doctype()[2] ?? null;
  }
}

export class DocumentEnd {
  readonly #hold: Hold;

  constructor(guard?: unknown, run?: Run) {
    this.#hold = holdFor(guard, run);
  }

  append(content: unknown, options?: unknown): this {
    this.#hold.run.insert(kAppend, content, options);
    return this;
  }
}

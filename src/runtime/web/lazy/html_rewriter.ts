// HTMLRewriter. Source: Workers documentation, "HTMLRewriter". The document goes
// through C++ (ops/html/rewriter.h), which says where a handler is to be called.
import { Body } from '../body.ts';
import { inner } from '../inner_promises.ts';
import type { NativeHtml } from '../native_html.ts';
import {
  MapPrototypeDelete,
  MapPrototypeForEach,
  MapPrototypeGet,
  ReflectApply,
  RegExpPrototypeExec,
  TypeError,
} from '../primordials.ts';
import { makeResponse, ResponseState, responseStateOf } from '../response.ts';
import {
  type Callable,
  defineInterface,
  isCallable,
  isObject,
  kInternal,
  requireArguments,
} from '../webidl.ts';
import {
  Comment,
  Doctype,
  DocumentEnd,
  Element,
  EndTag,
  type PendingStream,
  Run,
  Text,
} from './html_rewriter/tokens.ts';
import type { Pieces } from './streams.ts';

// What C++ stops for.
const kNeedsInput = 0;
const kAgain = 1;
const kElement = 2;
const kEndTag = 3;
const kComment = 4;
const kText = 5;
const kDoctype = 6;
// 7: the end of the document
const kStream = 8;
const kDone = 9;

// What handlers take: flags.
const kElements = 1;
const kComments = 2;
const kTexts = 4;
const kDoctypes = 8;
const kEnds = 16;

interface Handlers {
  readonly receiver: object;
  readonly flags: number;
  readonly element: Callable | undefined;
  readonly comments: Callable | undefined;
  readonly text: Callable | undefined;
  readonly doctype: Callable | undefined;
  readonly end: Callable | undefined;
}

let native_: NativeHtml | null = null;

function binding(): NativeHtml {
  native_ ??= native.htmlBinding();
  return native_;
}

function toHandlers(value: unknown, ofDocument: boolean): Handlers {
  const what = ofDocument ? 'onDocument' : 'on';
  if (!isObject(value)) throw new TypeError(`HTMLRewriter.${what}: the handlers are no object`);
  function handler(name: string): Callable | undefined {
    const found = (value as Record<string, unknown>)[name];
    if (found === undefined) return undefined;
    if (!isCallable(found))
      throw new TypeError(`HTMLRewriter.${what}: the handler "${name}" is not a function`);
    return found;
  }
  const element = ofDocument ? undefined : handler('element');
  const comments = handler('comments');
  const text = handler('text');
  const doctype = ofDocument ? handler('doctype') : undefined;
  const end = ofDocument ? handler('end') : undefined;
  let flags = 0;
  if (element !== undefined) flags |= kElements;
  if (comments !== undefined) flags |= kComments;
  if (text !== undefined) flags |= kTexts;
  if (doctype !== undefined) flags |= kDoctypes;
  if (end !== undefined) flags |= kEnds;
  return { receiver: value, flags, element, comments, text, doctype, end };
}

const charset = /;[ \t]*charset[ \t]*=[ \t]*(?:"([^"]*)"|([^\s;"]+))/i;

function labelOf(contentType: string | null): string {
  const found = RegExpPrototypeExec(charset, contentType ?? '');
  return found?.[1] ?? found?.[2] ?? 'utf-8';
}

export class HTMLRewriter {
  readonly #ofDocument: Handlers[] = [];
  readonly #ofElements: Handlers[] = [];
  readonly #selectors: string[] = [];

  on(selector: unknown, handlers: unknown): this {
    requireArguments(arguments.length, 2, 'HTMLRewriter.on');
    const text = `${selector}`;
    binding().checkSelectors(text);
    this.#ofElements[this.#ofElements.length] = toHandlers(handlers, false);
    this.#selectors[this.#selectors.length] = text;
    return this;
  }

  onDocument(handlers: unknown): this {
    requireArguments(arguments.length, 1, 'HTMLRewriter.onDocument');
    this.#ofDocument[this.#ofDocument.length] = toHandlers(handlers, true);
    return this;
  }

  transform(response: unknown): unknown {
    requireArguments(arguments.length, 1, 'HTMLRewriter.transform');
    const from = responseStateOf(response);
    if (from === null)
      throw new TypeError('HTMLRewriter.transform: parameter 1 is not of type "Response"');
    if (from.body === null) return response;
    if (from.body.used)
      throw new TypeError('HTMLRewriter.transform: the Response was read already');
    const flagsOf = (all: readonly Handlers[]) => {
      const flags: number[] = [];
      for (let i = 0; i < all.length; i++) flags[i] = (all[i] as Handlers).flags;
      return flags;
    };
    const handlers: Handlers[] = [];
    for (let i = 0; i < this.#ofElements.length; i++)
      handlers[handlers.length] = this.#ofElements[i] as Handlers;
    for (let i = 0; i < this.#ofDocument.length; i++)
      handlers[handlers.length] = this.#ofDocument[i] as Handlers;
    const rewriter = binding().rewriterNew(
      flagsOf(this.#ofElements),
      this.#selectors,
      flagsOf(this.#ofDocument),
      labelOf(from.contentType()),
    );
    const streams = lazy('streams');
    const pieces = streams.piecesOfStream(from.body.toStream());
    const rewriting = new Rewriting(new Run(rewriter), handlers, pieces);
    const state = new ResponseState();
    state.status = from.status;
    state.statusText = from.statusText;
    state.list = from.headerList().copy();
    state.list.delete('content-length');
    state.url = from.url;
    state.redirected = from.redirected;
    state.cf = from.cf;
    const body = streams.streamOfPieces(
      () => rewriting.next(),
      () => rewriting.cancel(undefined),
    );
    state.body = new Body(null, 0, body, -1);
    return makeResponse(state);
  }
}
defineInterface(HTMLRewriter, 'HTMLRewriter');

// Pulls a document through the rewriter.
class Rewriting {
  readonly #run: Run;
  readonly #handlers: readonly Handlers[];
  readonly #pieces: Pieces;

  constructor(run: Run, handlers: readonly Handlers[], pieces: Pieces) {
    this.#run = run;
    this.#handlers = handlers;
    this.#pieces = pieces;
  }

  // The next piece of what comes out; null: it has ended.
  async next(): Promise<ArrayBuffer | null> {
    const rewriter = this.#run.native;
    try {
      for (;;) {
        const event = rewriter.next();
        if (event === kNeedsInput) {
          // What there is goes on its way before more is waited for.
          const output = rewriter.take();
          if (output !== null) return output;
          const piece = await inner(this.#pieces.next());
          if (piece === null) rewriter.finish();
          else rewriter.push(piece.bytes);
        } else if (event === kDone) {
          const output = rewriter.take();
          if (output !== null) return output;
          this.close();
          return null;
        } else if (event === kStream) {
          await inner(this.#writeStream(rewriter.stream()));
        } else if (event !== kAgain) {
          const wait = this.#call(event);
          if (wait !== undefined) await inner(wait);
        }
      }
    } catch (error) {
      this.cancel(error);
      throw error;
    }
  }

  cancel(reason: unknown): void {
    this.close();
    this.#pieces.cancel(reason);
  }

  // Streams that were never asked for are of no use.
  close(): void {
    const run = this.#run;
    run.token++;
    run.native.close();
    MapPrototypeForEach(run.streams, (pending: PendingStream) => {
      const { stream } = pending;
      if (!lazy('streams').isLocked(stream)) lazy('streams').discard(stream);
    });
  }

  async #writeStream(number: number): Promise<void> {
    const pending = this.#run.takeStream(number);
    if (pending === undefined) return;
    const { next } = lazy('streams').piecesOfStream(pending.stream);
    for (;;) {
      const piece = await inner(next());
      if (piece === null) return;
      this.#run.native.write(piece.bytes, pending.isHtml);
    }
  }

  // Calls the handlers for what C++ stopped at; a promise when one is to be waited for.
  #call(event: number): Promise<void> | undefined {
    const run = this.#run;
    const callbacks: Callable[] = [];
    const receivers: (object | undefined)[] = [];
    if (event === kEndTag) {
      const number = run.native.element();
      callbacks[0] = MapPrototypeGet(run.endTagHandlers, number) as Callable;
      MapPrototypeDelete(run.endTagHandlers, number);
    } else {
      const numbers = run.native.handlers();
      for (let i = 0; i < numbers.length; i++) {
        const handlers = this.#handlers[numbers[i] as number] as Handlers;
        callbacks[i] = callbackFor(handlers, event) as Callable;
        receivers[i] = handlers.receiver;
      }
    }
    const token = tokenFor(event, run);
    for (let i = 0; i < callbacks.length; i++) {
      const result = ReflectApply(callbacks[i] as Callable, receivers[i], [token]);
      if (isObject(result) && isCallable((result as { then?: unknown }).then))
        return this.#callRest(result, callbacks, receivers, token, i + 1);
    }
    run.token++;
    return undefined;
  }

  async #callRest(
    first: unknown,
    callbacks: readonly Callable[],
    receivers: readonly (object | undefined)[],
    token: object,
    from: number,
  ): Promise<void> {
    await first;
    for (let i = from; i < callbacks.length; i++)
      await ReflectApply(callbacks[i] as Callable, receivers[i], [token]);
    this.#run.token++;
  }
}

function callbackFor(handlers: Handlers, event: number): Callable | undefined {
  switch (event) {
    case kElement:
      return handlers.element;
    case kComment:
      return handlers.comments;
    case kText:
      return handlers.text;
    case kDoctype:
      return handlers.doctype;
    default:
      return handlers.end;
  }
}

function tokenFor(event: number, run: Run): object {
  switch (event) {
    case kElement:
      return new Element(kInternal, run);
    case kEndTag:
      return new EndTag(kInternal, run);
    case kComment:
      return new Comment(kInternal, run);
    case kText:
      return new Text(kInternal, run);
    case kDoctype:
      return new Doctype(kInternal, run);
    default:
      return new DocumentEnd(kInternal, run);
  }
}

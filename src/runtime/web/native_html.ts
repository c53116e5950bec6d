// What C++ gives to HTMLRewriter (ops/html_ops.h).

// Rewrites one document: push a piece, call next() until it says kNeedsInput, and so
// on; then finish(), and next() until kDone. Where it stops in between a handler is
// to be called, which may change the token until next() is called again.
export interface NativeRewriter {
  push(bytes: ArrayBuffer | ArrayBufferView): void;
  finish(): void;
  next(): number; // one of the events of lazy/html_rewriter.ts
  take(): ArrayBuffer | null; // what came out since
  close(): void;

  handlers(): number[]; // those to be called: those of elements, then those of the document
  element(): number; // the number of the element, at it and at its end tag
  stream(): number; // which stream is to be written
  write(bytes: ArrayBuffer | ArrayBufferView, isHtml: boolean): void;

  // With a `stream` other than 0 its bytes stand there instead of `content`.
  insert(position: number, content: string, isHtml: boolean, stream: number): void;
  remove(keepContent: boolean): void;
  removed(): boolean;

  name(): string; // in lower case
  setName(name: string): void;
  nameSpace(): number; // 0 HTML, 1 SVG, 2 MathML
  canHaveContent(): boolean;
  selfClosing(): boolean;
  attribute(name: string): string | null;
  attributes(): string[]; // flat
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  wantEndTag(): void;

  text(): string; // of a text or a comment
  lastInText(): boolean;
  setComment(text: string): void;
  doctype(): (string | null)[]; // name, public and system identifier
}

export interface NativeHtml {
  checkSelectors(text: string): void; // TypeError
  // Flags: 1 elements, 2 comments, 4 texts, 8 doctypes, 16 the end. `label` is that of
  // the document's encoding.
  rewriterNew(
    ofElements: number[],
    selectors: string[],
    ofDocument: number[],
    label: string,
  ): NativeRewriter;
}

// multipart/form-data: RFC 7578, with the escapes of HTML §4.10.21.8, and the
// parser of Fetch §5.3 (`formData()`).
import { type Bytes, concat } from '../../body.ts';
import { copyOfBytes, partOfBytes } from '../../copies.ts';
import {
  RegExpPrototypeExec,
  StringPrototypeReplaceAll,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeIndexOf,
  TypeError,
} from '../../primordials.ts';
import { blobContent, isFile, makeFile } from './blob.ts';
import type { Entries } from './form_data.ts';

const kCr = 13;
const kLf = 10;
const kDash = 45;

function escapeName(name: string): string {
  const quoted = StringPrototypeReplaceAll(name, '"', '%22');
  return StringPrototypeReplaceAll(StringPrototypeReplaceAll(quoted, '\r', '%0D'), '\n', '%0A');
}

function unescapeName(name: string): string {
  const quoted = StringPrototypeReplaceAll(name, '%22', '"');
  return StringPrototypeReplaceAll(StringPrototypeReplaceAll(quoted, '%0D', '\r'), '%0A', '\n');
}

// Every newline as CRLF.
function toCrlf(text: string): string {
  const lf = StringPrototypeReplaceAll(StringPrototypeReplaceAll(text, '\r\n', '\n'), '\r', '\n');
  return StringPrototypeReplaceAll(lf, '\n', '\r\n');
}

// The entries as one body, and its Content-Type.
export function encode(entries: Entries): { bytes: Bytes; type: string } {
  const boundary = `----caravel-${native.randomUuid()}`;
  const pieces: Bytes[] = [];
  const add = (text: string) => {
    pieces[pieces.length] = native.utf8Encode(text);
  };
  for (let i = 0; i < entries.length; i += 2) {
    const name = escapeName(toCrlf(entries[i] as string));
    const value = entries[i + 1];
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
    if (isFile(value)) {
      const { bytes, type } = blobContent(value);
      const kind = type === '' ? 'application/octet-stream' : type;
      add(`${head}; filename="${escapeName(value.name)}"\r\nContent-Type: ${kind}\r\n\r\n`);
      pieces[pieces.length] = bytes;
      add('\r\n');
    } else {
      add(`${head}\r\n\r\n${toCrlf(value as string)}\r\n`);
    }
  }
  add(`--${boundary}--\r\n`);
  return { bytes: concat(pieces), type: `multipart/form-data; boundary=${boundary}` };
}

const boundaryParameter = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i;

function malformed(what: string): TypeError {
  return new TypeError(`formData: the multipart body ${what}`);
}

// Throws a TypeError for a body that is not whole and well formed.
export function parse(bytes: Bytes, contentType: string): Entries {
  const found = RegExpPrototypeExec(boundaryParameter, contentType);
  if (found === null) throw malformed('has no boundary in its Content-Type');
  return new Parser(bytes, found[1] ?? (found[2] as string)).parse();
}

class Parser {
  readonly #bytes: Bytes;
  readonly #length: number;
  readonly #delimiter: Bytes; // CRLF "--" boundary
  #at = 0;

  constructor(bytes: Bytes, boundary: string) {
    this.#bytes = bytes;
    this.#length = TypedArrayPrototypeGetLength(bytes);
    this.#delimiter = native.utf8Encode(`\r\n--${boundary}`);
  }

  parse(): Entries {
    const entries: Entries = [];
    // The first delimiter may stand at the very start, without a CRLF before it.
    if (this.#matches(0, 2)) this.#at = TypedArrayPrototypeGetLength(this.#delimiter) - 2;
    else this.#takeUntilDelimiter();
    while (!this.#atEnd()) {
      this.#skipLineEnd();
      this.#parsePart(entries);
    }
    return entries;
  }

  // Whether the delimiter, from its byte `skip` on, stands at `at`.
  #matches(at: number, skip: number): boolean {
    const delimiter = this.#delimiter;
    const length = TypedArrayPrototypeGetLength(delimiter) - skip;
    if (at + length > this.#length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[at + i] !== delimiter[skip + i]) return false;
    return true;
  }

  #takeUntilDelimiter(): Bytes {
    const start = this.#at;
    for (let at = start; ; at++) {
      at = TypedArrayPrototypeIndexOf(this.#bytes, kCr, at);
      if (at < 0) throw malformed('ends without its closing boundary');
      if (!this.#matches(at, 0)) continue;
      this.#at = at + TypedArrayPrototypeGetLength(this.#delimiter);
      return partOfBytes(this.#bytes, start, at);
    }
  }

  // "--" after a delimiter.
  #atEnd(): boolean {
    return this.#bytes[this.#at] === kDash && this.#bytes[this.#at + 1] === kDash;
  }

  #skipLineEnd(): void {
    while (this.#bytes[this.#at] === 32 || this.#bytes[this.#at] === 9) this.#at++;
    if (this.#bytes[this.#at] !== kCr || this.#bytes[this.#at + 1] !== kLf)
      throw malformed('has a boundary that is not followed by a line end');
    this.#at += 2;
  }

  #takeLine(): string {
    const end = TypedArrayPrototypeIndexOf(this.#bytes, kCr, this.#at);
    if (end < 0 || this.#bytes[end + 1] !== kLf)
      throw malformed('ends within the header of a part');
    const line = partOfBytes(this.#bytes, this.#at, end);
    this.#at = end + 2;
    return native.utf8Decode(line, false, true);
  }

  #parsePart(entries: Entries): void {
    let name: string | null = null;
    let filename: string | null = null;
    let type = 'text/plain';
    for (let line = this.#takeLine(); line !== ''; line = this.#takeLine()) {
      const header = RegExpPrototypeExec(headerLine, line);
      if (header === null) throw malformed(`has the header line "${line}"`);
      const field = StringPrototypeToLowerCase(header[1]);
      if (field === 'content-type') type = header[2] as string;
      if (field !== 'content-disposition') continue;
      if (RegExpPrototypeExec(formData, header[2] as string) === null)
        throw malformed(`has the disposition "${header[2]}"`);
      name = parameter(nameParameter, header[2] as string);
      filename = parameter(filenameParameter, header[2] as string);
    }
    if (name === null) throw malformed('has a part without a name');
    // The empty line was taken; an empty part's delimiter begins with its CRLF.
    this.#at -= this.#matches(this.#at - 2, 0) ? 2 : 0;
    const content = this.#takeUntilDelimiter();
    entries[entries.length] = name;
    entries[entries.length] =
      filename === null
        ? native.utf8Decode(content, false, true)
        : makeFile(copyOfBytes(content), type, filename);
  }
}

const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;
const formData = /^form-data[ \t]*(?:;|$)/i;
const nameParameter = /;\s*name=(?:"([^"]*)"|([^\s;]+))/i;
const filenameParameter = /;\s*filename=(?:"([^"]*)"|([^\s;]+))/i;

function parameter(pattern: RegExp, value: string): string | null {
  const found = RegExpPrototypeExec(pattern, value);
  return found === null ? null : unescapeName(found[1] ?? (found[2] as string));
}

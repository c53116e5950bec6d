// MIME types, MIME Sniffing Standard §4: parsed, and serialized in one form.
import {
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../../primordials.ts';

export interface MimeType {
  readonly essence: string; // "text/plain", in lower case
  // Flat [name, value, …]: names in lower case, each once.
  readonly parameters: readonly string[];
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const quotable = /^[\t\x20-\x7e\x80-\xff]*$/;

const isBlank = (character: string | undefined): boolean =>
  character === ' ' || character === '\t' || character === '\n' || character === '\r';

// Without HTTP whitespace (Fetch Standard §2.2) at its start, if `both`, and its end.
function trim(text: string, both = true): string {
  let from = 0;
  let to = text.length;
  while (both && from < to && isBlank(text[from])) from++;
  while (to > from && isBlank(text[to - 1])) to--;
  return StringPrototypeSlice(text, from, to);
}

function endOf(text: string, mark: string, from: number): number {
  const at = StringPrototypeIndexOf(text, mark, from);
  return at < 0 ? text.length : at;
}

// §4.4; null is failure.
export function parseMimeType(input: string): MimeType | null {
  const text = trim(input);
  const slash = StringPrototypeIndexOf(text, '/');
  if (slash < 0) return null;
  const end = endOf(text, ';', slash);
  const type = StringPrototypeSlice(text, 0, slash);
  const subtype = trim(StringPrototypeSlice(text, slash + 1, end), false);
  if (RegExpPrototypeExec(token, type) === null) return null;
  if (RegExpPrototypeExec(token, subtype) === null) return null;
  const essence = StringPrototypeToLowerCase(`${type}/${subtype}`);
  return { essence, parameters: parseParameters(text, end) };
}

// §4.4 step 11; `at` is where the first ";" stands, or the end.
function parseParameters(text: string, at: number): string[] {
  const parameters: string[] = [];
  while (at < text.length) {
    at++;
    while (isBlank(text[at])) at++;
    let end = at;
    while (end < text.length && text[end] !== ';' && text[end] !== '=') end++;
    const name = StringPrototypeToLowerCase(StringPrototypeSlice(text, at, end));
    at = end;
    if (text[at] !== '=') continue;
    at++;
    let value: string;
    if (text[at] === '"') {
      value = '';
      for (at++; at < text.length && text[at] !== '"'; at++) {
        if (text[at] === '\\' && at + 1 < text.length) at++;
        value += text[at] as string;
      }
      at = endOf(text, ';', at);
    } else {
      end = endOf(text, ';', at);
      value = trim(StringPrototypeSlice(text, at, end), false);
      at = end;
      if (value === '') continue;
    }
    if (isParameter(name, value) && !has(parameters, name)) {
      parameters[parameters.length] = name;
      parameters[parameters.length] = value;
    }
  }
  return parameters;
}

const isParameter = (name: string, value: string): boolean =>
  RegExpPrototypeExec(token, name) !== null && RegExpPrototypeExec(quotable, value) !== null;

function has(parameters: readonly string[], name: string): boolean {
  for (let i = 0; i < parameters.length; i += 2) if (parameters[i] === name) return true;
  return false;
}

// §4.5.
export function serializeMimeType({ essence, parameters }: MimeType): string {
  let text = essence;
  for (let i = 0; i < parameters.length; i += 2) {
    const value = parameters[i + 1] as string;
    const isToken = RegExpPrototypeExec(token, value) !== null;
    text += `;${parameters[i]}=${isToken ? value : quote(value)}`;
  }
  return text;
}

function quote(value: string): string {
  let text = '"';
  for (let i = 0; i < value.length; i++) {
    const character = value[i] as string;
    text += character === '"' || character === '\\' ? `\\${character}` : character;
  }
  return `${text}"`;
}

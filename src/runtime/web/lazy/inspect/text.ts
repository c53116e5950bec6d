// Strings, keys and the names of classes, as Node's util.inspect writes them.
import {
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToUpperCase,
  SymbolPrototypeToString,
  SymbolToStringTag,
} from '../../primordials.ts';

const kLongestString = 10_000;

// What is written as it is; halves of surrogate pairs are looked at one by one, and controls
// and the backslash have a name or a number.
const plain = /^[ -[\]-~\xa0-\ud7ff\ue000-\uffff]*$/;
const short = {
  __proto__: null,
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\x0B',
  12: '\\f',
  13: '\\r',
  92: '\\\\',
} as unknown as Readonly<Record<number, string>>;

function escapeOf(code: number): string {
  const name = short[code];
  if (name !== undefined) return name;
  const digits = hex(code);
  return code < 256 ? `\\x${StringPrototypeToUpperCase(digits)}` : `\\u${digits}`;
}

const digit = '0123456789abcdef';

// At least two digits.
export function hex(code: number): string {
  let text = '';
  for (let left = code; left > 0 || text.length < 2; left = left >> 4)
    text = (digit[left & 15] as string) + text;
  return text;
}

function escaped(text: string, quote: string): string {
  if (RegExpPrototypeExec(plain, text) !== null && StringPrototypeIndexOf(text, quote) < 0)
    return text;
  let out = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    const isQuote = text[i] === quote;
    if (!isQuote && !isSpecial(text, i, code)) continue;
    out += StringPrototypeSlice(text, from, i) + (isQuote ? `\\${quote}` : escapeOf(code));
    from = i + 1;
  }
  return out + StringPrototypeSlice(text, from);
}

function isSpecial(text: string, at: number, code: number): boolean {
  if (code < 32 || code === 92 || (code >= 127 && code < 160)) return true;
  if (code < 0xd800 || code > 0xdfff) return false;
  const isHigh = code < 0xdc00;
  const other = StringPrototypeCharCodeAt(text, isHigh ? at + 1 : at - 1);
  return !(isHigh ? other >= 0xdc00 && other <= 0xdfff : other >= 0xd800 && other < 0xdc00);
}

// The quotation mark that needs no escape, if there is one.
export function quote(text: string): string {
  const mark =
    StringPrototypeIndexOf(text, "'") < 0
      ? "'"
      : StringPrototypeIndexOf(text, '"') < 0
        ? '"'
        : StringPrototypeIndexOf(text, '`') < 0 && StringPrototypeIndexOf(text, '${') < 0
          ? '`'
          : "'";
  return mark + escaped(text, mark) + mark;
}

// What is shown of `text`, and the note of what is not.
export function cutString(text: string): { shown: string; note: string } {
  const left = text.length - kLongestString;
  if (left <= 0) return { shown: text, note: '' };
  const note = `... ${left} more character${left > 1 ? 's' : ''}`;
  return { shown: StringPrototypeSlice(text, 0, kLongestString), note };
}

const identifier = /^[A-Za-z_][A-Za-z_0-9]*$/;

export function keyText(name: string | symbol, enumerable: boolean): string {
  const text =
    typeof name === 'symbol'
      ? SymbolPrototypeToString(name)
      : name === '__proto__'
        ? "['__proto__']"
        : RegExpPrototypeExec(identifier, name) === null
          ? quote(name)
          : name;
  return enumerable ? text : `[${text}]`;
}

// The name of the class whose instance it is; null when it comes from no class.
export function classOf(value: object): string | null {
  for (let at: object | null = value; at !== null; at = ObjectGetPrototypeOf(at)) {
    const made = ObjectGetOwnPropertyDescriptor(at, 'constructor')?.value;
    if (typeof made !== 'function' || typeof made.name !== 'string' || made.name === '') continue;
    if (isInstance(value, made)) return made.name;
  }
  return null;
}

// `instanceof`, past Symbol.hasInstance.
function isInstance(value: object, made: object): boolean {
  const prototype = ObjectGetOwnPropertyDescriptor(made, 'prototype')?.value;
  let at = ObjectGetPrototypeOf(value);
  while (at !== null && at !== prototype) at = ObjectGetPrototypeOf(at);
  return at !== null;
}

// " [Tag]", where the object calls itself otherwise than its class does.
function tagOf(value: object, name: string): string {
  const tag: unknown = (value as { [SymbolToStringTag]?: unknown })[SymbolToStringTag];
  if (typeof tag !== 'string' || tag === '' || tag === name) return '';
  return ObjectGetOwnPropertyDescriptor(value, SymbolToStringTag)?.enumerable ? '' : ` [${tag}]`;
}

// "Map(2) ": what stands in front of the brace. `kind` names the class that is not there,
// `size` is empty or in parentheses.
export function prefixOf(value: object, kind: string, size = ''): string {
  const name = classOf(value);
  if (name === null) return `[${kind}${size}: null prototype]${tagOf(value, kind)} `;
  return `${name}${size}${tagOf(value, name)} `;
}

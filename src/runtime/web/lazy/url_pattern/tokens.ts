// What a pattern string consists of: URL Pattern Standard §2.1, "Tokens" and
// "Tokenizing". Indexes count code units of the pattern.
import {
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  TypeError,
} from '../../primordials.ts';

export type TokenType =
  | 'open'
  | 'close'
  | 'regexp'
  | 'name'
  | 'char'
  | 'escaped-char'
  | 'other-modifier'
  | 'asterisk'
  | 'end'
  | 'invalid-char';

export interface Token {
  readonly type: TokenType;
  readonly index: number;
  readonly value: string;
}

const nameStart = /^[$_\p{ID_Start}]$/u;
const namePart = /^(?:[$_\p{ID_Continue}]|\u200c|\u200d)$/u;

export function isNameCodePoint(codePoint: string, first: boolean): boolean {
  return RegExpPrototypeExec(first ? nameStart : namePart, codePoint) !== null;
}

// The code point at `index`, as a string.
export function codePointAt(text: string, index: number): string {
  const unit = StringPrototypeCharCodeAt(text, index);
  const pair = unit >= 0xd800 && unit <= 0xdbff && index + 1 < text.length;
  return StringPrototypeSlice(text, index, index + (pair ? 2 : 1));
}

// Where the group that opens at `start - 1` ends, past its ")"; a text: what is wrong.
function endOfRegexp(input: string, start: number): number | string {
  let depth = 1;
  for (let i = start; i < input.length; i++) {
    const unit = input[i] as string;
    if (unit > '\x7f') return 'a regular expression has a character beyond ASCII';
    if (i === start && unit === '?') return 'a regular expression begins with "?"';
    if (unit === '\\') {
      i++;
      if (i === input.length) return 'a regular expression ends in "\\"';
      if ((input[i] as string) > '\x7f')
        return 'a regular expression escapes a character beyond ASCII';
    } else if (unit === ')') {
      depth--;
      if (depth > 0) continue;
      return i === start ? 'a regular expression is empty' : i + 1;
    } else if (unit === '(') {
      depth++;
      if (input[i + 1] !== '?') return 'a regular expression has a group that captures';
    }
  }
  return 'a "(" is not closed';
}

// With `lenient`, what is wrong becomes a token 'invalid-char', else a TypeError.
export function tokenize(input: string, lenient: boolean): Token[] {
  const tokens: Token[] = [];
  let index = 0;

  function add(type: TokenType, next: number, from: number, to: number): void {
    tokens[tokens.length] = { type, index, value: StringPrototypeSlice(input, from, to) };
    index = next;
  }
  function refuse(next: number, from: number, why: string): void {
    if (!lenient)
      throw new TypeError(`URLPattern: "${input}" is no pattern: ${why}, at position ${index}`);
    add('invalid-char', next, from, next);
  }

  while (index < input.length) {
    const codePoint = codePointAt(input, index);
    const next = index + codePoint.length;
    switch (codePoint) {
      case '*':
        add('asterisk', next, index, next);
        break;
      case '+':
      case '?':
        add('other-modifier', next, index, next);
        break;
      case '\\':
        if (next === input.length) refuse(next, index, 'it ends in "\\"');
        else {
          const end = next + codePointAt(input, next).length;
          add('escaped-char', end, next, end);
        }
        break;
      case '{':
        add('open', next, index, next);
        break;
      case '}':
        add('close', next, index, next);
        break;
      case ':': {
        let end = next;
        while (end < input.length) {
          const each = codePointAt(input, end);
          if (!isNameCodePoint(each, end === next)) break;
          end += each.length;
        }
        if (end === next) refuse(next, index, 'a ":" has no name behind it');
        else add('name', end, next, end);
        break;
      }
      case '(': {
        const end = endOfRegexp(input, next);
        if (typeof end === 'string') refuse(next, index, end);
        else add('regexp', end, next, end - 1);
        break;
      }
      default:
        add('char', next, index, next);
    }
  }
  add('end', index, index, index);
  return tokens;
}

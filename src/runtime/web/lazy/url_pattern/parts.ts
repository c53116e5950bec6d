// From a pattern string to its parts, and from them to a regular expression and the
// pattern string that script sees: URL Pattern Standard §2.1, "Parsing" and below.
import {
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  TypeError,
} from '../../primordials.ts';
import { codePointAt, isNameCodePoint, type Token, type TokenType, tokenize } from './tokens.ts';

// What stands between segments, and what belongs to the group behind it.
export interface Separators {
  readonly delimiter: '' | '.' | '/';
  readonly prefix: '' | '/';
}

export type Modifier = '' | '?' | '*' | '+';

export interface Part {
  readonly type: 'fixed-text' | 'regexp' | 'segment-wildcard' | 'full-wildcard';
  readonly value: string;
  readonly modifier: Modifier;
  readonly name: string;
  readonly prefix: string;
  readonly suffix: string;
}

const kFullWildcard = '.*';

function escape(text: string, what: string): string {
  let escaped = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text[i] as string;
    escaped += StringPrototypeIndexOf(what, unit) < 0 ? unit : `\\${unit}`;
  }
  return escaped;
}

export function escapePattern(text: string): string {
  return escape(text, '+*?:{}()\\');
}

function escapeRegExp(text: string): string {
  return escape(text, '.+*?^${}()[]|/\\');
}

function segmentWildcard({ delimiter }: Separators): string {
  return `[^${escapeRegExp(delimiter)}]+?`;
}

class PatternParser {
  readonly #input: string;
  readonly #tokens: readonly Token[];
  readonly #encode: (text: string) => string;
  readonly #separators: Separators;
  readonly #parts: Part[] = [];
  #at = 0;
  #pendingText = '';
  #nextNumericName = 0;

  constructor(input: string, encode: (text: string) => string, separators: Separators) {
    this.#input = input;
    this.#tokens = tokenize(input, false);
    this.#encode = encode;
    this.#separators = separators;
  }

  parse(): Part[] {
    for (;;) {
      const char = this.#take('char');
      const name = this.#take('name');
      const matcher = this.#takeMatcher(name);
      if (name !== null || matcher !== null) {
        let prefix = char?.value ?? '';
        if (prefix !== '' && prefix !== this.#separators.prefix) {
          this.#pendingText += prefix;
          prefix = '';
        }
        this.#flushText();
        this.#add(prefix, name, matcher, '', this.#takeModifier());
        continue;
      }
      const fixed = char ?? this.#take('escaped-char');
      if (fixed !== null) {
        this.#pendingText += fixed.value;
        continue;
      }
      if (this.#take('open') !== null) {
        const prefix = this.#takeText();
        const groupName = this.#take('name');
        const groupMatcher = this.#takeMatcher(groupName);
        const suffix = this.#takeText();
        this.#require('close', '"}"');
        this.#add(prefix, groupName, groupMatcher, suffix, this.#takeModifier());
        continue;
      }
      this.#flushText();
      this.#require('end', 'the end');
      return this.#parts;
    }
  }

  #take(type: TokenType): Token | null {
    const token = this.#tokens[this.#at] as Token;
    if (token.type !== type) return null;
    this.#at++;
    return token;
  }

  #takeMatcher(name: Token | null): Token | null {
    return this.#take('regexp') ?? (name === null ? this.#take('asterisk') : null);
  }

  #takeModifier(): Modifier {
    return ((this.#take('other-modifier') ?? this.#take('asterisk'))?.value ?? '') as Modifier;
  }

  #takeText(): string {
    let text = '';
    for (;;) {
      const token = this.#take('char') ?? this.#take('escaped-char');
      if (token === null) return text;
      text += token.value;
    }
  }

  #require(type: TokenType, what: string): void {
    if (this.#take(type) !== null) return;
    const { index, value } = this.#tokens[this.#at] as Token;
    throw new TypeError(
      `URLPattern: "${this.#input}" is no pattern: "${value}" stands at position ${index} instead of ${what}`,
    );
  }

  #flushText(): void {
    if (this.#pendingText === '') return;
    this.#push('fixed-text', this.#encode(this.#pendingText), '', '', '', '');
    this.#pendingText = '';
  }

  #add(
    prefix: string,
    name: Token | null,
    matcher: Token | null,
    suffix: string,
    modifier: Modifier,
  ): void {
    if (name === null && matcher === null) {
      if (modifier === '') this.#pendingText += prefix;
      else {
        this.#flushText();
        if (prefix !== '') this.#push('fixed-text', this.#encode(prefix), modifier, '', '', '');
      }
      return;
    }
    this.#flushText();
    const segment = segmentWildcard(this.#separators);
    let value = segment;
    if (matcher !== null) value = matcher.type === 'asterisk' ? kFullWildcard : matcher.value;
    let type: Part['type'] = 'regexp';
    if (value === segment) type = 'segment-wildcard';
    else if (value === kFullWildcard) type = 'full-wildcard';
    const called = name === null ? `${this.#nextNumericName++}` : name.value;
    for (let i = 0; i < this.#parts.length; i++)
      if ((this.#parts[i] as Part).name === called)
        throw new TypeError(
          `URLPattern: "${this.#input}" is no pattern: the name "${called}" is there twice`,
        );
    this.#push(
      type,
      type === 'regexp' ? value : '',
      modifier,
      called,
      this.#encode(prefix),
      this.#encode(suffix),
    );
  }

  #push(
    type: Part['type'],
    value: string,
    modifier: Modifier,
    name: string,
    prefix: string,
    suffix: string,
  ): void {
    this.#parts[this.#parts.length] = { type, value, modifier, name, prefix, suffix };
  }
}

export function parsePattern(
  input: string,
  encode: (text: string) => string,
  separators: Separators,
): Part[] {
  return new PatternParser(input, encode, separators).parse();
}

// "Generate a regular expression and name list": group n bears names[n - 1].
export function toRegExpSource(
  parts: readonly Part[],
  separators: Separators,
): { source: string; names: string[] } {
  let source = '^';
  const names: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part;
    const { type, modifier } = part;
    if (type === 'fixed-text') {
      const text = escapeRegExp(part.value);
      source += modifier === '' ? text : `(?:${text})${modifier}`;
      continue;
    }
    names[names.length] = part.name;
    let value = part.value;
    if (type === 'segment-wildcard') value = segmentWildcard(separators);
    else if (type === 'full-wildcard') value = kFullWildcard;
    const prefix = escapeRegExp(part.prefix);
    const suffix = escapeRegExp(part.suffix);
    const once = modifier === '' || modifier === '?';
    if (prefix === '' && suffix === '')
      source += once ? `(${value})${modifier}` : `((?:${value})${modifier})`;
    else if (once) source += `(?:${prefix}(${value})${suffix})${modifier}`;
    else {
      source += `(?:${prefix}((?:${value})(?:${suffix}${prefix}(?:${value}))*)${suffix})`;
      if (modifier === '*') source += '?';
    }
  }
  return { source: `${source}$`, names };
}

const digit = /^[0-9]/;

function isNumericName(name: string): boolean {
  return RegExpPrototypeExec(digit, name) !== null;
}

function endsWith(text: string, end: string): boolean {
  return end !== '' && StringPrototypeSlice(text, -end.length) === end;
}

// "Generate a pattern string".
export function toPatternString(parts: readonly Part[], separators: Separators): string {
  let result = '';
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part;
    const { type, modifier, name, prefix, suffix } = part;
    const previous = parts[i - 1];
    const next = parts[i + 1];
    if (type === 'fixed-text') {
      const text = escapePattern(part.value);
      result += modifier === '' ? text : `{${text}}${modifier}`;
      continue;
    }
    const named = !isNumericName(name);
    let grouped = suffix !== '' || (prefix !== '' && prefix !== separators.prefix);
    if (
      !grouped &&
      named &&
      type === 'segment-wildcard' &&
      modifier === '' &&
      next !== undefined &&
      next.prefix === '' &&
      next.suffix === ''
    )
      grouped =
        next.type === 'fixed-text'
          ? isNameCodePoint(codePointAt(next.value, 0), false)
          : isNumericName(next.name);
    if (!grouped && prefix === '' && previous?.type === 'fixed-text')
      grouped = endsWith(previous.value, separators.prefix);
    if (grouped) result += '{';
    result += escapePattern(prefix);
    if (named) result += `:${name}`;
    if (type === 'regexp') result += `(${part.value})`;
    else if (type === 'segment-wildcard') {
      if (!named) result += `(${segmentWildcard(separators)})`;
      else if (suffix !== '' && isNameCodePoint(codePointAt(suffix, 0), false)) result += '\\';
    } else {
      const apart =
        previous === undefined || previous.type === 'fixed-text' || previous.modifier !== '';
      result += !named && (apart || grouped || prefix !== '') ? '*' : `(${kFullWildcard})`;
    }
    result += escapePattern(suffix);
    if (grouped) result += '}';
    result += modifier;
  }
  return result;
}

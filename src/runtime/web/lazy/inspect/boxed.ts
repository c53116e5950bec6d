// Errors, dates, regular expressions and boxed primitives, told by their own methods.
import {
  BigIntPrototypeValueOf,
  BooleanPrototypeValueOf,
  DatePrototypeToISOString,
  NumberPrototypeValueOf,
  ObjectGetOwnPropertyDescriptor,
  RegExpPrototypeToString,
  StringPrototypeValueOf,
  SymbolPrototypeToString,
  SymbolPrototypeValueOf,
} from '../../primordials.ts';
import { errorText } from './errors.ts';
import { part, properties, put, type Walk } from './parts.ts';
import { classOf, quote } from './text.ts';
import { showPrimitive } from './value.ts';

export function showError(error: object, walk: Walk, depth: number): string {
  const parts: string[] = [];
  properties(error, parts, walk, depth, (name) => name === 'stack' || name === 'message');
  hidden(error, 'cause', parts, walk, depth);
  hidden(error, 'errors', parts, walk, depth);
  return put(errorText(error, walk.indent), '{', parts, '}', walk, depth);
}

// A property that is shown though it is not enumerable.
function hidden(error: object, name: string, parts: string[], walk: Walk, depth: number): void {
  const found = ObjectGetOwnPropertyDescriptor(error, name);
  if (found?.enumerable === false && 'value' in found && !walk.showHidden)
    parts[parts.length] = part(`[${name}]`, found.value, walk, depth, 2);
}

// null for others.
export function showBoxed(value: object, tag: string): string | null {
  const boxed = (kind: string, text: () => string) =>
    attempt(() => {
      const name = classOf(value) ?? `${kind} (null prototype)`;
      return `[${name === kind ? kind : `${kind} (${name})`}: ${text()}]`;
    });
  switch (tag) {
    case '[object Date]':
      return attempt(() => DatePrototypeToISOString(value)) ?? 'Invalid Date';
    case '[object RegExp]':
      return attempt(() => RegExpPrototypeToString(value));
    case '[object String]':
      return boxed('String', () => quote(StringPrototypeValueOf(value)));
    case '[object Number]':
      return boxed('Number', () => showPrimitive(NumberPrototypeValueOf(value), null));
    case '[object Boolean]':
      return boxed('Boolean', () => `${BooleanPrototypeValueOf(value)}`);
    case '[object BigInt]':
      return boxed('BigInt', () => `${BigIntPrototypeValueOf(value)}n`);
    case '[object Symbol]':
      return boxed('Symbol', () => SymbolPrototypeToString(SymbolPrototypeValueOf(value)));
  }
  return null;
}

export function attempt(run: () => string): string | null {
  try {
    return run();
  } catch {
    return null;
  }
}

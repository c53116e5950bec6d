// Array.prototype.sort() and toSorted() without a comparison, which V8 carries out in one
// call that nothing ends: two million numbers that a client sends, which it compares as
// texts, take it seconds. A long list gets the comparison of the standard, which V8 calls as
// it calls script's. What is no list has no length that a client chooses.
import {
  ArrayIsArray,
  ArrayPrototype,
  ArrayPrototypeSort,
  ObjectDefineProperty,
  uncurryThis,
} from './primordials.ts';
import { eachEntry } from './webidl.ts';

type Sort = (self: unknown, compare: unknown) => unknown;

const sort = ArrayPrototypeSort as unknown as Sort;
// Younger than the language that TypeScript's library describes here.
const toSorted = uncurryThis(
  (ArrayPrototype as unknown as { toSorted(compare: unknown): unknown }).toSorted,
) as Sort;

// So many numbers, or texts of a client's, are sorted in a tenth of a second.
const shortList = 20_000;

// ECMAScript §23.1.3.30.2, CompareArrayElements; V8 has put what is undefined at the end.
function compareAsTexts(x: unknown, y: unknown): number {
  const one = `${x}`;
  const other = `${y}`;
  if (one < other) return -1;
  return one > other ? 1 : 0;
}

function comparisonFor(list: unknown, compare: unknown): unknown {
  const isLong = compare === undefined && ArrayIsArray(list) && list.length > shortList;
  return isLong ? compareAsTexts : compare;
}

const methods = {
  // ECMAScript §23.1.3.30.
  sort(this: unknown, compare: unknown): unknown {
    return sort(this, comparisonFor(this, compare));
  },

  // ECMAScript §23.1.3.34.
  toSorted(this: unknown, compare: unknown): unknown {
    return toSorted(this, comparisonFor(this, compare));
  },
};

export function installSortMethods(): void {
  eachEntry(methods, (name, value) => ObjectDefineProperty(ArrayPrototype, name, { value }));
}

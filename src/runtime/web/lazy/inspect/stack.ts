// The stack of an error as its author wants to read it.
import { StringPrototypeSlice } from '../../primordials.ts';

const kLongestStack = 64 * 1024; // code units: the property can be written to

export function stackText(stack: string): string {
  return native.stackText(StringPrototypeSlice(stack, 0, kLongestStack));
}

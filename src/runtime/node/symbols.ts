// The symbols that Node's native side and its library share. The private ones
// are keys that no reflection shows.
import * as facts from 'node-facts';
import type { Loose } from './loose.ts';
import { nativeBinding } from './native_binding.ts';

export const privateSymbols: Loose = nativeBinding('util').privateSymbols(facts.privateSymbols());

// Under the names by which the library asks for them, which are those of the
// symbols.
export const symbols: Loose = Object.fromEntries(
  facts.symbols().map((name) => [name, Symbol(name)]),
);

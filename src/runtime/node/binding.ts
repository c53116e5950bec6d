import type { Loose } from './loose.ts';

// What the makers of bindings and of replaced modules are given.
export interface Realm {
  readonly internalBinding: (name: string) => Loose;
  readonly primordials: Loose;
  readonly process: Loose;
  readonly require: (id: string) => Loose;
}

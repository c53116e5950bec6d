// internal/worker/js_transferable: what of Node's library structuredClone() and messages
// copy, as Node has it. A copy and its original have one handle, as both are of one isolate.
import { nodeState } from '../../web/node_globals.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { privateSymbols, symbols } from '../symbols.ts';

const kCloneable = 2;

// The classes that copies are made by: no other module is loaded by its name.
const copies: Readonly<Record<string, readonly [string, string] | undefined>> = {
  __proto__: null as never,
  'internal/blocklist:InternalBlockList': ['internal/blocklist', 'InternalBlockList'],
  'internal/histogram:ClonedHistogram': ['internal/histogram', 'ClonedHistogram'],
  'internal/histogram:ClonedRecordableHistogram': [
    'internal/histogram',
    'ClonedRecordableHistogram',
  ],
  'internal/socketaddress:InternalSocketAddress': [
    'internal/socketaddress',
    'InternalSocketAddress',
  ],
};

export function transferable({ require }: Realm): Loose {
  const kMode = privateSymbols.transfer_mode_private_symbol;
  const kClone = symbols.messaging_clone_symbol;
  const kDeserialize = symbols.messaging_deserialize_symbol;

  nodeState.clone = (object: Loose) => {
    const mode = object[kMode];
    if (mode === undefined) return null;
    if ((mode & kCloneable) === 0) return false;
    const { data, deserializeInfo } = object[kClone]();
    const found = copies[deserializeInfo];
    if (found === undefined) return false;
    const copy = new (require(found[0])[found[1]])();
    copy[kDeserialize](data);
    return copy;
  };

  return {
    kClone,
    kDeserialize,
    kTransfer: symbols.messaging_transfer_symbol,
    kTransferList: symbols.messaging_transfer_list_symbol,
    markTransferMode(object: Loose, cloneable = false, transfers = false) {
      object[kMode] = (cloneable ? kCloneable : 0) | (transfers ? 1 : 0);
    },
    setup() {},
    structuredClone: (value: unknown, options: unknown) =>
      lazy('structured_clone').structuredClone(value, options),
  };
}

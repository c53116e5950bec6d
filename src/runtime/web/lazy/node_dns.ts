// The bindings of node:dns and of node:net's addresses, for Workers that use them
// (runtime/node/net).
import type { Realm } from '../../node/binding.ts';
import { blockList } from '../../node/net/block_list.ts';
import { caresWrap } from '../../node/net/names.ts';

export const bindings: Readonly<Record<string, (realm: Realm) => object>> = {
  block_list: blockList,
  cares_wrap: caresWrap,
};

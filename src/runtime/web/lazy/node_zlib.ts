// The binding of node:zlib, for Workers that use it (runtime/node/bindings/zlib.ts).
export { zlib } from '../../node/bindings/zlib.ts';

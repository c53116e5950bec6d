// The binding of node:crypto, for Workers that use it (runtime/node/bindings/crypto).
export { crypto } from '../../node/bindings/crypto.ts';

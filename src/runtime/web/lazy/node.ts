// Node's modules, for Workers that have them (runtime/node).
export { loadNodeModule, nodeGlobal, refuseCallback } from '../../node/node.ts';

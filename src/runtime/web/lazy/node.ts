// Node's modules, for Workers that have them (runtime/node).
export {
  cloudflareNode,
  loadNodeModule,
  nodeGlobal,
  promisifiedTimeout,
  refuseCallback,
} from '../../node/node.ts';

// Calls of Workers by Workers: env.NAME of a service binding on the side that calls,
// and the entrypoints of this Worker on the side that is called. docs/rpc.md.

export { connectTo } from './service/caller.ts';
export { onService } from './service/entry.ts';
export {
  environmentOf,
  exportsOf,
  withEnv,
  withEnvAndExports,
  withExports,
} from './service/environment.ts';
export { errorOf } from './service/errors.ts';
export { bindService, Fetcher } from './service/fetcher.ts';
export { exportsOfContext, exportsToCome } from './service/loopback.ts';
export { RpcPromise, RpcProperty, RpcStub } from './service/stubs.ts';

// The module "cloudflare:workers".
import { trackInvocations, waitUntil } from './invocation.ts';
import { Error } from './primordials.ts';
import { defineInterface } from './webidl.ts';

export let isEntrypoint: (value: object) => boolean;
let isRpcTarget: (value: object) => boolean;

// Base of entrypoints that are classes: one instance serves one call.
export class WorkerEntrypoint {
  readonly #isEntrypoint = true;
  readonly ctx: unknown;
  readonly env: unknown;

  static {
    isEntrypoint = (value) => #isEntrypoint in value && value.#isEntrypoint;
  }

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
defineInterface(WorkerEntrypoint, 'WorkerEntrypoint');

export class RpcTarget {
  readonly #isTarget = true;

  static {
    isRpcTarget = (value) => #isTarget in value && value.#isTarget;
  }
}
defineInterface(RpcTarget, 'RpcTarget');

// An instance of what may be called by RPC.
export function isTarget(value: object): boolean {
  return isRpcTarget(value) || isEntrypoint(value);
}

export class DurableObject {
  constructor() {
    throw new Error(
      'DurableObject: Durable Objects are not part of this version of Caravel. Remove the class from this deployment.',
    );
  }
}
defineInterface(DurableObject, 'DurableObject');

export class WorkflowEntrypoint {
  constructor() {
    throw new Error(
      'WorkflowEntrypoint: Workflows are not part of this version of Caravel. Remove the class from this deployment.',
    );
  }
}
defineInterface(WorkflowEntrypoint, 'WorkflowEntrypoint');

// The module's exports for a worker with bindings `env`.
export function cloudflareWorkers(env: object): Record<string, unknown> {
  trackInvocations();
  const service = lazy('service');
  const { Fetcher, RpcPromise, RpcProperty, RpcStub } = service;
  return {
    DurableObject,
    RpcPromise,
    RpcProperty,
    RpcStub,
    RpcTarget,
    ServiceStub: Fetcher,
    WorkerEntrypoint,
    WorkflowEntrypoint,
    env: service.environmentOf(env),
    exports: service.exportsOf(service.exportsToCome()),
    waitUntil,
    withEnv: service.withEnv,
    withEnvAndExports: service.withEnvAndExports,
    withExports: service.withExports,
  };
}

// The module "cloudflare:workers".
import { trackInvocations, waitUntil } from './invocation.ts';
import { Error, WeakMap, WeakMapPrototypeGet, WeakMapPrototypeSet } from './primordials.ts';
import { defineInterface } from './webidl.ts';

// Instances of what may be called by RPC: entrypoints, and targets.
const targets = new WeakMap<object, boolean>();
export function isTarget(value: object): boolean {
  return WeakMapPrototypeGet(targets, value) === true;
}

// Base of entrypoints that are classes: one instance serves one call.
export class WorkerEntrypoint {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    WeakMapPrototypeSet(targets, this, true);
    this.ctx = ctx;
    this.env = env;
  }
}
defineInterface(WorkerEntrypoint, 'WorkerEntrypoint');

export class RpcTarget {
  constructor() {
    WeakMapPrototypeSet(targets, this, true);
  }
}
defineInterface(RpcTarget, 'RpcTarget');

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
export function cloudflareWorkers(env: unknown): Record<string, unknown> {
  trackInvocations();
  const { exportsToCome, Fetcher, RpcPromise, RpcProperty, RpcStub } = lazy('service');
  return {
    DurableObject,
    RpcPromise,
    RpcProperty,
    RpcStub,
    RpcTarget,
    ServiceStub: Fetcher,
    WorkerEntrypoint,
    WorkflowEntrypoint,
    env,
    exports: exportsToCome(),
    waitUntil,
  };
}

// The module "cloudflare:workers".
import { trackInvocations, waitUntil } from './invocation.ts';
import { Error } from './primordials.ts';
import { defineInterface } from './webidl.ts';

// Base of a default export that is a class: one instance serves one request.
export class WorkerEntrypoint {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
defineInterface(WorkerEntrypoint, 'WorkerEntrypoint');

export class RpcTarget {}
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
  return { DurableObject, RpcTarget, WorkerEntrypoint, WorkflowEntrypoint, env, waitUntil };
}

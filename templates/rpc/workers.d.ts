// What this project uses of Workers; `wrangler types` writes all of it.

/** An entrypoint as other Workers have it: its methods answer later. */
type Service<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

declare module 'cloudflare:workers' {
  export abstract class WorkerEntrypoint<Env = unknown> {
    protected readonly env: Env;
  }
}

// What Workers have beyond the web platform, as far as the examples use it. In a project
// of your own, `wrangler types` writes all of it.

interface KvPutOptions {
  readonly expirationTtl?: number;
  readonly metadata?: unknown;
}
interface KvKey {
  readonly name: string;
  readonly metadata?: unknown;
}
interface KVNamespace {
  get(key: string): Promise<string | null>;
  get<T>(key: string, type: 'json'): Promise<T | null>;
  put(key: string, value: string, options?: KvPutOptions): Promise<void>;
  delete(key: string): Promise<void>;
  list(options?: { prefix?: string; limit?: number; cursor?: string }): Promise<{
    readonly keys: readonly KvKey[];
    readonly list_complete: boolean;
    readonly cursor?: string;
  }>;
}

interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
  passThroughOnException(): void;
}

interface ScheduledController {
  readonly cron: string;
  readonly scheduledTime: number;
}

interface Scheduler {
  wait(milliseconds: number): Promise<void>;
}

interface VersionMetadata {
  readonly id: string;
  readonly tag: string;
  readonly timestamp: string;
}

interface RewriterElement {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): RewriterElement;
  prepend(content: string, options?: { html?: boolean }): RewriterElement;
  onEndTag(handler: () => void): void;
}
interface RewriterText {
  readonly text: string;
  readonly lastInTextNode: boolean;
  replace(content: string, options?: { html?: boolean }): RewriterText;
  remove(): RewriterText;
}
interface RewriterHandlers {
  element?(element: RewriterElement): void;
  text?(text: RewriterText): void;
}
declare class HTMLRewriter {
  on(selector: string, handlers: RewriterHandlers): HTMLRewriter;
  onDocument(handlers: RewriterHandlers): HTMLRewriter;
  transform(response: Response): Response;
}

/**
 * What another Worker has of an entrypoint or an RpcTarget: each method answers later, and
 * an RpcTarget that it returns comes as a stub, whose own methods can be called at once.
 */
type Stub<T> = Disposable & {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Sent<Awaited<R>>
    : never;
};
type Sent<T> = T extends import('cloudflare:workers').RpcTarget
  ? Promise<Stub<T>> & Stub<T>
  : Promise<T>;

declare module 'cloudflare:workers' {
  export abstract class RpcTarget {
    protected readonly isTarget: true; // so that no other class is one
  }
  export abstract class WorkerEntrypoint<Env = unknown> {
    protected readonly env: Env;
    protected readonly ctx: ExecutionContext;
  }
}

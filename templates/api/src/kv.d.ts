// What this project uses of KV; `wrangler types` writes all of it.
interface KVNamespace {
  get<T>(key: string, type: 'json'): Promise<T | null>;
  put(key: string, value: string, options?: { metadata?: unknown }): Promise<void>;
  delete(key: string): Promise<void>;
  list<T>(options?: { prefix?: string; limit?: number; cursor?: string }): Promise<{
    readonly keys: readonly { readonly name: string; readonly metadata?: T }[];
    readonly list_complete: boolean;
    readonly cursor?: string;
  }>;
}

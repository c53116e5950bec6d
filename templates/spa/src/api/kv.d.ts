// What this project uses of KV; `wrangler types` writes all of it.
interface KVNamespace {
  get<T>(key: string, type: 'json'): Promise<T | null>;
  put(key: string, value: string, options?: { metadata?: unknown }): Promise<void>;
  delete(key: string): Promise<void>;
  list<T>(): Promise<{ readonly keys: readonly { readonly metadata?: T }[] }>;
}

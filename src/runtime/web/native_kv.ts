// What C++ gives to KV namespaces (ops/kv_binding.h, which says what each op answers).
// Each is a subrequest of `inv`; `binding` is a place in the list of the version's.
export interface NativeKv {
  get(
    inv: number,
    binding: number,
    key: string,
    asText: boolean,
  ): Promise<[value: string | ArrayBuffer, metadata: string | null] | null>;
  getMany(inv: number, binding: number, keys: string[]): Promise<(string | null)[]>;
  // `metadata` is '' for none, `expiration` below 0 for never.
  put(
    inv: number,
    binding: number,
    key: string,
    value: string | ArrayBuffer | ArrayBufferView,
    metadata: string,
    expiration: number,
  ): Promise<void>;
  delete(inv: number, binding: number, key: string): Promise<void>;
  list(
    inv: number,
    binding: number,
    prefix: string,
    cursor: string,
    limit: number,
  ): Promise<(string | number | null)[]>;
}

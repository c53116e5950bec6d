// Hash, Hmac, Mac and hash() of the binding `crypto`.
import type { Loose } from '../../loose.ts';
import type { Bytes, Tools } from './tools.ts';

export function digests(tools: Tools): object {
  const { hashNew, hashOnce, hmacNew, macNew } = tools.native;

  function refuseParameters(functionName: unknown, customization: unknown): void {
    if (functionName !== undefined || customization !== undefined)
      throw new Error('Digest method not supported');
  }

  class Hash {
    #native: Loose;
    #digest: ArrayBuffer | undefined;
    constructor(
      algorithm: string | Hash,
      size?: number,
      _id?: number,
      _cache?: unknown,
      functionName?: unknown,
      customization?: unknown,
    ) {
      refuseParameters(functionName, customization);
      this.#native =
        typeof algorithm === 'string' ? hashNew(algorithm, size) : algorithm.#native.copy(size);
    }
    update(data: unknown, encoding?: unknown): boolean {
      return this.#native.update(tools.toBytes(data, encoding));
    }
    digest(encoding?: unknown): Loose {
      this.#digest ??= this.#native.finish() as ArrayBuffer;
      return tools.encoded(this.#digest, encoding);
    }
  }

  class Hmac {
    #native: Loose;
    init(algorithm: string, key: unknown): void {
      this.#native = hmacNew(algorithm, tools.secretOf(key));
    }
    update(data: unknown, encoding?: unknown): boolean {
      return this.#native?.update(tools.toBytes(data, encoding)) ?? false;
    }
    digest(encoding?: unknown): Loose {
      return tools.encoded(this.#native?.finish() ?? new ArrayBuffer(0), encoding);
    }
  }

  class Mac {
    readonly #native: Loose;
    constructor(
      name: string,
      _id: number,
      _cache: unknown,
      key: Loose,
      digest?: string,
      cipher?: string,
      iv?: Bytes,
      customization?: Bytes,
      salt?: Bytes,
      size?: number,
    ) {
      const [secret, ...others] = [tools.secretOf(key), iv, customization, salt].map(
        (bytes) => bytes && tools.unshared(bytes),
      );
      this.#native = macNew(name, digest, cipher, size, secret, ...others);
    }
    update(data: unknown, encoding?: unknown): boolean {
      return this.#native.update(tools.toBytes(data, encoding));
    }
    final(encoding?: unknown): Loose {
      return tools.encoded(this.#native.finish(), encoding);
    }
  }

  return {
    Hash,
    Hmac,
    Mac,
    oneShotDigest(
      algorithm: string,
      _id: number,
      _cache: unknown,
      input: unknown,
      encoding: string,
      _encodingNumber: unknown,
      size?: number,
      functionName?: unknown,
      customization?: unknown,
    ) {
      refuseParameters(functionName, customization);
      if (!tools.native.hasDigest(algorithm))
        throw new Error(`Digest method ${algorithm} is not supported`);
      return tools.encoded(hashOnce(algorithm, size, tools.toBytes(input, 'utf8')), encoding);
    },
  };
}

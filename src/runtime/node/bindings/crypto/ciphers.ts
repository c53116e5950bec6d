// CipherBase and getCipherInfo() of the binding `crypto`.
import type { Loose } from '../../loose.ts';
import type { Bytes, Tools } from './tools.ts';

export function ciphers(tools: Tools): object {
  const { cipherInfo, cipherNew } = tools.native;

  class CipherBase {
    readonly #native: Loose;
    constructor(
      encrypts: boolean,
      name: string,
      key: unknown,
      iv: Bytes | null,
      tagSize: number,
      ctsMode?: string,
      xtsStandard?: string,
    ) {
      const secret = tools.secretOf(key);
      this.#native = cipherNew(
        encrypts,
        name,
        tagSize,
        ctsMode,
        xtsStandard,
        secret,
        tools.unshared(iv),
      );
    }
    update(data: unknown, encoding?: unknown): Loose {
      return tools.toBuffer(this.#native.update(tools.toBytes(data, encoding)));
    }
    final(): Loose {
      return tools.toBuffer(this.#native.finish());
    }
    setAutoPadding(pads: boolean): boolean {
      return this.#native.setAutoPadding(pads);
    }
    getAuthTag(): Loose {
      const tag = this.#native.tag();
      return tag === undefined ? undefined : tools.toBuffer(tag);
    }
    setAuthTag(tag: Bytes): boolean {
      return this.#native.setTag(tools.unshared(tag));
    }
    setAAD(bytes: Bytes, textSize: number): boolean {
      return this.#native.setAdditional(textSize, tools.unshared(bytes));
    }
  }

  function getCipherInfo(nameOrNumber: string | number, keySize = -1, ivSize = -1): Loose {
    const found =
      typeof nameOrNumber === 'string'
        ? cipherInfo(nameOrNumber, 0, keySize, ivSize)
        : cipherInfo('', nameOrNumber, keySize, ivSize);
    if (found === undefined) return undefined;
    const [name, mode, nid, keyLength, blockSize, ivLength] = found;
    return {
      __proto__: null,
      mode,
      name: name.toLowerCase(),
      nid: nid === 0 ? undefined : nid,
      keyLength,
      blockSize: mode === 'stream' ? undefined : blockSize,
      ivLength: ivLength === 0 ? undefined : ivLength,
    };
  }

  return { CipherBase, getCipherInfo };
}

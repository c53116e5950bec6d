// KeyObjectHandle of the binding `crypto`, and the native classes beneath KeyObject and
// CryptoKey.
import facts from 'node-facts';
import type { Loose } from '../../loose.ts';
import type { Bytes, Tools } from './tools.ts';

const { kKeyTypeSecret = 0 } = facts.crypto.constants;

export function keyClasses(tools: Tools): object {
  const { secretNew } = tools.native;

  // What sees inside of the classes; script that comes to hold them cannot.
  let nativeOf: (value: Loose) => Loose;
  let isKeyObject: Loose;
  let getKeyObjectSlots: Loose;
  let isCryptoKey: Loose;
  let getCryptoKeySlots: Loose;

  class KeyObjectHandle {
    #native: Loose;

    static {
      nativeOf = (value: Loose) =>
        typeof value === 'object' && value !== null && #native in value ? value.#native : undefined;
    }

    init(type: number, data: Loose, ..._rest: unknown[]): void {
      if (type !== kKeyTypeSecret)
        throw new Error(
          'node:crypto: public and private keys as KeyObject are not built in Caravel yet',
        );
      this.#native = secretNew(data);
    }
    getKeyType(): number {
      return this.#native.type();
    }
    getSymmetricKeySize(): number {
      return this.#native.secretSize();
    }
    export(): Loose {
      return tools.toBuffer(this.#native.secret());
    }
    exportJwk(target: Loose): Loose {
      target.kty = 'oct';
      target.k = tools.toBuffer(this.#native.secret()).toString('base64url');
      return target;
    }
    equals(other: KeyObjectHandle): boolean {
      return this.#native.equals(other.#native);
    }
  }

  tools.secretOf = (key: Loose): Bytes => nativeOf(key)?.secret() ?? key;

  // Beneath Node's classes: what an instance was made with.
  class NativeKeyObject {
    readonly #handle: KeyObjectHandle;
    constructor(handle: KeyObjectHandle) {
      this.#handle = handle;
    }
    static {
      isKeyObject = (value: unknown) =>
        typeof value === 'object' && value !== null && #handle in value;
      getKeyObjectSlots = (key: NativeKeyObject) => [key.#handle.getKeyType(), key.#handle];
    }
  }

  class NativeCryptoKey {
    readonly #slots: unknown[];
    constructor(
      handle: KeyObjectHandle,
      algorithm: unknown,
      usages: unknown,
      extractable: unknown,
      secondary: unknown,
      seed: unknown,
    ) {
      const type = handle.getKeyType();
      this.#slots = [type, extractable, algorithm, usages, handle, secondary, seed];
    }
    static {
      isCryptoKey = (value: unknown) =>
        typeof value === 'object' && value !== null && #slots in value;
      getCryptoKeySlots = (key: NativeCryptoKey) => [...key.#slots];
    }
  }

  return {
    KeyObjectHandle,
    createNativeKeyObjectClass: (make: (Class: unknown) => unknown) => make(NativeKeyObject),
    createCryptoKeyClass: (make: (Class: unknown) => unknown) => make(NativeCryptoKey),
    isKeyObject,
    getKeyObjectSlots,
    isCryptoKey,
    getCryptoKeySlots,
    SecretKeyGenJob: tools.job('SecretKeyGenJob', (bits: number) => {
      const bytes = new Uint8Array(Math.trunc(bits / 8));
      tools.native.randomFill(0, bytes.length, bytes);
      const handle = new KeyObjectHandle();
      handle.init(kKeyTypeSecret, bytes);
      return handle;
    }),
  };
}

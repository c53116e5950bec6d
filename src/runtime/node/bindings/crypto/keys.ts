// KeyObjectHandle of the binding `crypto`, and the native class beneath KeyObject.
import * as facts from 'node-facts';
import type { Loose } from '../../loose.ts';
import { exportJwk, importJwk } from './jwk.ts';
import type { Bytes, Tools } from './tools.ts';
import { webKeys } from './web_keys.ts';

const {
  kKeyFormatJWK = 2,
  kKeyFormatPEM = 1,
  kKeyFormatRawPrivate = 4,
  kKeyFormatRawPublic = 3,
  kKeyFormatRawSeed = 5,
  kKeyTypePrivate = 2,
  kKeyTypePublic = 1,
  kKeyTypeSecret = 0,
} = facts.crypto().constants;

// Node's names of kinds, where they are not OpenSSL's in small letters.
const kindNames: Readonly<Record<string, string>> = { DHX: 'dh' };
// Kinds whose keys are octets of one length.
const octetKinds = ['ed25519', 'ed448', 'x25519', 'x448'];

export interface KeyInput {
  readonly data: Loose;
  readonly format?: number | null;
  readonly type?: Loose;
  readonly passphrase?: Bytes | null;
  readonly namedCurve?: string | null;
}

export interface Keys {
  /** Classes and functions of the binding. */
  readonly binding: object;
  /** The native key of what Node's library has prepared: a handle, or bytes. */
  privateOf(input: KeyInput): Loose;
  publicOrPrivateOf(input: KeyInput): Loose;
  /** A handle over a native key. */
  wrap(native: Loose): object;
  /** Both halves of a private key; the six arguments say how each is to be encoded. */
  encodePair(native: Loose, encoding: Loose[]): Loose[];
}

export function kindOf(tools: Tools, native: Loose): string {
  const name: string = tools.native.keyKindName(native);
  return kindNames[name] ?? name.toLowerCase();
}

export function keys(tools: Tools): Keys {
  const { keyRead, keyReadEither, keyWrite, publicOf, secretNew } = tools.native;

  const invalidData = () => tools.coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'Invalid key data');
  const incompatible = () =>
    tools.coded(
      Error,
      'ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS',
      'The selected key encoding is incompatible with the key type',
    );

  // A key from its bytes alone; `kind` says of what.
  function importRaw(format: number, given: Bytes, kind: string, curve?: string | null): Loose {
    const data = tools.unshared(given);
    const isPrivate = format === kKeyFormatRawPrivate;
    let made: Loose;
    if (kind === 'ec') {
      const name = tools.native.curveName(curve ?? '');
      if (name === '')
        throw tools.coded(TypeError, 'ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
      if (format === kKeyFormatRawSeed) throw incompatible();
      made = tools.native.curveFromNumbers(
        name,
        isPrivate ? undefined : data,
        isPrivate ? data : undefined,
      );
    } else if (octetKinds.includes(kind) || isPqc(kind)) {
      if (octetKinds.includes(kind) && format === kKeyFormatRawSeed) throw incompatible();
      if (kind.startsWith('ml-') && isPrivate) throw incompatible();
      made = tools.native.octetsKey(
        kind.toUpperCase(),
        isPrivate,
        format === kKeyFormatRawSeed,
        data,
      );
    } else {
      throw tools.coded(TypeError, 'ERR_INVALID_ARG_VALUE', `Invalid asymmetricKeyType: ${kind}`);
    }
    if (made === undefined) throw invalidData();
    return made;
  }

  function isPqc(kind: string): boolean {
    return (facts.crypto().pqcKeyTypes as string[]).some((name) => name.toLowerCase() === kind);
  }

  // Of anything but a handle, DER and PEM; undefined of those.
  function importOther(input: KeyInput): Loose {
    const { data, format, type, namedCurve } = input;
    if (format === kKeyFormatJWK) return importJwk(tools, data);
    if (
      format === kKeyFormatRawPublic ||
      format === kKeyFormatRawPrivate ||
      format === kKeyFormatRawSeed
    )
      return importRaw(format, data, type, namedCurve);
    return undefined;
  }

  function privateOf(input: KeyInput): Loose {
    const known = nativeOf(input.data);
    if (known !== undefined) return known;
    const other = importOther(input);
    if (other !== undefined) {
      if (other.type() !== kKeyTypePrivate) throw notPrivate();
      return other;
    }
    const { data, format, type, passphrase } = input;
    return keyRead(
      false,
      format ?? kKeyFormatPEM,
      type ?? -1,
      tools.unshared(data),
      tools.unshared(passphrase),
    );
  }

  const notPrivate = () =>
    tools.coded(TypeError, 'ERR_CRYPTO_INVALID_JWK', 'JWK does not contain private key material');

  function publicOrPrivateOf(input: KeyInput): Loose {
    const known = nativeOf(input.data) ?? importOther(input);
    if (known !== undefined) return known;
    const { data, format, type, passphrase } = input;
    return keyReadEither(
      format ?? kKeyFormatPEM,
      type ?? -1,
      tools.unshared(data),
      tools.unshared(passphrase),
    );
  }

  function readPublic(input: KeyInput): Loose {
    const known = nativeOf(input.data) ?? importOther(input);
    if (known !== undefined) return known.type() === kKeyTypePrivate ? publicOf(known) : known;
    const { data, format, type, passphrase } = input;
    return keyRead(
      true,
      format ?? kKeyFormatPEM,
      type ?? -1,
      tools.unshared(data),
      tools.unshared(passphrase),
    );
  }

  // What sees inside of the classes; script that comes to hold them cannot.
  let nativeOf: (value: Loose) => Loose;
  let adopt: (handle: KeyObjectHandle, native: Loose) => void;
  let isKeyObject: Loose;
  let getKeyObjectSlots: Loose;

  class KeyObjectHandle {
    #native: Loose;

    static {
      nativeOf = (value: Loose) =>
        typeof value === 'object' && value !== null && #native in value ? value.#native : undefined;
      adopt = (handle, native) => {
        handle.#native = native;
      };
    }

    init(
      kind: number,
      data: Loose,
      format?: number | null,
      type?: Loose,
      passphrase?: Bytes | null,
      namedCurve?: string | null,
    ): void {
      const input = { data, format: format ?? null, type, passphrase, namedCurve } as KeyInput;
      if (kind === kKeyTypeSecret) this.#native = secretNew(tools.unshared(data));
      else this.#native = kind === kKeyTypePublic ? readPublic(input) : privateOf(input);
    }
    getKeyType(): number {
      return this.#native.type();
    }
    getSymmetricKeySize(): number {
      return this.#native.secretSize();
    }
    getAsymmetricKeyType(): string {
      return kindOf(tools, this.#native);
    }
    export(format?: number, type?: number, cipher?: string | null, passphrase?: Bytes): Loose {
      if (this.#native.type() === kKeyTypeSecret) return tools.toBuffer(this.#native.secret());
      return encoded(this.#native, format, type, cipher, passphrase);
    }
    exportJwk(target: Loose, handlesPss: boolean): Loose {
      return exportJwk(tools, this.#native, target, handlesPss);
    }
    rawPublicKey(): Loose {
      return this.#octets('pub');
    }
    rawPrivateKey(): Loose {
      if (kindOf(tools, this.#native).startsWith('ml-')) throw incompatible();
      return this.#octets('priv');
    }
    rawSeed(): Loose {
      return this.#octets('seed');
    }
    #octets(name: string): Loose {
      const kind = kindOf(tools, this.#native);
      const bytes =
        octetKinds.includes(kind) || isPqc(kind)
          ? tools.native.keyOctets(this.#native, name)
          : undefined;
      if (bytes === undefined) throw incompatible();
      return tools.toBuffer(bytes);
    }
    exportECPublicRaw(form: number): Loose {
      const compressed = form === facts.constants().crypto?.POINT_CONVERSION_COMPRESSED;
      return tools.toBuffer(tools.native.keyPoint(this.#native, compressed));
    }
    exportECPrivateRaw(): Loose {
      const size = Math.trunc((tools.native.keyBits(this.#native) + 7) / 8);
      return tools.toBuffer(tools.native.keyNumber(this.#native, 'priv', size));
    }
    checkEcKeyData(): boolean {
      return tools.native.keyIsSound(this.#native);
    }
    keyDetail(target: Loose): Loose {
      return details(tools, this.#native, target);
    }
    equals(other: KeyObjectHandle): boolean {
      return this.#native.equals(other.#native);
    }
  }

  function wrap(native: Loose): KeyObjectHandle {
    const handle = new KeyObjectHandle();
    adopt(handle, native);
    return handle;
  }

  function encoded(
    native: Loose,
    format?: number,
    type?: number,
    cipher?: string | null,
    passphrase?: Bytes,
  ): Loose {
    const bytes = keyWrite(native, format, type, cipher, tools.unshared(passphrase));
    const buffer = tools.toBuffer(bytes);
    return format === kKeyFormatPEM ? buffer.toString('latin1') : buffer;
  }

  // What is to be encoded has a format; other keys stay handles.
  function encode(
    native: Loose,
    format?: number,
    type?: number,
    cipher?: string,
    passphrase?: Bytes,
  ): Loose {
    if (format === undefined) return wrap(native);
    if (format === kKeyFormatJWK) return exportJwk(tools, native, {}, false);
    const handle = wrap(native);
    if (format === kKeyFormatRawPublic)
      return kindOf(tools, native) === 'ec'
        ? handle.exportECPublicRaw(type ?? 0)
        : handle.rawPublicKey();
    if (format === kKeyFormatRawPrivate)
      return kindOf(tools, native) === 'ec' ? handle.exportECPrivateRaw() : handle.rawPrivateKey();
    if (format === kKeyFormatRawSeed) return handle.rawSeed();
    return encoded(native, format, type, cipher, passphrase);
  }

  tools.secretOf = (key: Loose): Bytes => nativeOf(key)?.secret() ?? tools.unshared(key);

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

  return {
    binding: {
      KeyObjectHandle,
      createNativeKeyObjectClass: (make: (Class: unknown) => unknown) => make(NativeKeyObject),
      isKeyObject,
      getKeyObjectSlots,
      ...webKeys(tools, { nativeOf, wrap }),
      SecretKeyGenJob: tools.job('SecretKeyGenJob', (bits: number) => {
        const bytes = new Uint8Array(Math.trunc(bits / 8));
        tools.native.randomFill(0, bytes.length, bytes);
        return wrap(secretNew(bytes));
      }),
    },
    privateOf,
    publicOrPrivateOf,
    wrap,
    encodePair: (native, [publicFormat, publicType, format, type, cipher, passphrase]) => [
      encode(publicOf(native), publicFormat, publicType),
      encode(native, format, type, cipher, passphrase),
    ],
  };
}

// KeyObject.asymmetricKeyDetails.
function details(tools: Tools, native: Loose, target: Loose): Loose {
  const { keyBits, keyInteger, keyNumber, keyText } = tools.native;
  const kind = kindOf(tools, native);
  if (kind === 'ec') {
    const name = tools.native.curveName(keyText(native, 'group') ?? '');
    if (name !== '') target.namedCurve = name;
    return target;
  }
  target.modulusLength = keyBits(native);
  if (kind === 'dsa') {
    const bytes = new Uint8Array(keyNumber(native, 'q', 0));
    target.divisorLength = bytes.length * 8 - Math.clz32(bytes[0] ?? 0) + 24;
    return target;
  }
  target.publicExponent = keyNumber(native, 'e', 0);
  const digest = kind === 'rsa-pss' ? keyText(native, 'digest') : undefined;
  if (digest !== undefined && digest !== '') {
    target.hashAlgorithm = digestName(digest);
    target.mgf1HashAlgorithm = digestName(keyText(native, 'mgf1-digest') || digest);
    target.saltLength = keyInteger(native, 'saltlen');
  }
  return target;
}

// As Node's users know them: "sha256", "sha512-256".
function digestName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^sha2-/, 'sha')
    .replace('/', '-');
}

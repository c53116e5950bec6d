// Jobs and classes of the binding `crypto` that use public and private keys: new pairs,
// signatures, encryption and agreement.
import * as facts from 'node-facts';
import type { Loose } from '../../loose.ts';
import { type Keys, kindOf } from './keys.ts';
import type { Bytes, Tools } from './tools.ts';

const { kKeyVariantRSA_PSS = 1, kSigEncP1363 = 1, kSignJobModeSign = 0 } = facts.crypto().constants;
const namedCurve = 1; // OPENSSL_EC_NAMED_CURVE

export function pairs(tools: Tools, keys: Keys): object {
  const { agree, curveNew, dsaNew, hashNew, octetsNew, rsaCipher, rsaNew, sign, verify } =
    tools.native;

  const invalidDigest = (name?: string, what = 'digest') =>
    tools.coded(
      TypeError,
      'ERR_CRYPTO_INVALID_DIGEST',
      name === undefined ? `Invalid ${what}` : `Invalid ${what}: ${name}`,
    );
  const checkDigest = (name?: string, what?: string) => {
    if (name != null && !tools.native.hasDigest(name)) throw invalidDigest(name, what);
  };

  // Streams are hashed as they come, and signed at their end.
  class Hashed {
    #digest: string | undefined;
    #hash: Loose;
    init(digest: string): void {
      if (!tools.native.hasDigest(digest)) throw invalidDigest();
      this.#digest = digest;
      this.#hash = hashNew(digest);
    }
    update(data: unknown, encoding?: unknown): void {
      this.#open().update(tools.toBytes(data, encoding));
    }
    #open(): Loose {
      if (this.#hash === undefined)
        throw tools.coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Not initialised');
      return this.#hash;
    }
    protected finish(native: Loose): [digest: string | undefined, bytes: ArrayBuffer] {
      const hash = this.#open();
      this.#hash = undefined;
      if (hashesItself(native))
        throw tools.coded(
          Error,
          'ERR_CRYPTO_UNSUPPORTED_OPERATION',
          'Unsupported crypto operation',
        );
      return [this.#digest, hash.finish()];
    }
  }

  const hashesItself = (native: Loose) => /^(ed|ml-dsa|slh-dsa)/.test(kindOf(tools, native));

  class Sign extends Hashed {
    sign(
      data: Loose,
      format: number,
      type: Loose,
      passphrase: Bytes,
      curve: string,
      padding: number | undefined,
      salt: number | undefined,
      encoding: number,
    ): Loose {
      const native = keys.privateOf({ data, format, type, passphrase, namedCurve: curve });
      const [digest, bytes] = this.finish(native);
      const paired = encoding === kSigEncP1363;
      return tools.toBuffer(sign(native, digest, true, paired, padding, salt, bytes));
    }
  }

  class Verify extends Hashed {
    verify(
      data: Loose,
      format: number,
      type: Loose,
      passphrase: Bytes,
      curve: string,
      signature: Bytes,
      padding: number | undefined,
      salt: number | undefined,
      encoding: number,
    ): boolean {
      const native = keys.publicOrPrivateOf({ data, format, type, passphrase, namedCurve: curve });
      const [digest, bytes] = this.finish(native);
      const paired = encoding === kSigEncP1363;
      return verify(native, digest, true, paired, padding, salt, bytes, tools.unshared(signature));
    }
  }

  const SignJob = tools.job(
    'SignJob',
    (
      mode: number,
      data: Loose,
      format: number,
      type: Loose,
      passphrase: Bytes,
      curve: string,
      given: Bytes,
      digest: string | undefined,
      salt: number | undefined,
      padding: number | undefined,
      encoding: number,
      context: Bytes | undefined,
      signature: Bytes,
    ) => {
      const text = tools.unshared(given);
      const input = { data, format, type, passphrase, namedCurve: curve };
      const paired = encoding === kSigEncP1363;
      if (mode === kSignJobModeSign) {
        const native = keys.privateOf(input);
        return sign(native, digest, false, paired, padding, salt, text, tools.unshared(context));
      }
      const native = keys.publicOrPrivateOf(input);
      return verify(
        native,
        digest,
        false,
        paired,
        padding,
        salt,
        text,
        tools.unshared(signature),
        tools.unshared(context),
      );
    },
    (...args) => checkDigest(args[7]),
  );

  function rsaFunction(operation: number, isPrivate: boolean): Loose {
    return (
      data: Loose,
      format: number,
      type: Loose,
      passphrase: Bytes,
      curve: string,
      text: Bytes,
      padding: number,
      digest?: string,
      label?: Bytes,
      maskDigest?: string,
    ) => {
      const input = { data, format, type, passphrase, namedCurve: curve };
      const native = isPrivate ? keys.privateOf(input) : keys.publicOrPrivateOf(input);
      return tools.toBuffer(
        rsaCipher(
          operation,
          native,
          padding,
          digest,
          maskDigest ?? digest,
          tools.unshared(text),
          tools.unshared(label),
        ),
      );
    };
  }

  return {
    RsaKeyPairGenJob: tools.job(
      'RsaKeyPairGenJob',
      (variant: number, bits: number, exponent: number, ...rest: Loose[]) => {
        if (variant !== kKeyVariantRSA_PSS)
          return keys.encodePair(rsaNew('RSA', bits, exponent), rest);
        const [digest, maskDigest, salt, ...encoding] = rest;
        return keys.encodePair(
          rsaNew('RSA-PSS', bits, exponent, digest, maskDigest, salt),
          encoding,
        );
      },
      (variant, _bits, _exponent, digest, maskDigest) => {
        if (variant !== kKeyVariantRSA_PSS) return;
        checkDigest(digest);
        checkDigest(maskDigest, 'MGF1 digest');
      },
    ),
    DsaKeyPairGenJob: tools.job(
      'DsaKeyPairGenJob',
      (bits: number, divisorBits: number | undefined, ...encoding: Loose[]) =>
        keys.encodePair(
          dsaNew(bits, divisorBits != null && divisorBits < 0 ? undefined : divisorBits),
          encoding,
        ),
    ),
    EcKeyPairGenJob: tools.job(
      'EcKeyPairGenJob',
      (curve: string, form: number, ...encoding: Loose[]) =>
        keys.encodePair(curveNew(tools.native.curveName(curve), form === namedCurve), encoding),
      (curve) => {
        if (tools.native.curveName(curve) === '')
          throw tools.coded(TypeError, 'ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
      },
    ),
    NamedKeyPairGenJob: tools.job('NamedKeyPairGenJob', (name: string, ...encoding: Loose[]) =>
      keys.encodePair(octetsNew(name), encoding),
    ),
    Sign,
    Verify,
    SignJob,
    publicEncrypt: rsaFunction(0, false),
    privateDecrypt: rsaFunction(1, true),
    privateEncrypt: rsaFunction(2, true),
    publicDecrypt: rsaFunction(3, false),
    KEMEncapsulateJob: tools.job('KEMEncapsulateJob', (data, format, type, passphrase, curve) => {
      const input = { data, format, type, passphrase, namedCurve: curve };
      return tools.native
        .encapsulate(keys.publicOrPrivateOf(input))
        .map((bytes: ArrayBuffer) => tools.toBuffer(bytes));
    }),
    KEMDecapsulateJob: tools.job(
      'KEMDecapsulateJob',
      (data, format, type, passphrase, curve, carrier) => {
        const input = { data, format, type, passphrase, namedCurve: curve };
        return tools.toBuffer(
          tools.native.decapsulate(keys.privateOf(input), tools.unshared(carrier)),
        );
      },
    ),
    DHBitsJob: tools.job('DHBitsJob', (...args: Loose[]) => {
      const input = (at: number) => ({
        data: args[at],
        format: args[at + 1],
        type: args[at + 2],
        passphrase: args[at + 3],
        namedCurve: args[at + 4],
      });
      return agree(keys.privateOf(input(5)), keys.publicOrPrivateOf(input(0)));
    }),
  };
}

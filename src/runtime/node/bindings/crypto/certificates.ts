// Certificates of the binding `crypto`: the class beneath X509Certificate, and SPKAC.
import * as facts from 'node-facts';
import type { Loose } from '../../loose.ts';
import { type Keys, kindOf } from './keys.ts';
import type { Bytes, Tools } from './tools.ts';

const { kKeyFormatDER = 0, kKeyEncodingSPKI = 2 } = facts.crypto().constants;

export function certificates(tools: Tools, keys: Keys): object {
  const { certificateRead, spkacChallenge, spkacKey, spkacVerify } = tools.native;

  // Script that comes to hold the class cannot see inside of it.
  let isX509Certificate: Loose;

  class NativeX509Certificate {
    readonly #native: Loose;

    static {
      isX509Certificate = (value: unknown) =>
        typeof value === 'object' && value !== null && #native in value;
    }

    constructor(bytes: Bytes) {
      this.#native = certificateRead(tools.unshared(bytes));
    }
    subject(): Loose {
      return this.#native.name(false) ?? undefined;
    }
    issuer(): Loose {
      return this.#native.name(true) ?? undefined;
    }
    subjectAltName(): Loose {
      return this.#native.alternativeNames() ?? undefined;
    }
    infoAccess(): Loose {
      return this.#native.infoAccess() ?? undefined;
    }
    validFrom(): string {
      return this.#native.validity(false);
    }
    validTo(): string {
      return this.#native.validity(true);
    }
    validFromDate(): Date {
      return new Date(this.#native.validityTime(false));
    }
    validToDate(): Date {
      return new Date(this.#native.validityTime(true));
    }
    fingerprint(): Loose {
      return this.#native.fingerprint('sha1') ?? undefined;
    }
    fingerprint256(): Loose {
      return this.#native.fingerprint('sha256') ?? undefined;
    }
    fingerprint512(): Loose {
      return this.#native.fingerprint('sha512') ?? undefined;
    }
    keyUsage(): Loose {
      return this.#native.purposes() ?? undefined;
    }
    serialNumber(): Loose {
      return this.#native.serial() ?? undefined;
    }
    signatureAlgorithm(): Loose {
      return this.#native.algorithm(false) ?? undefined;
    }
    signatureAlgorithmOid(): Loose {
      return this.#native.algorithm(true);
    }
    pem(): Loose {
      return this.#native.pem() ?? undefined;
    }
    raw(): Loose {
      return tools.toBuffer(this.#native.der());
    }
    publicKey(): object {
      return keys.wrap(this.#native.publicKey());
    }
    checkCA(): boolean {
      return this.#native.isAuthority();
    }
    checkHost(name: string, flags: number): Loose {
      return this.#native.checkHost(flags, name);
    }
    checkEmail(name: string, flags: number): Loose {
      return this.#native.checkEmail(flags, name);
    }
    checkIP(name: string, flags: number): Loose {
      return this.#native.checkIp(flags, name);
    }
    checkIssued(other: NativeX509Certificate): boolean {
      return this.#native.isIssuedBy(other.#native);
    }
    checkPrivateKey(key: Loose): boolean {
      return this.#native.isOfPrivateKey(keys.privateOf({ data: key }));
    }
    verify(key: Loose): boolean {
      return this.#native.verify(keys.publicOrPrivateOf({ data: key }));
    }
    // Chains come with connections of TLS alone, which are not Node's here.
    getIssuerCert(): undefined {}

    // An instance has X509Certificate's prototype, without these methods.
    toLegacy(): object {
      const native = this.#native;
      const { asn1Curve, nistCurve, ...numbers } = keyFacts(native);
      return {
        subject: attributes(native.nameParts(false)),
        issuer: attributes(native.nameParts(true)),
        subjectaltname: native.alternativeNames() ?? undefined,
        infoAccess: native.infoAccess() ?? undefined,
        ca: native.isAuthority(),
        ...numbers,
        valid_from: native.validity(false),
        valid_to: native.validity(true),
        fingerprint: native.fingerprint('sha1') ?? undefined,
        fingerprint256: native.fingerprint('sha256') ?? undefined,
        fingerprint512: native.fingerprint('sha512') ?? undefined,
        ext_key_usage: native.purposes() ?? undefined,
        serialNumber: native.serial() ?? undefined,
        raw: tools.toBuffer(native.der()),
        asn1Curve,
        nistCurve,
      };
    }
  }

  // Attributes by their type; of several of one type an array.
  function attributes(parts: readonly string[]): Loose {
    const all: Loose = { __proto__: null };
    for (let i = 0; i < parts.length; i += 2) {
      const [type, value] = [parts[i] as string, parts[i + 1]];
      if (!(type in all)) all[type] = value;
      else if (Array.isArray(all[type])) all[type].push(value);
      else all[type] = [all[type], value];
    }
    return all;
  }

  // Of the kinds of keys that Node shows in this form.
  function keyFacts(certificate: Loose): Loose {
    const { keyBits, keyNumber, keyOctets, keyText, keyWrite } = tools.native;
    const found: Loose = {
      modulus: undefined,
      exponent: undefined,
      pubkey: undefined,
      bits: undefined,
      asn1Curve: undefined,
      nistCurve: undefined,
    };
    let key: Loose;
    try {
      key = certificate.publicKey();
    } catch {
      return found; // a key that cannot be read is not shown
    }
    const kind = kindOf(tools, key);
    if (kind === 'rsa') {
      const digits = (name: string) => tools.toBuffer(keyNumber(key, name, 0)).toString('hex');
      found.modulus = digits('n').toUpperCase();
      found.exponent = `0x${digits('e').replace(/^0/, '')}`;
      found.pubkey = tools.toBuffer(keyWrite(key, kKeyFormatDER, kKeyEncodingSPKI));
      found.bits = keyBits(key);
    } else if (kind === 'ec') {
      found.pubkey = tools.toBuffer(keyOctets(key, 'encoded-pub-key'));
      found.bits = keyBits(key);
      const curve = tools.native.curveName(keyText(key, 'group') ?? '');
      found.asn1Curve = curve || undefined;
      found.nistCurve = tools.native.nistCurve(curve) ?? undefined;
    }
    return found;
  }

  // An empty text is answered for what is no SPKAC.
  const buffered = (bytes: ArrayBuffer | null) => (bytes === null ? '' : tools.toBuffer(bytes));

  return {
    createX509CertificateClass: (make: (Class: unknown) => unknown) => make(NativeX509Certificate),
    isX509Certificate,
    certVerifySpkac: (spkac: Bytes) =>
      spkac.byteLength === 0 ? '' : spkacVerify(tools.unshared(spkac)),
    certExportPublicKey: (spkac: Bytes) => buffered(spkacKey(tools.unshared(spkac))),
    certExportChallenge: (spkac: Bytes) => buffered(spkacChallenge(tools.unshared(spkac))),
  };
}

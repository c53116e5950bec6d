// What C++ gives to Web Cryptography (ops/crypto/crypto_binding.h, which says what
// each op requires). What OpenSSL refuses is thrown as an error with the reason;
// want of memory is a RangeError.
export type NativeSource = ArrayBuffer | ArrayBufferView;

// A digest that is fed piece by piece.
export interface NativeDigest {
  // Requires of both: finish() was not called; else a TypeError.
  update(bytes: NativeSource): void;
  finish(): ArrayBuffer;
}

// The material of a key. Whether it may go out is for the caller to ask.
export interface NativeKey {
  toRaw(): ArrayBuffer;
  toDer(): ArrayBuffer; // PKCS #8 or SubjectPublicKeyInfo
  toJwk(): string[]; // k; x, y, d; x, d; n, e, d, p, q, dp, dq, qi
  publicKey(): NativeKey;
  bits(): number; // of a secret, or of the modulus
  exponent(): ArrayBuffer;
}

export interface NativeCrypto {
  digest(algorithm: string, data: NativeSource): ArrayBuffer;
  digestNew(algorithm: string): NativeDigest;
  timingSafeEqual(a: NativeSource, b: NativeSource): boolean;

  // `kind`: RSA, P-256, P-384, P-521, Ed25519, Ed448, X25519, X448.
  secretNew(bytes: NativeSource): NativeKey;
  secretRandom(size: number): NativeKey;
  secretFromText(base64url: string): NativeKey;
  pairNew(kind: string): NativeKey;
  rsaNew(modulusBits: number, publicExponent: number): NativeKey;
  keyFromDer(kind: string, isPrivate: boolean, der: NativeSource): NativeKey;
  keyFromRaw(kind: string, bytes: NativeSource): NativeKey;
  keyFromJwk(kind: string, members: string[]): NativeKey;

  // `scheme`: HMAC, RSASSA-PKCS1-v1_5, RSA-PSS, ECDSA, EdDSA.
  sign(
    key: NativeKey,
    scheme: string,
    digest: string,
    saltLength: number,
    data: NativeSource,
  ): ArrayBuffer;
  verify(
    key: NativeKey,
    scheme: string,
    digest: string,
    saltLength: number,
    signature: NativeSource,
    data: NativeSource,
  ): boolean;

  aesCbc(key: NativeKey, encrypt: boolean, iv: NativeSource, data: NativeSource): ArrayBuffer;
  aesCtr(key: NativeKey, counter: NativeSource, length: number, data: NativeSource): ArrayBuffer;
  aesGcm(
    key: NativeKey,
    encrypt: boolean,
    iv: NativeSource,
    additional: NativeSource,
    tagSize: number,
    data: NativeSource,
  ): ArrayBuffer;
  aesKw(key: NativeKey, wrap: boolean, data: NativeSource): ArrayBuffer;
  rsaOaep(
    key: NativeKey,
    encrypt: boolean,
    digest: string,
    label: NativeSource,
    data: NativeSource,
  ): ArrayBuffer;

  agree(own: NativeKey, other: NativeKey): ArrayBuffer;
  hkdf(
    key: NativeKey,
    digest: string,
    salt: NativeSource,
    info: NativeSource,
    size: number,
  ): ArrayBuffer;
  pbkdf2(
    key: NativeKey,
    digest: string,
    salt: NativeSource,
    iterations: number,
    size: number,
  ): ArrayBuffer;
}

import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

export default {
  async fetch(request: Request) {
    const { secret, message } = (await request.json()) as Record<string, string>;
    const bytes = utf8ToBytes(message);
    const key = hexToBytes(secret);
    const signature = secp256k1.sign(bytes, key);
    const ours = x25519.keygen();
    const theirs = x25519.keygen();
    const tampered = Uint8Array.from(signature);
    tampered[10] ^= 1;
    // What WebCrypto signs, noble verifies.
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ]);
    const signed = await crypto.subtle.sign(
      { name: 'ECDSA', hash: 'SHA-256' },
      pair.privateKey,
      bytes,
    );
    const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    return Response.json({
      ed25519: bytesToHex(ed25519.sign(bytes, key)),
      edPublic: bytesToHex(ed25519.getPublicKey(key)),
      secp256k1: bytesToHex(secp256k1.getPublicKey(key)),
      signature: bytesToHex(signature),
      verified: secp256k1.verify(signature, bytes, secp256k1.getPublicKey(key)),
      tampered: secp256k1.verify(tampered, bytes, secp256k1.getPublicKey(key)),
      shared:
        bytesToHex(x25519.getSharedSecret(ours.secretKey, theirs.publicKey)) ===
        bytesToHex(x25519.getSharedSecret(theirs.secretKey, ours.publicKey)),
      webcrypto: p256.verify(new Uint8Array(signed), bytes, raw, { lowS: false }),
      mac: bytesToHex(hmac(sha256, key, bytes)),
      keccak: bytesToHex(keccak_256(bytes)),
    });
  },
};

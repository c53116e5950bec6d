// crypto.subtle as a Worker finds it: examples of the standards that it
// follows, and what belongs to this platform. The behaviour in the small is
// held by the Web Platform Tests (tests/wpt, folder WebCryptoAPI).
#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kHelpers = R"(
const subtle = crypto.subtle;
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (b) => parseInt(b, 16));
const hex = (bytes) =>
  [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, '0')).join('');
const bytes = (text) => new TextEncoder().encode(text);
const name = (promise) => promise.then(() => 'done', (error) => error.name);
const secret = (key, algorithm, ...usages) =>
  subtle.importKey('raw', key, algorithm, false, usages);
)";

class WebCryptoTest : public IsolateFixture {
 protected:
  // The answer of a Worker that returns what `body` comes to.
  std::string Run(const std::string& body, uint32_t cpu_ms = 60'000) {
    registry::Limits limits;
    limits.cpu_ms = cpu_ms;
    const std::string error =
        Load(kHelpers + ("export default { async fetch() { return new Response("
                         "String(await (async () => {" +
                         body +
                         "})().catch((error) => error.name + ': ' + "
                         "error.message))); } };"),
             limits);
    if (!error.empty()) return error;
    const InvocationId id = Arrive("/");
    TurnUntilQuiet();
    return Answer(id);
  }
};

TEST_F(WebCryptoTest, HmacAsInRfc4231) {
  EXPECT_EQ(Run(R"(const algorithm = { name: 'HMAC', hash: 'SHA-256' };
             const key = await secret(bytes('Jefe'), algorithm, 'sign', 'verify');
             const text = bytes('what do ya want for nothing?');
             const code = await subtle.sign('HMAC', key, text);
             return [hex(code), await subtle.verify('HMAC', key, code, text),
               await subtle.verify('HMAC', key, code.slice(1), text)];)"),
            "200 "
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843,"
            "true,false");
}

TEST_F(WebCryptoTest, HmacHashesALongKeyFirstAsInRfc4231) {
  EXPECT_EQ(Run(R"(const key = await secret(new Uint8Array(131).fill(0xaa),
               { name: 'HMAC', hash: 'SHA-256' }, 'sign');
             return hex(await subtle.sign('HMAC', key, bytes(
               'Test Using Larger Than Block-Size Key - Hash Key First')));)"),
            "200 "
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_F(WebCryptoTest, HkdfAsInRfc5869) {
  EXPECT_EQ(
      Run(R"(const key = await secret(new Uint8Array(22).fill(0x0b), 'HKDF', 'deriveBits');
             const bits = (salt, info, length) => subtle.deriveBits(
               { name: 'HKDF', hash: 'SHA-256', salt: unhex(salt), info: unhex(info) }, key, length);
             return [hex(await bits('000102030405060708090a0b0c', 'f0f1f2f3f4f5f6f7f8f9', 336)),
               hex(await bits('', '', 336)), await name(bits('', '', 65288 + 8))];)"),
      "200 "
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208"
      "d5b887185865,"
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395"
      "faa4b61a96c8,OperationError");
}

TEST_F(WebCryptoTest, Pbkdf2AsInRfc6070) {
  EXPECT_EQ(
      Run(R"(const bits = async (password, salt, iterations, length) => hex(await subtle.deriveBits(
               { name: 'PBKDF2', hash: 'SHA-1', salt: bytes(salt), iterations },
               await secret(bytes(password), 'PBKDF2', 'deriveBits'), length));
             return [await bits('password', 'salt', 1, 160), await bits('password', 'salt', 4096, 160),
               await bits('passwordPASSWORDpassword', 'saltSALTsaltSALTsaltSALTsaltSALTsalt', 4096, 200)];)"),
      "200 0c60c80f961f0e71f3a9b524af6012062fe037a6,"
      "4b007901b765489abead49d926f721d065a429c1,"
      "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
}

TEST_F(WebCryptoTest, Pbkdf2HasNoMoreIterationsThanWorkersAllow) {
  EXPECT_EQ(
      Run(R"(const key = await secret(bytes('password'), 'PBKDF2', 'deriveBits');
             await subtle.deriveBits(
               { name: 'PBKDF2', hash: 'SHA-256', salt: bytes(''), iterations: 100001 }, key, 256);)"),
      "200 NotSupportedError: PBKDF2: 100001 iterations are more than the "
      "100000 that are supported");
}

TEST_F(WebCryptoTest, ALongDerivationEndsWithItsCall) {
  EXPECT_EQ(
      Run(R"(const key = await secret(bytes('password'), 'PBKDF2', 'deriveBits');
             await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt: bytes(''),
               iterations: 100000 }, key, 8 * 1024 * 1024);)",
          /*cpu_ms=*/20),
      "error 1102");
}

TEST_F(WebCryptoTest, ALongKeyGenerationEndsWithItsCall) {
  EXPECT_EQ(
      Run(R"(await subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 8192,
               publicExponent: new Uint8Array([1, 0, 1]) }, false, ['sign']);)",
          /*cpu_ms=*/20),
      "error 1102");
}

// NIST SP 800-38A, sections F.2.5 (CBC-AES256) and F.5.1 (CTR-AES128).
TEST_F(WebCryptoTest, AesCbcAsInSp80038a) {
  EXPECT_EQ(
      Run(R"(const key = await secret(
               unhex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4'),
               'AES-CBC', 'encrypt', 'decrypt');
             const algorithm = { name: 'AES-CBC', iv: unhex('000102030405060708090a0b0c0d0e0f') };
             const plain = unhex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
             const cipher = await subtle.encrypt(algorithm, key, plain);
             const again = await subtle.decrypt(algorithm, key, cipher);
             new Uint8Array(cipher)[cipher.byteLength - 1] ^= 1;
             return [hex(cipher).slice(0, 64), cipher.byteLength, hex(again) === hex(plain),
               await name(subtle.decrypt(algorithm, key, cipher.slice(1)))];)"),
      "200 f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d,48,"
      "true,OperationError");
}

TEST_F(WebCryptoTest, AesCbcPadsAnyLength) {
  EXPECT_EQ(
      Run(R"(const key = await secret(new Uint8Array(16), 'AES-CBC', 'encrypt', 'decrypt');
             const algorithm = { name: 'AES-CBC', iv: new Uint8Array(16) };
             for (let size = 0; size < 50; ++size) {
               const plain = crypto.getRandomValues(new Uint8Array(size));
               const cipher = await subtle.encrypt(algorithm, key, plain);
               if (cipher.byteLength !== size - size % 16 + 16) return size;
               if (hex(await subtle.decrypt(algorithm, key, cipher)) !== hex(plain)) return -size;
             }
             return 'all';)"),
      "200 all");
}

TEST_F(WebCryptoTest, AesCtrAsInSp80038a) {
  EXPECT_EQ(
      Run(R"(const key = await secret(unhex('2b7e151628aed2a6abf7158809cf4f3c'), 'AES-CTR', 'encrypt');
             const counter = unhex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
             return hex(await subtle.encrypt({ name: 'AES-CTR', counter, length: 128 }, key,
               unhex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51')));)"),
      "200 874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
}

// With 8 bits that count, block 2 has the counter ff and block 3 has 00, under
// the same upper bits: what they are encrypted with is that of those blocks
// alone.
TEST_F(WebCryptoTest, AesCtrWrapsWithinTheBitsThatCount) {
  EXPECT_EQ(
      Run(R"(const key = await secret(new Uint8Array(16), 'AES-CTR', 'encrypt');
             const stream = async (last, length, size) => hex(await subtle.encrypt(
               { name: 'AES-CTR', length, counter: unhex('0102030405060708090a0b0c0d0e0f' + last) },
               key, new Uint8Array(size)));
             const whole = await stream('fe', 8, 48);
             const parts = await stream('fe', 128, 16) + await stream('ff', 128, 16)
               + await stream('00', 128, 16);
             return [whole === parts, await stream('fe', 1, 32) === parts.slice(0, 64),
               await name(stream('fe', 1, 33)), (await stream('00', 8, 4096)).length,
               await name(stream('00', 8, 4097))];)"),
      "200 true,true,OperationError,8192,OperationError");
}

// The GCM specification (McGrew, Viega), test cases 4 and 6.
TEST_F(WebCryptoTest, AesGcmAsInItsSpecification) {
  EXPECT_EQ(
      Run(R"(const key = await secret(unhex('feffe9928665731c6d6a8f9467308308'), 'AES-GCM',
               'encrypt', 'decrypt');
             const plain = unhex('d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72'
               + '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39');
             const algorithm = { name: 'AES-GCM', iv: unhex('cafebabefacedbaddecaf888'),
               additionalData: unhex('feedfacedeadbeeffeedfacedeadbeefabaddad2') };
             const other = { ...algorithm, iv: unhex('9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4'
               + 'c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b') };
             const one = hex(await subtle.encrypt(algorithm, key, plain));
             const two = hex(await subtle.encrypt(other, key, plain));
             const again = await subtle.decrypt(algorithm, key, unhex(one));
             const short = await subtle.encrypt({ ...algorithm, tagLength: 96 }, key, plain);
             return [one.slice(-32), two.slice(-32), hex(again) === hex(plain), short.byteLength,
               await name(subtle.decrypt(other, key, unhex(one))),
               await name(subtle.decrypt(algorithm, key, unhex(one).subarray(1)))];)"),
      "200 5bc94fbc3221a5db94fae95ae7121a47,619cc5aefffe0bfa462af43c1699d050,"
      "true,72,OperationError,OperationError");
}

// RFC 3394, section 4.6.
TEST_F(WebCryptoTest, AesKwAsInRfc3394) {
  EXPECT_EQ(
      Run(R"(const wrapping = await secret(
               unhex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'), 'AES-KW',
               'wrapKey', 'unwrapKey');
             const key = await subtle.importKey('raw',
               unhex('00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f'), 'AES-GCM',
               true, ['encrypt']);
             const wrapped = await subtle.wrapKey('raw', key, wrapping, 'AES-KW');
             const unwrap = (from) => subtle.unwrapKey('raw', from, wrapping, 'AES-KW', 'AES-GCM',
               true, ['encrypt']);
             const again = await subtle.exportKey('raw', await unwrap(wrapped));
             const spoiled = wrapped.slice();
             new Uint8Array(spoiled)[3] ^= 1;
             return [hex(wrapped), hex(again).slice(0, 8), await name(unwrap(spoiled)),
               hex(await subtle.exportKey('raw', await unwrap(wrapped))).length];)"),
      "200 "
      "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b"
      "7a02dd21,00112233,OperationError,64");
}

TEST_F(WebCryptoTest, AesKwWrapsAJwkOfAnyLength) {
  EXPECT_EQ(
      Run(R"(const wrapping = await secret(new Uint8Array(16), 'AES-KW', 'wrapKey', 'unwrapKey');
             const given = { name: 'HMAC', hash: 'SHA-256' };
             const sizes = [];
             const same = [];
             for (let size = 16; size < 24; ++size) {
               const key = await subtle.importKey('raw', new Uint8Array(size), given, true,
                 ['sign']);
               const wrapped = await subtle.wrapKey('jwk', key, wrapping, 'AES-KW');
               const again = await subtle.unwrapKey('jwk', wrapped, wrapping, 'AES-KW', given,
                 true, ['sign']);
               sizes.push(wrapped.byteLength % 8);
               same.push((await subtle.exportKey('raw', again)).byteLength === size);
             }
             return [sizes.join(''), same.every(Boolean)];)"),
      "200 00000000,true");
}

// RFC 8032, section 7.1, test 2.
TEST_F(WebCryptoTest, Ed25519AsInRfc8032) {
  EXPECT_EQ(
      Run(R"(const d = unhex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
             const x = unhex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
             const pkcs8 = unhex('302e020100300506032b657004220420' + hex(d));
             const key = await subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
             const other = await subtle.importKey('raw', x, { name: 'ed25519' }, true, ['verify']);
             const signature = await subtle.sign('Ed25519', key, unhex('72'));
             const jwk = await subtle.exportKey('jwk', key);
             return [hex(signature), await subtle.verify('Ed25519', other, signature, unhex('72')),
               await subtle.verify('Ed25519', other, signature, unhex('73')),
               hex(await subtle.exportKey('pkcs8', key)) === hex(pkcs8), jwk.kty, jwk.crv, jwk.alg,
               jwk.x, jwk.ext, jwk.key_ops];)"),
      "200 "
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00,"
      "true,false,true,OKP,Ed25519,Ed25519,"
      "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw,true,sign");
}

// RFC 7748, section 6.1.
TEST_F(WebCryptoTest, X25519AsInRfc7748) {
  EXPECT_EQ(
      Run(R"(const own = await subtle.importKey('pkcs8', unhex('302e020100300506032b656e04220420'
               + '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'),
               'X25519', false, ['deriveBits', 'deriveKey']);
             const open = await subtle.importKey('raw',
               unhex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'), 'X25519',
               true, []);
             const algorithm = { name: 'X25519', public: open };
             const key = await subtle.deriveKey(algorithm, own, { name: 'AES-GCM', length: 128 }, true,
               ['encrypt']);
             return [hex(await subtle.deriveBits(algorithm, own, null)),
               hex(await subtle.deriveBits(algorithm, own, 12)),
               hex(await subtle.exportKey('raw', key)),
               await name(subtle.deriveBits(algorithm, own, 264))];)"),
      "200 "
      "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742,4a50,"
      "4a5d9d5ba4ce2de1728e3bf480350f25,OperationError");
}

// RFC 6979, section A.2.5: the key, and its signature of "sample" with SHA-256.
TEST_F(WebCryptoTest, EcdsaAsInRfc6979) {
  EXPECT_EQ(
      Run(R"(const url = (text) => unhex(text).toBase64({ alphabet: 'base64url', omitPadding: true });
             const jwk = { kty: 'EC', crv: 'P-256',
               d: url('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721'),
               x: url('60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6'),
               y: url('7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299') };
             const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
             const { d, ...open } = jwk;
             const verifying = await subtle.importKey('jwk', open, algorithm, true, ['verify']);
             const signing = await subtle.importKey('jwk', jwk, algorithm, true, ['sign']);
             const theirs = unhex('efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716'
               + 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8');
             const ours = await subtle.sign(algorithm, signing, bytes('sample'));
             const verify = (signature) =>
               subtle.verify(algorithm, verifying, signature, bytes('sample'));
             const again = await subtle.exportKey('jwk', signing);
             const point = await subtle.exportKey('raw', verifying);
             const compressed = new Uint8Array(point.slice(0, 33));
             compressed[0] = 2 + (new Uint8Array(point)[64] & 1);
             const same = await subtle.importKey('raw', compressed, algorithm, true, ['verify']);
             return [await verify(theirs), await verify(ours), ours.byteLength,
               await verify(new Uint8Array(64)), again.d === d, again.y === jwk.y,
               hex(await subtle.exportKey('raw', same)) === hex(point)];)"),
      "200 true,true,64,false,true,true,true");
}

TEST_F(WebCryptoTest, AnEcKeyWhoseHalvesDoNotBelongTogetherIsRefused) {
  EXPECT_EQ(Run(R"(const algorithm = { name: 'ECDSA', namedCurve: 'P-384' };
             const make = () => subtle.generateKey(algorithm, true, ['sign']);
             const [one, other] = [await make(), await make()];
             const jwk = async (pair) => subtle.exportKey('jwk', pair.privateKey);
             const mixed = { ...await jwk(one), d: (await jwk(other)).d };
             const off = { ...await jwk(one), x: (await jwk(other)).x };
             const take = (from) => name(subtle.importKey('jwk', from, algorithm, true, ['sign']));
             return [await take(await jwk(one)), await take(mixed), await take(off),
               await name(subtle.importKey('raw', new Uint8Array(1), algorithm, true, []))];)"),
            "200 done,DataError,DataError,DataError");
}

TEST_F(WebCryptoTest, RsaKeysGoOutAndComeInInEveryFormat) {
  EXPECT_EQ(
      Run(R"(const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384', modulusLength: 1024,
               publicExponent: new Uint8Array([1, 0, 1]) };
             const pair = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
             const again = async (format, key, usage) => subtle.importKey(format,
               await subtle.exportKey(format, key), algorithm, true, [usage]);
             const text = bytes('text');
             const wanted = hex(await subtle.sign(algorithm.name, pair.privateKey, text));
             const all = [];
             for (const format of ['pkcs8', 'jwk']) {
               const key = await again(format, pair.privateKey, 'sign');
               all.push(hex(await subtle.sign(algorithm.name, key, text)) === wanted);
             }
             for (const format of ['spki', 'jwk']) {
               const key = await again(format, pair.publicKey, 'verify');
               all.push(await subtle.verify(algorithm.name, key, unhex(wanted), text));
             }
             const { alg, e } = await subtle.exportKey('jwk', pair.publicKey);
             const described = pair.publicKey.algorithm;
             return [...all, alg, e, described.modulusLength, hex(described.publicExponent),
               described.hash.name, described === pair.publicKey.algorithm];)"),
      "200 true,true,true,true,RS384,AQAB,1024,010001,SHA-384,true");
}

// OpenSSL computes a number of keys of DSA while it decodes them, by either of
// these identifiers; here in vain, since the prime is even.
TEST_F(WebCryptoTest, AKeyOfAnotherAlgorithmIsRefusedUndecoded) {
  EXPECT_EQ(
      Run(R"(const der = (tag, ...parts) => [tag, parts.flat().length, ...parts.flat()];
             const key = (kind) => Uint8Array.from(der(0x30, der(2, 0),
               der(0x30, der(6, kind), der(0x30, der(2, 126), der(2, 127), der(2, 3))),
               der(4, der(2, 5))));
             const take = (kind, algorithm) => subtle.importKey('pkcs8', key(kind), algorithm,
               false, ['sign']).catch((error) => error.message.split(': ').at(-1));
             const told = new Set();
             for (const kind of [[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1], [0x2b, 14, 3, 2, 12]])
               for (const algorithm of [{ name: 'RSA-PSS', hash: 'SHA-256' },
                 { name: 'ECDSA', namedCurve: 'P-256' }, { name: 'Ed25519' }])
                 told.add(await take(kind, algorithm));
             return [...told];)"),
      "200 it is of another algorithm");
}

// Such a number, and not the modulus, would set the time of each use.
TEST_F(WebCryptoTest, AnRsaKeyWithNumbersBeyondItsModulusIsRefused) {
  EXPECT_EQ(Run(R"(const algorithm = { name: 'RSA-PSS', hash: 'SHA-256' };
             const pair = await subtle.generateKey({ ...algorithm, modulusLength: 1024,
               publicExponent: new Uint8Array([1, 0, 1]) }, true, ['sign', 'verify']);
             const jwk = await subtle.exportKey('jwk', pair.publicKey);
             const take = (e) => subtle.importKey('jwk', { ...jwk, e }, algorithm, true, ['verify'])
               .then(({ type }) => type, ({ name, message }) => [name, message.split(': ').at(-1)]);
             return [await take(jwk.e), await take('_'.repeat(200))];)"),
            "200 public,DataError,a number of this RSA key is longer than its "
            "modulus");
}

TEST_F(WebCryptoTest, RsaOaepWrapsAKeyAndRsaPssChecksItsSalt) {
  EXPECT_EQ(Run(R"(const rest = { hash: 'SHA-256', modulusLength: 1024,
               publicExponent: new Uint8Array([3]) };
             const oaep = { name: 'RSA-OAEP', label: bytes('label') };
             const wrapping = await subtle.generateKey({ ...oaep, ...rest }, false,
               ['wrapKey', 'unwrapKey']);
             const key = await subtle.generateKey({ name: 'AES-CBC', length: 192 }, true, ['encrypt']);
             const wrapped = await subtle.wrapKey('raw', key, wrapping.publicKey, oaep);
             const unwrap = (algorithm) => subtle.unwrapKey('raw', wrapped, wrapping.privateKey,
               algorithm, 'AES-CBC', true, ['encrypt']);
             const same = hex(await subtle.exportKey('raw', await unwrap(oaep)))
               === hex(await subtle.exportKey('raw', key));
             const pss = await subtle.generateKey({ name: 'RSA-PSS', ...rest }, false,
               ['sign', 'verify']);
             const salted = (saltLength) => ({ name: 'RSA-PSS', saltLength });
             const signature = await subtle.sign(salted(20), pss.privateKey, bytes('text'));
             const verify = (saltLength) =>
               subtle.verify(salted(saltLength), pss.publicKey, signature, bytes('text'));
             return [same, await name(unwrap('RSA-OAEP')), await verify(20), await verify(21),
               await name(subtle.sign(salted(4e9), pss.privateKey, bytes('text')))];)"),
            "200 true,OperationError,true,false,OperationError");
}

TEST_F(WebCryptoTest, ACloneOfAKeyIsThatKey) {
  EXPECT_EQ(
      Run(R"(const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false,
               ['decrypt', 'encrypt']);
             const clone = structuredClone({ key }).key;
             const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12) };
             const plain = await subtle.decrypt(algorithm, clone,
               await subtle.encrypt(algorithm, key, bytes('text')));
             return [clone !== key, clone instanceof CryptoKey, clone.type, clone.extractable,
               clone.usages, clone.algorithm.name, clone.algorithm.length,
               new TextDecoder().decode(plain), await name(subtle.exportKey('raw', clone))];)"),
      "200 true,true,secret,false,encrypt,decrypt,AES-GCM,256,text,"
      "InvalidAccessError");
}

TEST_F(WebCryptoTest, WhatScriptDoesToAKeysDescriptionChangesNothing) {
  EXPECT_EQ(
      Run(R"(const key = await secret(new Uint8Array(16), { name: 'HMAC', hash: 'SHA-256' }, 'sign');
             key.algorithm.hash.name = 'SHA-1';
             key.algorithm.name = 'AES-GCM';
             key.usages.push('verify');
             const code = await subtle.sign('HMAC', key, bytes(''));
             return [code.byteLength, await name(subtle.verify('HMAC', key, code, bytes('')))];)"),
      "200 32,InvalidAccessError");
}

TEST_F(WebCryptoTest, PatchedPrototypesDoNotLearnWhatIsWrapped) {
  EXPECT_EQ(
      Run(R"(const wrapping = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false,
               ['wrapKey', 'unwrapKey']);
             const key = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-1' }, true, ['sign']);
             const seen = [];
             for (const member of ['k', 'kty', 'key_ops', 'toJSON', 'get', 'alg'])
               Object.defineProperty(Object.prototype, member, { configurable: true,
                 set(value) { seen.push(member); }, get() { seen.push(member); } });
             Object.defineProperty(Array.prototype, 'toJSON', { __proto__: null,
               value: () => { seen.push('array'); } });
             const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12) };
             const wrapped = await subtle.wrapKey('jwk', key, wrapping, algorithm);
             const again = await subtle.unwrapKey('jwk', wrapped, wrapping, algorithm,
               { name: 'HMAC', hash: 'SHA-1' }, true, ['sign']);
             const jwk = await subtle.exportKey('jwk', again);
             return [seen.length, Object.keys(jwk).join(' ')];)"),
      "200 0,kty key_ops ext k alg");
}

TEST_F(WebCryptoTest, KeysAreMadeByRequestsOnly) {
  EXPECT_THAT(
      Load("await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, "
           "true, ['encrypt']); export default { fetch() {} };"),
      HasSubstr("Disallowed operation called within global scope"));
}

TEST_F(WebCryptoTest, KeysThatNobodyHoldsMakeRoomForOthers) {
  EXPECT_EQ(Run(R"(const large = new Uint8Array(16 << 20);
                   for (let i = 0; i < 20; ++i)
                     await secret(large, { name: 'HMAC', hash: 'SHA-1' }, 'sign');
                   return 'done';)"),
            "200 done");
}

TEST_F(WebCryptoTest, KeysThatAreHeldCountAgainstTheMemoryLimit) {
  EXPECT_THAT(Run(R"(const large = new Uint8Array(16 << 20);
                     const kept = [];
                     for (let i = 0; i < 20; ++i)
                       kept.push(await secret(large, { name: 'HMAC', hash: 'SHA-1' }, 'sign'));
                     return kept.length;)"),
              StartsWith("200 RangeError: no memory is left for the key"));
}

}  // namespace
}  // namespace caravel::runtime

// What Node's own tests of crypto (tests/node) do not show: known answers of
// what is our own, bounds, memory, and calls that Node's library never makes.
#include <gmock/gmock.h>

#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class NodeCryptoTest : public JsTest {
 protected:
  NodeCryptoTest() {
    Evaluate(
        "crypto_ = native.nodeBinding('crypto');"
        "bytes = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));"
        "hex = (buffer) => Array.from(new Uint8Array(buffer),"
        "  (byte) => byte.toString(16).padStart(2, '0')).join('')");
  }
};

// RFC 7914, section 12.
TEST_F(NodeCryptoTest, ScryptGivesTheAnswersOfItsStandard) {
  EXPECT_THAT(Evaluate("hex(crypto_.scrypt(16, 1, 1, 2 ** 25, 64, bytes(''),"
                       " bytes('')))"),
              StartsWith("77d6576238657b203b19ca42c18a0497"));
  EXPECT_THAT(Evaluate("hex(crypto_.scrypt(1024, 8, 16, 2 ** 25, 64,"
                       " bytes('password'), bytes('NaCl')))"),
              StartsWith("fdbabe1c9d3472007856e7190d01e9fe"));
}

TEST_F(NodeCryptoTest, ScryptBeyondTheMemoryOfTheWorkerIsRefused) {
  const size_t before = memory_->used();
  EXPECT_THAT(Evaluate("crypto_.scrypt(2 ** 24, 8, 1, 2 ** 40, 64, bytes(''),"
                       " bytes(''))"),
              HasSubstr("more memory than the Worker has"));
  CollectGarbage();
  EXPECT_LE(memory_->used(), before);
}

TEST_F(NodeCryptoTest, WorkOfArgon2IsBounded) {
  EXPECT_THAT(Evaluate("crypto_.argon2(2, 1, 16, 1024, 4294967295, bytes('a'),"
                       " bytes('12345678'), bytes(''), bytes(''))"),
              HasSubstr("computes longer than a Worker may"));
  EXPECT_THAT(Evaluate("crypto_.argon2(2, 1, 16, 2 ** 31, 0, bytes('a'),"
                       " bytes('12345678'), bytes(''), bytes(''))"),
              HasSubstr("more memory than the Worker has"));
}

// OpenSSL would look for ever.
TEST_F(NodeCryptoTest, APrimeThatCannotBeIsRefused) {
  for (const char* const call :
       {"32, false, Uint8Array.of(6), Uint8Array.of(3)",
        "32, true, Uint8Array.of(6), Uint8Array.of(1)",
        "32, false, Uint8Array.of(0)"}) {
    EXPECT_THAT(Evaluate(fmt::format("crypto_.primeNew({})", call)),
                StartsWith("RangeError: no prime is"));
  }
  EXPECT_EQ(Evaluate("new DataView(crypto_.primeNew(32, false,"
                     " Uint8Array.of(6), Uint8Array.of(5))).getUint32(0) % 6"),
            "5");
  EXPECT_THAT(Evaluate("crypto_.primeNew(4294967295, false)"),
              StartsWith("RangeError: primes of more than"));
  EXPECT_THAT(Evaluate("crypto_.isPrime(0, new Uint8Array(5000))"),
              StartsWith("RangeError: primes of more than"));
}

// Converting a number may run script, and bytes are looked at after it.
TEST_F(NodeCryptoTest, ABufferThatIsTakenAwayMeanwhileHasNoBytes) {
  Evaluate(
      "taken = new Uint8Array(1000);"
      "take = { valueOf() { taken.buffer.transfer(); return 10; } }");
  EXPECT_EQ(Evaluate("crypto_.randomFill(take, 10, taken)"),
            "TypeError: randomFill: the buffer has fewer bytes");
  EXPECT_EQ(Evaluate("taken = new Uint8Array(1000);"
                     "hex(crypto_.pbkdf2('sha1', take, 4, taken, taken)) ==="
                     "hex(crypto_.pbkdf2('sha1', 10, 4, bytes(''),"
                     " bytes('')))"),
            "true");
}

TEST_F(NodeCryptoTest, WhatIsFinishedGivesNothingMore) {
  EXPECT_EQ(Evaluate("hash = crypto_.hashNew('sha1'); hash.finish();"
                     "hash.update(bytes('a'))"),
            "false");
  EXPECT_EQ(Evaluate("hash.finish()"),
            "TypeError: finish: the digest is finished already");
  EXPECT_EQ(Evaluate("hmac = crypto_.hmacNew('sha1', bytes('k'));"
                     "hmac.finish(); hmac.update(bytes('a'))"),
            "false");
  EXPECT_EQ(Evaluate("hmac.finish()"),
            "TypeError: finish: the code is finished already");
  EXPECT_EQ(Evaluate("c = crypto_.cipherNew(true, 'aes-128-cbc', -1, null,"
                     " null, new Uint8Array(16), new Uint8Array(16));"
                     "c.finish(); c.finish()"),
            "Error: Invalid state");
  EXPECT_EQ(Evaluate("c.setAutoPadding(true) || c.setTag(bytes('a')) ||"
                     " c.setAdditional(0, bytes('a'))"),
            "false");
}

TEST_F(NodeCryptoTest, SizesThatNothingHasRoomForAreRefused) {
  EXPECT_THAT(Evaluate("crypto_.hashOnce('shake128', 4294967295, bytes(''))"),
              StartsWith("RangeError: Array buffer allocation failed"));
  EXPECT_THAT(Evaluate("crypto_.pbkdf2('sha1', 1, 4294967295, bytes(''),"
                       " bytes(''))"),
              StartsWith("RangeError: Array buffer allocation failed"));
  EXPECT_THAT(Evaluate("crypto_.hkdf('sha1', 5101, bytes(''), bytes(''),"
                       " bytes(''))"),
              StartsWith("RangeError: Invalid key length"));
}

TEST_F(NodeCryptoTest, KeysAreCountedUntilTheyGo) {
  CollectGarbage();
  const size_t before = memory_->used();
  Evaluate("key = crypto_.secretNew(new Uint8Array(100000)); 0");
  EXPECT_GE(memory_->used(), before + 100000);
  Evaluate("key = null");
  CollectGarbage();
  EXPECT_LE(memory_->used(), before + 1000);
}

TEST_F(NodeCryptoTest, StatesAreCountedUntilTheyGo) {
  for (const char* const made :
       {"hashNew('sha3-512')", "hmacNew('sha512', bytes('k'))",
        "hashNew('sha1').copy()",
        "cipherNew(true, 'aes-128-cbc', -1, null, null, new Uint8Array(16),"
        " new Uint8Array(16))"}) {
    CollectGarbage();
    const size_t before = memory_->used();
    Evaluate(fmt::format(
        "held = Array.from({{ length: 100 }}, () => crypto_.{}); 0", made));
    EXPECT_GE(memory_->used(), before + 100000) << made;
    Evaluate("held = null");
    CollectGarbage();
    EXPECT_LE(memory_->used(), before + 10000) << made;
  }
}

TEST_F(NodeCryptoTest, CcmOpensNothingThatNoUpdateHeldToItsTag) {
  Evaluate(
      "ccm = (encrypts) => crypto_.cipherNew(encrypts, 'aes-128-ccm', 16,"
      " null, null, new Uint8Array(16), new Uint8Array(12));"
      "sealed = ccm(true); sealed.setAdditional(0, bytes('aad'));"
      "sealed.finish(); tag = new Uint8Array(sealed.tag());"
      "open = (tag, aad, updates) => {"
      "  const c = ccm(false); c.setTag(tag); c.setAdditional(0, bytes(aad));"
      "  if (updates) c.update(new Uint8Array(0));"
      "  return c.finish().byteLength }");
  const std::string refused =
      "Error: Unsupported state or unable to authenticate data";
  EXPECT_EQ(Evaluate("open(tag, 'aad', true)"), "0");
  EXPECT_EQ(Evaluate("open(tag, 'forged', true)"), refused);
  EXPECT_EQ(Evaluate("open(new Uint8Array(16), 'aad', true)"), refused);
  EXPECT_EQ(Evaluate("open(tag, 'aad', false)"), refused);
  EXPECT_EQ(Evaluate("open(new Uint8Array(16), 'forged', false)"), refused);
}

// Refusing, OpenSSL wipes as many bytes as it was given, which is more than it
// says that it makes of them. The sanitizers' build sees it.
TEST_F(NodeCryptoTest, WhatIsWrappedWronglyIsRefused) {
  Evaluate(
      "wrap = (encrypts) => crypto_.cipherNew(encrypts, 'id-aes128-wrap-pad',"
      " -1, null, null, new Uint8Array(16), new Uint8Array(4).fill(0xa6))");
  EXPECT_EQ(Evaluate("made = new Uint8Array(wrap(true).update(bytes('abc')));"
                     "[made.length, hex(wrap(false).update(made))].join()"),
            "16,616263");
  EXPECT_THAT(Evaluate("made[3] ^= 1; wrap(false).update(made)"),
              StartsWith("Error: "));
  EXPECT_THAT(Evaluate("wrap(false).update(new Uint8Array(4096))"),
              StartsWith("Error: "));
}

TEST_F(NodeCryptoTest, AKeyGoesOutAndInAgain) {
  for (const char* const made :
       {"rsaNew('RSA', 1024, 65537)", "curveNew('prime256v1', true)",
        "octetsNew('ED25519')", "octetsNew('ML-DSA-44')"}) {
    EXPECT_EQ(Evaluate(fmt::format(
                  "key = crypto_.{}; pair = crypto_.publicOf(key);"
                  "[0, 1].map((format) =>"
                  "  crypto_.keyRead(false, format, 1,"
                  "    crypto_.keyWrite(key, format, 1)).equals(key) &&"
                  "  crypto_.keyRead(true, format, 2,"
                  "    crypto_.keyWrite(pair, format, 2)).equals(pair)).join()",
                  made)),
              "true,true")
        << made;
    EXPECT_EQ(
        Evaluate("text = bytes('text');"
                 "digest = crypto_.keyKindName(key).match(/RSA|EC$/) ?"
                 "  'sha256' : undefined;"
                 "made = crypto_.sign(key, digest, false, false, null,"
                 "  null, text);"
                 "[text, bytes('test')].map((data) => crypto_.verify(pair,"
                 "  digest, false, false, null, null, data, made)).join()"),
        "true,false");
  }
}

TEST_F(NodeCryptoTest, WhatIsNoKeyOrTooLongIsRefused) {
  EXPECT_THAT(Evaluate("crypto_.keyRead(false, 1, -1, new Uint8Array(70000))"),
              StartsWith("RangeError: a key of more than 64 KiB"));
  EXPECT_THAT(Evaluate("crypto_.keyRead(true, 1, 2, bytes('abc'))"),
              StartsWith("Error: error:"));
  EXPECT_THAT(Evaluate("crypto_.rsaNew('RSA', 16384, 65537)"),
              StartsWith("RangeError: RSA keys of more than 8192 bits"));
  EXPECT_THAT(Evaluate("crypto_.dsaNew(10000)"),
              StartsWith("RangeError: DSA keys of more than 4096 bits"));
  // A point that is not on the curve, and halves of two keys.
  EXPECT_EQ(Evaluate("crypto_.curveFromNumbers('prime256v1',"
                     " new Uint8Array(65).fill(4))"),
            "undefined");
  EXPECT_EQ(Evaluate("a = crypto_.curveNew('prime256v1', true);"
                     "b = crypto_.curveNew('prime256v1', true);"
                     "crypto_.curveFromNumbers('prime256v1',"
                     " crypto_.keyPoint(a, false),"
                     " crypto_.keyNumber(b, 'priv', 32))"),
            "undefined");
}

TEST_F(NodeCryptoTest, NumbersBeyondTheirBoundsAreRefused) {
  Evaluate(
      "odd = (size) => new Uint8Array(size).fill(255);"
      "rsa = (n, e) => crypto_.rsaFromNumbers(false, odd(n), e)");
  EXPECT_EQ(Evaluate("crypto_.keyBits(rsa(1024, bytes('\\x01\\x00\\x01')))"),
            "8192");
  EXPECT_THAT(Evaluate("rsa(1025, bytes('\\x01\\x00\\x01'))"),
              StartsWith("RangeError: RSA keys of more than 8192 bits"));
  EXPECT_THAT(Evaluate("rsa(128, odd(200))"),
              StartsWith("RangeError: a number of this RSA key is longer"));
}

// Keys in PKCS #8, made here: OpenSSL makes none like these.
class NodeKeyBoundsTest : public NodeCryptoTest {
 protected:
  NodeKeyBoundsTest() {
    Evaluate(
        "der = (tag, ...parts) => { const all = parts.flat();"
        "  return [tag, 0x83, all.length >> 16, (all.length >> 8) & 255,"
        "    all.length & 255, ...all] };"
        "seq = (...parts) => der(0x30, ...parts);"
        "octets = (view) => der(4, Array.from(view));"
        "hexed = (text) => text.match(/../g).map((byte) =>"
        "  parseInt(byte, 16));"
        "num = (value) => { const text = value.toString(16);"
        "  const even = text.length % 2 ? `0${text}` : text;"
        "  return der(2, hexed(even[0] > '7' ? `00${even}` : even)) };"
        "oid = (text) => der(6, hexed(text));"
        "salt = new Uint8Array(8); iv = new Uint8Array(16);"
        "pbkdf2 = (count) => seq(oid('2a864886f70d01050c'),"
        "  seq(octets(salt), num(count)));"
        "scrypt = (n, r, p) => seq(oid('2b06010401da47040b'),"
        "  seq(octets(salt), num(n), num(r), num(p)));"
        "sealed = (derivation, text) => seq(seq(oid('2a864886f70d01050d'),"
        "  seq(derivation, seq(oid('608648016503040102'),"
        "  octets(iv)))), octets(text));"
        "read = (key, pass = bytes('pass')) => crypto_.keyRead(false, 0, 1,"
        "  Uint8Array.from(key), pass);"
        "pem = (key) => '-----BEGIN ENCRYPTED PRIVATE KEY-----\\n' +"
        "  btoa(String.fromCharCode(...key)).replace(/.{64}/g, '$&\\n') +"
        "  '\\n-----END ENCRYPTED PRIVATE KEY-----\\n';"
        "readPem = (text) => crypto_.keyRead(false, 1, -1, bytes(text),"
        "  bytes('pass'));"
        // DSA with numbers of `size` bytes. The prime is even: OpenSSL, if it
        // is given them, says so.
        "dsa = (size, kind = '2a8648ce380401') => seq(num(0), seq(oid(kind),"
        "  seq(...[126, 127, 127].map((each) =>"
        "    der(2, Array(size).fill(each))))),"
        "  octets(der(2, Array(20).fill(127))));"
        // Truly encrypted, with PBKDF2.
        "seal = (key) => { const made = crypto_.cipherNew(true, 'aes-128-cbc',"
        "  -1, null, null, new Uint8Array(crypto_.pbkdf2('sha1', 1000, 16,"
        "  bytes('pass'), salt)), iv);"
        "  const text = [...new Uint8Array(made.update(Uint8Array.from(key))),"
        "    ...new Uint8Array(made.finish())];"
        "  return sealed(pbkdf2(1000), text) }; 0");
  }
};

TEST_F(NodeKeyBoundsTest, APassphraseThatTakesTooLongToCheckIsRefused) {
  const auto refused =
      StartsWith("RangeError: the passphrase of this key takes too long");
  EXPECT_THAT(Evaluate("read(sealed(pbkdf2(2 ** 31 - 1), iv))"), refused);
  EXPECT_THAT(Evaluate("read(sealed(pbkdf2(1000001), iv), undefined)"),
              refused);
  EXPECT_THAT(Evaluate("read(sealed(scrypt(2 ** 14, 1, 2 ** 17), iv))"),
              refused);
  EXPECT_THAT(Evaluate("readPem(pem(sealed(pbkdf2(2 ** 31 - 1), iv)))"),
              refused);
  // Each within the bounds, but not all of them.
  EXPECT_THAT(Evaluate("readPem(pem(sealed(pbkdf2(1000), iv)).repeat(2) +"
                       " pem(sealed(pbkdf2(999999), iv)))"),
              refused);
  EXPECT_THAT(Evaluate("read(sealed(pbkdf2(1000), iv))"), StartsWith("Error"));
  EXPECT_THAT(Evaluate("read(sealed(scrypt(16, 1, 1), iv))"),
              StartsWith("Error"));
}

TEST_F(NodeKeyBoundsTest, AnEncryptedKeyWithinTheBoundsIsRead) {
  EXPECT_EQ(Evaluate("made = crypto_.curveNew('prime256v1', true);"
                     "plain = new Uint8Array(crypto_.keyWrite(made, 0, 1));"
                     "[read(seal(plain)), readPem(pem(seal(plain)))]"
                     "  .map((key) => key.equals(made)).join()"),
            "true,true");
}

// OpenSSL computes their public number while it reads them.
TEST_F(NodeKeyBoundsTest, AGroupThatTakesTooLongIsRefusedBeforeItIsComputed) {
  const auto refused = StartsWith("RangeError: DSA keys of more than 4096");
  EXPECT_THAT(Evaluate("read(dsa(16000))"), refused);
  EXPECT_THAT(Evaluate("read(seal(dsa(16000)))"), refused);
  EXPECT_THAT(Evaluate("readPem(pem(seal(dsa(8000))))"), refused);
  EXPECT_THAT(Evaluate("read(dsa(530))"), refused);
  EXPECT_THAT(Evaluate("read(dsa(512))"), StartsWith("Error: error:"));
}

// OpenSSL knows DSA by two identifiers of objects.
TEST_F(NodeKeyBoundsTest, AGroupIsRefusedByEachNameOfItsAlgorithm) {
  for (const char* const kind : {"2a8648ce380401", "2b0e03020c"}) {
    EXPECT_THAT(Evaluate(fmt::format("read(dsa(530, '{}'))", kind)),
                StartsWith("RangeError: DSA keys of more than 4096"))
        << kind;
  }
  for (const char* const kind : {"2a864886f70d010301", "2a8648ce3e0201"}) {
    EXPECT_THAT(Evaluate(fmt::format("read(dsa(1050, '{}'))", kind)),
                StartsWith("RangeError: DH keys of more than 8192"))
        << kind;
  }
}

// As Node has it. An identifier of objects in digits, of any length, would be a
// number to convert.
TEST_F(NodeCryptoTest, ACurveIsKnownByItsShortNameOrThatOfNist) {
  EXPECT_EQ(Evaluate("['prime256v1', 'P-256', 'secp256k1', 'Oakley-EC2N-3',"
                     " '1.2.840.10045.3.1.7', `1.2.${'9'.repeat(100)}`]"
                     "  .map(crypto_.curveName).join()"),
            "prime256v1,prime256v1,secp256k1,Oakley-EC2N-3,,");
}

TEST_F(NodeCryptoTest, ASignatureThatTakesTooLongIsRefused) {
  EXPECT_THAT(Evaluate("crypto_.sign(crypto_.octetsNew('SLH-DSA-SHA2-128s'),"
                       " undefined, false, false, null, null, bytes('a'))"),
              HasSubstr("Use a key of the fast kind (SLH-DSA-SHA2-128f)"));
}

TEST_F(NodeCryptoTest, ASecretIsNoPair) {
  Evaluate("secret = crypto_.secretNew(bytes('a'))");
  for (const char* const call :
       {"sign(secret, 'sha1', false, false, null, null, bytes('a'))",
        "verify(secret, 'sha1', false, false, null, null, bytes('a'),"
        " bytes('a'))",
        "rsaCipher(0, secret, 1, null, null, bytes('a'))",
        "agree(secret, secret)"}) {
    EXPECT_EQ(Evaluate(fmt::format("crypto_.{}", call)),
              "TypeError: the key is neither public nor private")
        << call;
  }
  EXPECT_EQ(
      Evaluate("[crypto_.publicOf(secret), crypto_.keyWrite(secret, 0, 1),"
               " crypto_.keyNumber(secret, 'n', 0),"
               " crypto_.keyPoint(secret, true)].join()"),
      ",,,");
}

TEST_F(NodeCryptoTest, SivOpensNothingThatIsNotHeldToItsTag) {
  Evaluate(
      "cipher = (encrypts) => crypto_.cipherNew(encrypts, 'aes-128-siv', 16,"
      "  null, null, new Uint8Array(32), null);"
      "a = cipher(true); a.setAdditional(-1, bytes('x'));"
      "sealed = a.update(bytes('hello')); a.finish(); tag = a.tag();"
      "open = (tag, additional) => {"
      "  const b = cipher(false);"
      "  if (tag) b.setTag(tag);"
      "  b.setAdditional(-1, bytes(additional));"
      "  const text = b.update(sealed);"
      "  b.finish();"
      "  return String.fromCharCode(...new Uint8Array(text)) };");
  EXPECT_EQ(Evaluate("open(tag, 'x')"), "hello");
  for (const char* const call :
       {"open(tag, 'y')", "open(new Uint8Array(16), 'x')", "open(null, 'x')"}) {
    EXPECT_THAT(Evaluate(call), HasSubstr("unable to authenticate data"))
        << call;
  }
  EXPECT_EQ(Evaluate("b = cipher(false); b.setTag(tag);"
                     "new Uint8Array(b.update(bytes('hello'))).length"),
            "0");
}

// Anything longer could not be ended.
TEST_F(NodeCryptoTest, DiffieHellmanWithLongNumbersIsRefused) {
  Evaluate(
      "prime = new Uint8Array(crypto_.groupPrime('modp2'));"
      "two = Uint8Array.of(2); long = new Uint8Array(1025).fill(255)");
  for (const char* const call :
       {"numberOf(long)", "safePrimeNew(8193, 2)", "groupCheck(long, two)",
        "groupCheck(prime, long)", "groupKeyNew(long, two)",
        "groupKeyNew(prime, long)", "groupPublic(long, two, two)",
        "groupPublic(prime, two, long)", "groupSecret(long, two, two)",
        "groupSecret(prime, long, two)"}) {
    EXPECT_THAT(Evaluate(fmt::format("crypto_.{}", call)),
                StartsWith("RangeError: Diffie-Hellman with numbers of more "
                           "than 8192 bits"))
        << call;
  }
  EXPECT_EQ(Evaluate("crypto_.groupSecret(prime, two, long)"), "large");
  EXPECT_EQ(Evaluate("crypto_.curvePublic('prime256v1', long)"), "undefined");
}

// They are no keys of OpenSSL, which refuses to hold them.
TEST_F(NodeCryptoTest, DiffieHellmanOfNumbersThatMakeNoGroupEnds) {
  EXPECT_EQ(Evaluate("crypto_.groupPublic(Uint8Array.of(24),"
                     " Uint8Array.of(2), Uint8Array.of(5))"),
            "undefined");
  EXPECT_EQ(Evaluate("crypto_.groupPublic(Uint8Array.of(),"
                     " Uint8Array.of(2), Uint8Array.of(5))"),
            "undefined");
  EXPECT_EQ(Evaluate("hex(crypto_.groupPublic(Uint8Array.of(23),"
                     " Uint8Array.of(2), Uint8Array.of(5)))"),
            "09");
  EXPECT_EQ(Evaluate("crypto_.groupSecret(Uint8Array.of(),"
                     " Uint8Array.of(2), Uint8Array.of(5))"),
            "large");
  EXPECT_EQ(Evaluate("crypto_.groupSecret(Uint8Array.of(23),"
                     " Uint8Array.of(2), Uint8Array.of(5))"),
            "undefined");
}

// RFC 5903, section 8.1.
TEST_F(NodeCryptoTest, TwoSidesOfACurveAgreeAsTheStandardSays) {
  Evaluate(
      "of = (text) => Uint8Array.from(text.match(/../g),"
      "  (byte) => parseInt(byte, 16));"
      "i = of('c88f01f510d9ac3f70a292daa2316de5'"
      "  + '44e9aab8afe84049c62a9c57862d1433');"
      "r = of('c6ef9c5d78ae012a011164acb397ce20'"
      "  + '88685d8f06bf9be0b283ab46476bee53');"
      "point = (number) => crypto_.curvePublic('prime256v1', number)");
  EXPECT_EQ(Evaluate("hex(crypto_.curveSecret('prime256v1', i, point(r)))"),
            "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
  EXPECT_EQ(Evaluate("hex(crypto_.curveSecret('prime256v1', r, point(i)))"),
            "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
}

TEST_F(NodeCryptoTest, APointOfNoCurveIsNone) {
  for (const char* const call :
       {"curvePublic('nope', two)", "curvePoint('nope', 4, two)",
        "curvePoint('prime256v1', 4, two)", "curveSecret('nope', two, two)",
        "curveSecret('prime256v1', two, two)",
        "curveSecret('prime256v1', two, Uint8Array.of(0))"}) {
    EXPECT_EQ(Evaluate(fmt::format("two = Uint8Array.of(2); crypto_.{}", call)),
              "undefined")
        << call;
  }
  EXPECT_EQ(Evaluate("hex(crypto_.curvePoint('prime256v1', 4, bytes('\\0')))"),
            "00");
}

TEST_F(NodeCryptoTest, AMethodOnAnotherObjectIsRefused) {
  EXPECT_THAT(Evaluate("crypto_.hashNew('sha1').update.call("
                       "crypto_.secretNew(bytes('a')), bytes('a'))"),
              HasSubstr("Illegal invocation"));
  EXPECT_THAT(Evaluate("k = crypto_.secretNew(bytes('a')); k.equals({})"),
              HasSubstr("NodeKey"));
}

TEST_F(NodeCryptoTest, WhatIsLongerThanACertificateMayBeIsNotRead) {
  EXPECT_EQ(Evaluate("crypto_.certificateRead(new Uint8Array(65537))"),
            "RangeError: a certificate of more than 64 KiB is not read");
  EXPECT_EQ(Evaluate("crypto_.spkacVerify(new Uint8Array(65537))"),
            "RangeError: spkac: one of more than 64 KiB is not read");
  EXPECT_THAT(Evaluate("crypto_.certificateRead(new Uint8Array(65536))"),
              HasSubstr("no start line"));
}

TEST_F(NodeCryptoTest, ACertificateIsHeldToOthersOfItsClassAlone) {
  for (const char* const call :
       {"certificateRead('a')", "certificateRead()", "spkacKey({})",
        "encapsulate({})", "decapsulate(null, bytes('a'))"}) {
    EXPECT_THAT(Evaluate(fmt::format("crypto_.{}", call)),
                StartsWith("TypeError:"))
        << call;
  }
}

TEST_F(NodeCryptoTest, ASecretCannotBeUsedAsAPair) {
  EXPECT_EQ(Evaluate("crypto_.encapsulate(crypto_.secretNew(bytes('a')))"),
            "Error: Encapsulation failed");
  EXPECT_EQ(Evaluate("crypto_.decapsulate(crypto_.secretNew(bytes('a')),"
                     " bytes('a'))"),
            "Error: Decapsulation failed");
}

TEST_F(NodeCryptoTest, ACertificateThatIsRefusedLeavesNoMemoryCounted) {
  const size_t before = memory_->used();
  Evaluate(
      "for (let i = 0; i < 1000; ++i)"
      "  try { crypto_.certificateRead(new Uint8Array(60000)); } catch {}");
  CollectGarbage();
  EXPECT_LE(memory_->used(), before);
}

TEST_F(NodeCryptoTest, AMacThatIsFinishedTakesNothingMore) {
  EXPECT_EQ(Evaluate("mac = crypto_.macNew('hmac', 'sha256', null, null,"
                     " bytes('k')); mac.update(bytes('a')); mac.finish();"
                     "mac.update(bytes('a'))"),
            "false");
  EXPECT_EQ(Evaluate("mac.finish()"),
            "TypeError: finish: the code is finished already");
}

TEST_F(NodeCryptoTest, AMacOfMoreThanThereIsMemoryForIsRefused) {
  EXPECT_THAT(Evaluate("crypto_.macNew('kmac-128', null, null, 4294967295,"
                       " new Uint8Array(16)).finish()"),
              HasSubstr("invalid output length"));
}

}  // namespace
}  // namespace caravel::runtime

#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

class CryptoOpsTest : public JsTest {
 protected:
  CryptoOpsTest() {
    Evaluate(
        "hex = (buffer) => Array.from(new Uint8Array(buffer),"
        "  (byte) => byte.toString(16).padStart(2, '0')).join('');"
        "bytes = (text) => native.utf8Encode(text);"
        "ops = native.cryptoBinding();");
  }
};

TEST_F(CryptoOpsTest, DigestsAsTheStandardsExamplesSay) {
  EXPECT_EQ(Evaluate("hex(ops.digest('SHA-256', bytes('abc')))"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Evaluate("hex(ops.digest('SHA-1', bytes('abc')))"),
            "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(Evaluate("hex(ops.digest('MD5', bytes('abc')))"),
            "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(Evaluate("hex(ops.digest('SHA-384', bytes(''))).slice(0, 16)"),
            "38b060a751ac9638");
  EXPECT_EQ(Evaluate("hex(ops.digest('SHA-512', bytes(''))).slice(0, 16)"),
            "cf83e1357eefb8bd");
}

TEST_F(CryptoOpsTest, RefusesAnUnknownDigestByName) {
  EXPECT_EQ(Evaluate("ops.digest('SHA-3', bytes(''))"),
            "TypeError: digest algorithm \"SHA-3\" is not known. use SHA-1, "
            "SHA-256, SHA-384, SHA-512 or MD5");
}

TEST_F(CryptoOpsTest, DigestsPieceByPiece) {
  EXPECT_EQ(Evaluate("context = ops.digestNew('SHA-1');"
                     "context.update(bytes('a'));"
                     "context.update(bytes('bc'));"
                     "hex(context.finish())"),
            "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(Evaluate("context.update(bytes('d'))"),
            "TypeError: the digest is finished already. start another for more "
            "data");
  EXPECT_EQ(Evaluate("context.finish()").substr(0, 10), "TypeError:");
}

TEST_F(CryptoOpsTest, ComparesOnlyWhatIsOfOneLength) {
  EXPECT_EQ(Evaluate("ops.timingSafeEqual(bytes('ab'), bytes('ab'))"), "true");
  EXPECT_EQ(Evaluate("ops.timingSafeEqual(bytes('ab'), bytes('ac'))"), "false");
  EXPECT_EQ(Evaluate("ops.timingSafeEqual(bytes(''), bytes(''))"), "true");
  EXPECT_EQ(Evaluate("ops.timingSafeEqual(bytes('a'), bytes('ab'))"),
            "TypeError: Input buffers must have the same byte length");
}

TEST_F(CryptoOpsTest, FillsTheViewAndNothingBesideIt) {
  EXPECT_EQ(Evaluate("whole = new Uint8Array(48);"
                     "native.randomFill(whole.subarray(16, 32));"
                     "[whole.subarray(0, 16), whole.subarray(16, 32),"
                     " whole.subarray(32)].map((part) => part.some(Boolean))"),
            "false,true,false");
}

TEST_F(CryptoOpsTest, UuidsAreOfVersion4AndNeverTheSame) {
  EXPECT_EQ(
      Evaluate("uuids = Array.from({ length: 1000 }, native.randomUuid);"
               "uuids.every((uuid) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
               "[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid))"),
      "true");
  EXPECT_EQ(Evaluate("new Set(uuids).size"), "1000");
}

}  // namespace
}  // namespace caravel::runtime

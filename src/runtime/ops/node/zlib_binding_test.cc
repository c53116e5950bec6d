// What Node's own tests of zlib (tests/node) do not show: bounds, memory, and
// calls that Node's library never makes.
#include "runtime/ops/node/zlib_binding.h"

#include <gmock/gmock.h>

#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

using testing::HasSubstr;

class ZlibBindingTest : public JsTest {
 protected:
  ZlibBindingTest() {
    Evaluate(
        "zlib = native.nodeBinding('zlib');"
        "makers = {"
        "  gzip: () => zlib.zlibNew(3, 15, 6, 8, 0, false),"
        "  gunzip: () => zlib.zlibNew(4, 15, 0, 0, 0, false),"
        "  deflate: () => zlib.zlibNew(1, 15, 6, 8, 0, false),"
        "  brotli: () => zlib.brotliNew(true, []),"
        "  unbrotli: () => zlib.brotliNew(false, []),"
        "  zstd: () => zlib.zstdEncoderNew([]),"
        "  unzstd: () => zlib.zstdDecoderNew([], false) };"
        "finish = { gzip: 4, gunzip: 4, deflate: 4, brotli: 2, unbrotli: 2,"
        "  zstd: 2, unzstd: 2 };"
        // All of `input` through the codec: bytes, or the failure's text.
        "run = (name, input, size = 1000) => {"
        "  const codec = makers[name](); const out = [];"
        "  const piece = new Uint8Array(size);"
        "  let at = 0, left = 0;"
        "  do {"
        "    const failure = codec.write(finish[name], at, input.length - at,"
        "      0, size, input, piece);"
        "    if (failure !== null) { codec.close(); return failure.join(); }"
        "    left = native.scratch[0];"
        "    at = input.length - native.scratch[1];"
        "    out.push(...piece.subarray(0, size - left));"
        "  } while (left === 0);"
        "  codec.close(); return Uint8Array.from(out); };"
        "plain = new Uint8Array(100000);"
        "for (let i = 0, x = 1; i < plain.length; ++i)"
        "  plain[i] = (x = (x * 48271) % 2147483647) % 50;");
  }
};

TEST_F(ZlibBindingTest, EachCodecIsUndoneByItsOwnWhateverRoomItHas) {
  for (const char* name : {"gzip", "brotli", "zstd"}) {
    for (const char* size : {"1000", "7", "1000000"}) {
      EXPECT_EQ(Evaluate(fmt::format(
                    "undone = run('un{0}'.replace('ungzip', 'gunzip'),"
                    "  run('{0}', plain, {1}), {1});"
                    "undone.length === plain.length &&"
                    "  undone.every((byte, i) => byte === plain[i])",
                    name, size)),
                "true")
          << name << " with room for " << size;
    }
  }
}

TEST_F(ZlibBindingTest, BytesThatTheBuffersHaveNotGotAreRefused) {
  Evaluate("codec = makers.gzip()");
  for (const char* range :
       {"0, 4, 0, 1", "4, 1, 0, 1", "4294967295, 2, 0, 1", "0, 1, 0, 4",
        "0, 1, 4294967295, 1", "0, 1, 2, 4294967295"}) {
    EXPECT_EQ(Evaluate(fmt::format("codec.write(0, {}, new Uint8Array(3),"
                                   "  new Uint8Array(3))",
                                   range)),
              "RangeError: write: the buffers have fewer bytes")
        << range;
  }
  EXPECT_EQ(Evaluate("codec.write(0, 0, 1, 0, 0, null, new Uint8Array(3))"),
            "RangeError: write: the buffers have fewer bytes");
}

TEST_F(ZlibBindingTest, WhatIsClosedIsNotWrittenTo) {
  for (const char* name : {"gzip", "gunzip", "brotli", "zstd", "unzstd"}) {
    EXPECT_EQ(Evaluate(fmt::format(
                  "codec = makers.{}(); codec.close(); codec.close();"
                  "[codec.reset(), codec.params(1, 1)].join() + (() => {{"
                  "  try {{ codec.write(0, 0, 0, 0, 1, null,"
                  "    new Uint8Array(1)); }} catch (e) {{ return e.message; }}"
                  "}})()",
                  name)),
              ",write: the stream is closed");
  }
}

TEST_F(ZlibBindingTest, ParametersAreSetOverNoBufferOfBefore) {
  // Something is to be flushed, and the buffers that were lent are gone.
  EXPECT_EQ(Evaluate("codec = makers.deflate();"
                     "codec.write(0, 0, 100000, 0, 10, plain,"
                     "  new Uint8Array(10));"
                     "codec.params(1, 2); codec.params(9, 0);"
                     "codec.write(4, 0, 0, 0, 200000, null,"
                     "  new Uint8Array(200000));"),
            "null");
}

TEST_F(ZlibBindingTest, ResetBeginsAnew) {
  for (const char* name : {"gzip", "brotli", "zstd"}) {
    EXPECT_EQ(
        Evaluate(fmt::format(
            "codec = makers.{0}(); room = new Uint8Array(1000);"
            "codec.write(0, 0, 100, 0, 1000, plain, room); codec.reset();"
            "codec.write(finish.{0}, 0, 3, 0, 1000, Uint8Array.of(97, 98, 99),"
            "  room);"
            "String.fromCharCode(...run('un{0}'.replace('ungzip', 'gunzip'),"
            "  room.slice(0, 1000 - native.scratch[0])))",
            name)),
        "abc")
        << name;
  }
}

TEST_F(ZlibBindingTest, WhatALibraryRefusesIsSaid) {
  EXPECT_EQ(Evaluate("zlib.zlibNew(0, 15, 6, 8, 0, false)"),
            "TypeError: Initialization failed");
  EXPECT_EQ(Evaluate("zlib.zlibNew(9, 15, 6, 8, 0, false)"),
            "TypeError: Initialization failed");
  EXPECT_EQ(Evaluate("zlib.zlibNew(1, 99, 6, 8, 0, false).write(4, 0, 0, 0, 1,"
                     "  null, new Uint8Array(1))"),
            "Zlib error,-2,Z_STREAM_ERROR");
  EXPECT_EQ(Evaluate("list = Array(200).fill(0xffffffff); list[101] = 99;"
                     "zlib.zstdEncoderNew(list)"),
            "TypeError: Setting parameter failed");
  // A window for which the encoder would need gigabytes.
  EXPECT_EQ(Evaluate("list = Array(8).fill(0xffffffff); list[6] = 1;"
                     "list[2] = 30; zlib.brotliNew(true, list)"),
            "TypeError: Initialization failed");
}

TEST_F(ZlibBindingTest, AWorkerHasNoThreadsToCompressWith) {
  EXPECT_EQ(Evaluate("list = Array(403).fill(0xffffffff); list[400] = 4;"
                     "makers.zstd = () => zlib.zstdEncoderNew(list);"
                     "run('unzstd', run('zstd', plain)).length"),
            "100000");
}

TEST_F(ZlibBindingTest, TheSumGoesOnFromAnother) {
  EXPECT_EQ(Evaluate("zlib.crc32(zlib.crc32(0, 'hel'), Uint8Array.of(108, 111))"
                     " === zlib.crc32(0, 'hello') && zlib.crc32(0, 'hello')"),
            std::to_string(0x3610a686));
}

TEST_F(ZlibBindingTest, WithoutMemoryItFailsAndNothingIsLeft) {
  Evaluate(
      "inputs = {};"
      "for (const name of ['gzip', 'brotli', 'zstd']) inputs[name] = plain;"
      "inputs.gunzip = run('gzip', plain);"
      "inputs.unbrotli = run('brotli', plain);"
      "inputs.unzstd = run('zstd', plain);"
      "room = new Uint8Array(200000);"
      "once = (name) => { codec = makers[name]();"
      "  const input = inputs[name];"
      "  return codec.write(finish[name], 0, input.length, 0, room.length,"
      "    input, room); }");
  for (const char* name :
       {"gzip", "gunzip", "brotli", "unbrotli", "zstd", "unzstd"}) {
    Evaluate("codec = null");
    CollectGarbage();
    const size_t used = memory_->used();
    bool worked = false;
    for (size_t room = 0; room < size_t{128} << 20; room += room / 2 + 1000) {
      memory_->set_limit(used + room);
      const std::string outcome =
          Evaluate(fmt::format("codec = null; String(once('{}'))", name));
      Evaluate("codec?.close(); codec = null");
      CollectGarbage();
      EXPECT_LE(memory_->used(), used + 1000) << name;
      worked = outcome == "null";
      if (worked) break;
      EXPECT_THAT(outcome, testing::AnyOf(HasSubstr("Initialization failed"),
                                          HasSubstr("Could not initialize"),
                                          HasSubstr("Z_MEM_ERROR"),
                                          HasSubstr("ompression failed"),
                                          HasSubstr(",64,")))
          << name;
    }
    EXPECT_TRUE(worked) << name;
    memory_->set_limit(size_t{128} << 20);
  }
}

TEST_F(ZlibBindingTest, WhatIsLargerThanAPortionIsCompressedWhole) {
  Evaluate(
      "large = new Uint8Array(1 << 20);"
      "for (let i = 0, x = 1; i < large.length; ++i)"
      "  large[i] = (x = (x * 48271) % 2147483647) % 50;");
  for (const char* name : {"gzip", "brotli", "zstd"}) {
    for (const char* size : {"16384", "100000"}) {
      EXPECT_EQ(Evaluate(fmt::format(
                    "undone = run('un{0}'.replace('ungzip', 'gunzip'),"
                    "  run('{0}', large, {1}), {1});"
                    "undone.length === large.length &&"
                    "  undone.every((byte, i) => byte === large[i])",
                    name, size)),
                "true")
          << name << " with room for " << size;
    }
  }
}

}  // namespace
}  // namespace caravel::runtime

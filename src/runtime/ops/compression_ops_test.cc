#include "runtime/ops/compression_ops.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include "base/check.h"
#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

using testing::HasSubstr;

// "hello hello hello" in each format.
constexpr const char* kGzip =
    "31,139,8,0,0,0,0,0,0,3,203,72,205,201,201,87,200,64,144,0,128,136,249,229,"
    "17,0,0,0";
constexpr const char* kDeflate =
    "120,156,203,72,205,201,201,87,200,64,144,0,58,46,6,125";
constexpr const char* kDeflateRaw = "203,72,205,201,201,87,200,64,144,0";
constexpr const char* kBrotli =
    "27,16,0,248,141,148,110,222,68,85,134,150,108,32,111,1,79,28,96,28";

// The bytes of `size` zeros in gzip, as a list for a script.
std::string GzipOfZeros(size_t size) {
  const std::string plain(size, '\0');
  std::string out(size / 100 + 1024, '\0');
  z_stream stream = {};
  CARAVEL_CHECK(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED,
                             16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CARAVEL_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  std::string list;
  for (const char c : out) {
    list += fmt::format("{},", static_cast<unsigned char>(c));
  }
  return list;
}

class DecompressorTest : public JsTest {
 protected:
  DecompressorTest() {
    // All of it, pushed in pieces of `step` bytes.
    Evaluate(
        "undo = (format, bytes, step = bytes.length, strict = false) => {"
        "  const decompressor = native.decompressorNew(format, strict);"
        "  let text = '';"
        "  for (let at = 0; at < bytes.length; at += step) {"
        "    decompressor.push(Uint8Array.from(bytes.slice(at, at + step)));"
        "    for (let piece; (piece = decompressor.pull()) !== null;)"
        "      text += String.fromCharCode(...new Uint8Array(piece));"
        "  }"
        "  decompressor.finish();"
        "  return text;"
        "}");
  }
  std::string Undo(const std::string& format, const std::string& bytes,
                   const std::string& step = "undefined") {
    return Evaluate("undo('" + format + "', [" + bytes + "], " + step + ")");
  }
};

TEST_F(DecompressorTest, UndoesEachFormatInPiecesOfAnySize) {
  for (const auto& [format, bytes] :
       {std::pair{"gzip", kGzip}, std::pair{"deflate", kDeflate},
        std::pair{"deflate-raw", kDeflateRaw}, std::pair{"br", kBrotli}}) {
    for (const char* step : {"undefined", "1", "7"}) {
      EXPECT_EQ(Undo(format, bytes, step), "hello hello hello")
          << format << " in pieces of " << step;
    }
  }
}

TEST_F(DecompressorTest, GzipMayHaveSeveralMembers) {
  for (const char* step : {"undefined", "1"}) {
    EXPECT_EQ(Undo("gzip", std::string(kGzip) + "," + kGzip, step),
              "hello hello hellohello hello hello");
  }
}

TEST_F(DecompressorTest, StrictlyGzipHasOneMemberAndNoDataIsCutShort) {
  EXPECT_EQ(Undo("gzip", kGzip, "7, true"), "hello hello hello");
  EXPECT_EQ(Undo("gzip", std::string(kGzip) + "," + kGzip, "undefined, true"),
            "TypeError: The gzip data is corrupt: it goes on after its end");
  EXPECT_EQ(Undo("gzip", "", "undefined, true"),
            "TypeError: The gzip data ends too early");
}

TEST_F(DecompressorTest, WhatCameBeforeAnErrorIsGivenFirst) {
  Evaluate(
      "decompressor = native.decompressorNew('deflate', true);"
      "decompressor.push(Uint8Array.of(" +
      std::string(kDeflate) + ",1))");
  EXPECT_EQ(Evaluate("decompressor.pull().byteLength"), "17");
  EXPECT_EQ(Evaluate("decompressor.pull()"),
            "TypeError: The deflate data is corrupt: it goes on after its end");
}

TEST_F(DecompressorTest, NoDataAtAllIsWhole) {
  EXPECT_EQ(Undo("gzip", ""), "");
  EXPECT_EQ(Undo("br", ""), "");
}

TEST_F(DecompressorTest, DataThatIsCutShortIsAnError) {
  EXPECT_EQ(Undo("gzip", "31,139,8,0,0,0,0,0,0,3,203,72"),
            "TypeError: The gzip data ends too early");
  EXPECT_EQ(Undo("br", "27,16,0,248"), "TypeError: The br data ends too early");
}

TEST_F(DecompressorTest, CorruptDataIsAnErrorThatSaysWhy) {
  EXPECT_EQ(Undo("gzip", "1,2,3,4,5,6,7,8,9,10"),
            "TypeError: The gzip data is corrupt: incorrect header check");
  EXPECT_THAT(Undo("br", "255,255,255,255,255,255"),
              HasSubstr("TypeError: The br data is corrupt: "));
  std::string wrong_sum = kGzip;
  wrong_sum.replace(wrong_sum.rfind("128,"), 4, "129,");
  EXPECT_EQ(Undo("gzip", wrong_sum),
            "TypeError: The gzip data is corrupt: incorrect data check");
}

TEST_F(DecompressorTest, WhatFollowsTheEndIsAnError) {
  EXPECT_EQ(Undo("gzip", std::string(kGzip) + ",106,117,110,107"),
            "TypeError: The gzip data is corrupt: incorrect header check");
  EXPECT_EQ(Undo("deflate", std::string(kDeflate) + ",1"),
            "TypeError: The deflate data is corrupt: it goes on after its end");
  EXPECT_EQ(Undo("br", std::string(kBrotli) + ",1"),
            "TypeError: The br data is corrupt: it goes on after its end");
}

TEST_F(DecompressorTest, AFormatThatIsNoneIsRefusedWithThoseThatAre) {
  EXPECT_EQ(Evaluate("native.decompressorNew('lzma')"),
            "TypeError: \"lzma\" is no compression format. Use gzip, deflate, "
            "deflate-raw, br or zstd");
}

TEST_F(DecompressorTest, AHugeOutputComesInBoundedPiecesAndOnlyWhenPulled) {
  const std::string bomb = GzipOfZeros(8 << 20);
  const size_t before = memory_->used();
  Evaluate(
      "decompressor = native.decompressorNew('gzip');"
      "decompressor.push(Uint8Array.of(" +
      bomb + "))");
  EXPECT_EQ(Evaluate("decompressor.pull().byteLength"), "65536");
  EXPECT_LT(memory_->used() - before, size_t{512} << 10);
  EXPECT_EQ(Evaluate("let total = 65536; for (let piece;"
                     "  (piece = decompressor.pull()) !== null;) {"
                     "  if (piece.byteLength > 65536) throw piece.byteLength;"
                     "  total += piece.byteLength;"
                     "} decompressor.finish(); total"),
            std::to_string(8 << 20));
}

TEST_F(DecompressorTest, ItsMemoryCountsUntilItIsCollected) {
  const size_t before = memory_->used();
  Evaluate(
      "for (const format of ['gzip', 'br'])"
      "  native.decompressorNew(format).push(new Uint8Array(100000));");
  EXPECT_GT(memory_->used() - before, size_t{200'000});
  CollectGarbage();
  EXPECT_EQ(memory_->used(), before);
}

TEST_F(DecompressorTest, ItsMemoryIsFreeOnceTheDataHasEnded) {
  Undo("br", kBrotli);  // what the script itself needs is there
  const size_t before = memory_->used();
  Evaluate(
      "kept = native.decompressorNew('br');"
      "kept.push(Uint8Array.of(27)); kept.pull();");
  EXPECT_GT(memory_->used(), before + 1000);
  EXPECT_EQ(Evaluate("kept.finish()"), "TypeError: The br data ends too early");
  CollectGarbage();
  const size_t whole = memory_->used();
  EXPECT_LE(whole, before);
  Evaluate(
      "corrupt = native.decompressorNew('br');"
      "corrupt.push(new Uint8Array(6).fill(255));"
      "try { corrupt.pull() } catch {}");
  CollectGarbage();
  EXPECT_LE(memory_->used(), whole);
  EXPECT_EQ(Evaluate("kept.pull()"), "null");
  EXPECT_EQ(Evaluate("corrupt.push(Uint8Array.of(1))"),
            "TypeError: push: the data has ended");
}

TEST_F(DecompressorTest, WithoutMemoryItIsARangeError) {
  memory_->set_limit(memory_->used() + 1000);
  EXPECT_EQ(Evaluate("native.decompressorNew('gzip')"),
            "RangeError: the memory limit of the Worker leaves no room to "
            "decompress");
}

// Text that is neither all alike nor without repetition.
constexpr const char* kText =
    "text = ''; for (let i = 0, x = 1; i < 40000; ++i) {"
    "  x = (x * 48271) % 2147483647; text += 'word' + (x % 1000) + ' '; }"
    "bytes = native.utf8Encode(text);";

// Else V8, which is near the end of its heap for another reason, is told that
// it is for a buffer, and ends the process.
TEST_F(DecompressorTest, AWindowThatFindsNoRoomIsNoBufferThatV8WasRefused) {
  memory_->set_limit(memory_->used() + (1 << 20));
  // A frame of zstd with a window of 8 MB, of one byte.
  EXPECT_THAT(Evaluate("undo('zstd', [40, 181, 47, 253, 0, 104, 9, 0, 0, 97])"),
              HasSubstr("RangeError: the memory limit of the Worker"));
  EXPECT_FALSE(memory_->AnnouncesRefusal());
}

TEST_F(DecompressorTest, BytesThatFindNoRoomAreNoBufferThatV8WasRefused) {
  Evaluate(
      "bytes = new Uint8Array(2 << 20); one = native.decompressorNew("
      "  'gzip', false)");
  memory_->set_limit(1 << 20);
  EXPECT_THAT(Evaluate("one.push(bytes)"), HasSubstr("RangeError: "));
  EXPECT_FALSE(memory_->AnnouncesRefusal());
}

class CompressorTest : public DecompressorTest {
 protected:
  CompressorTest() {
    Evaluate(
        "pullAll = (coder) => { const pieces = [];"
        "  for (let piece; (piece = coder.pull()) !== null;) {"
        "    if (piece.byteLength > 65536) throw piece.byteLength;"
        "    pieces.push(...new Uint8Array(piece)); }"
        "  return pieces; };"
        "compress = (format, bytes, step) => {"
        "  const compressor = native.compressorNew(format); const out = [];"
        "  for (let at = 0; at < bytes.length; at += step) {"
        "    compressor.push(bytes.subarray(at, at + step));"
        "    out.push(...pullAll(compressor)); }"
        "  compressor.finish();"
        "  out.push(...pullAll(compressor)); return out; }");
  }
};

TEST_F(CompressorTest, WhatEachFormatMakesIsSmallerAndIsUndone) {
  Evaluate(kText);
  for (const char* format : {"gzip", "deflate", "deflate-raw", "br", "zstd"}) {
    for (const char* step : {"1e9", "1000"}) {
      EXPECT_EQ(Evaluate(fmt::format("made = compress('{0}', bytes, {1});"
                                     "made.length < bytes.length / 2 && "
                                     "undo('{0}', made, 3000, true) === text",
                                     format, step)),
                "true")
          << format << " in pieces of " << step;
    }
  }
}

TEST_F(CompressorTest, NoBytesAreMadeToDataToo) {
  for (const char* format : {"gzip", "deflate", "deflate-raw", "br", "zstd"}) {
    EXPECT_EQ(
        Evaluate(fmt::format("made = compress('{0}', new Uint8Array(0), 1);"
                             "(made.length > 0) + undo('{0}', made, 1, true)",
                             format)),
        "true")
        << format;
  }
}

TEST_F(CompressorTest, ZstdDataThatIsCutShortOrGoesOnIsAnError) {
  Evaluate(kText + std::string("made = compress('zstd', bytes, 1e9);"));
  EXPECT_EQ(Evaluate("undo('zstd', made.slice(0, -1), 1e9, true)"),
            "TypeError: The zstd data ends too early");
  EXPECT_EQ(Evaluate("undo('zstd', [...made, 1, 2, 3, 4, 5], 1e9, true)"),
            "TypeError: The zstd data is corrupt: Unknown frame descriptor");
}

TEST_F(CompressorTest, ItsMemoryIsFreeAtItsEndAndWhenItIsClosed) {
  Evaluate("compress('gzip', new Uint8Array(9), 9)");
  for (const char* format : {"gzip", "br", "zstd"}) {
    CollectGarbage();
    const size_t before = memory_->used();
    Evaluate(
        fmt::format("one = native.compressorNew('{0}');"
                    "two = native.compressorNew('{0}');"
                    "one.push(new Uint8Array(9)); one.pull();"
                    "two.push(new Uint8Array(9)); two.pull();",
                    format));
    EXPECT_GT(memory_->used(), before + 1000) << format;
    Evaluate("one.close(); two.finish(); pullAll(two); undefined");
    CollectGarbage();
    EXPECT_LE(memory_->used(), before) << format;
    EXPECT_EQ(Evaluate("one.pull()"), "null");
    EXPECT_EQ(Evaluate("two.push(new Uint8Array(9))"),
              "TypeError: push: the data has ended");
  }
}

TEST_F(CompressorTest, WithoutMemoryItIsARangeError) {
  Evaluate("bytes = new Uint8Array(1 << 20)");
  const size_t used = memory_->used();
  for (const char* format : {"gzip", "br", "zstd"}) {
    // Each of its allocations is the one that finds no room.
    bool worked = false;
    for (size_t room = 0; room < size_t{64} << 20; room += room / 2 + 1000) {
      memory_->set_limit(used + room);
      const std::string outcome = Evaluate(
          fmt::format("small = native.compressorNew('{}'); small.push(bytes);"
                      "small.finish();"
                      "while (small.pull() !== null); 'made'",
                      format));
      Evaluate("small.close()");
      CollectGarbage();
      worked = outcome == "made";
      if (worked) break;
      EXPECT_THAT(outcome, HasSubstr("RangeError: ")) << format;
    }
    EXPECT_TRUE(worked) << format;
    EXPECT_LE(memory_->used(), used + 100) << format;
  }
}

TEST_F(CompressorTest, WithoutMemoryToUndoItIsARangeErrorToo) {
  Evaluate(kText);
  for (const char* format : {"gzip", "br", "zstd"}) {
    Evaluate(
        fmt::format("made = compress('{}', bytes, 1e9);"
                    "made = Uint8Array.from(made)",
                    format));
    CollectGarbage();
    const size_t used = memory_->used();
    bool worked = false;
    for (size_t room = 0; room < size_t{64} << 20; room += room / 2 + 1000) {
      memory_->set_limit(used + room);
      const std::string outcome = Evaluate(
          fmt::format("small = native.decompressorNew('{}', true);"
                      "small.push(made);"
                      "while (small.pull() !== null); small.finish(); 'undone'",
                      format));
      Evaluate("small.close()");
      CollectGarbage();
      worked = outcome == "undone";
      if (worked) break;
      EXPECT_THAT(outcome, HasSubstr("RangeError: ")) << format;
    }
    EXPECT_TRUE(worked) << format;
    EXPECT_LE(memory_->used(), used + 100) << format;
    memory_->set_limit(size_t{128} << 20);
  }
}

TEST_F(DecompressorTest, APieceIsPulledWholeBeforeTheNextIsPushed) {
  EXPECT_EQ(Evaluate("decompressor = native.decompressorNew('gzip');"
                     "decompressor.push(new Uint8Array(1));"
                     "decompressor.push(new Uint8Array(1))"),
            "TypeError: push: pull until it answers null");
}

TEST_F(JsTest, CodecsThatNobodyHoldsLeaveRoomForOthers) {
  EXPECT_EQ(Evaluate("for (let i = 0; i < 2000; ++i) {"
                     "  native.compressorNew('gzip').push(new Uint8Array(9));"
                     "  native.decompressorNew('gzip', true);"
                     "  native.nodeBinding('zlib').zlibNew(3, 15, 6, 8, 0);"
                     "} 'room'"),
            "room");
}

TEST_F(JsTest, CodecsThatAreHeldAreRefusedAtTheLimit) {
  EXPECT_EQ(Evaluate("held = []; try { for (let i = 0; i < 2000; ++i)"
                     "  held.push(native.compressorNew('gzip')); }"
                     "catch (e) { e.name + (held.length > 100) }"),
            "RangeErrortrue");
}

TEST_F(JsTest, AnErrorTellsOnlySoMuchOfWhatItWasGiven) {
  EXPECT_EQ(Evaluate("try { native.compressorNew('x'.repeat((1 << 29) - 24)); }"
                     "catch (e) { e.name + (e.message.length < 20000) }"),
            "TypeErrortrue");
}

}  // namespace
}  // namespace caravel::runtime

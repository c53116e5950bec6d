// CompressionStream and DecompressionStream in a Worker, by section of the
// Compression Standard. What the compressors make is held by
// ops/compression_ops_test.cc.
#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

// Of a Worker: all bytes of a stream, a stream of some chunks, the name of the
// error that a promise rejects with.
constexpr const char* kTools =
    "const text = (stream) => new Response(stream).text();"
    "const bytes = async (stream) =>"
    "  new Uint8Array(await new Response(stream).arrayBuffer());"
    "const from = (...chunks) => ReadableStream.from(chunks);"
    "const encode = (text) => new TextEncoder().encode(text);"
    "const name = (promise) => promise.then(() => 'none', (e) => e.name);"
    "const formats = ['gzip', 'deflate', 'deflate-raw', 'brotli', 'zstd'];"
    "const made = (format, text = 'hello hello hello') =>"
    "  bytes(from(encode(text)).pipeThrough(new CompressionStream(format)));";

class IsolateCompressionTest : public IsolateFixture {
 protected:
  // What the function's body returns, as text.
  std::string Run(const std::string& body) {
    const std::string failure =
        Load(kTools +
                 std::string("export default { async fetch() { return "
                             "new Response(String(await (async () => {") +
                 body + "})())); } };",
             {.cpu_ms = 10'000});
    if (!failure.empty()) return failure;
    const InvocationId id = Arrive("/");
    TurnUntilQuiet();
    return Answer(id);
  }
};

TEST_F(IsolateCompressionTest, EachFormatIsUndoneByItsOwn) {
  EXPECT_EQ(Run("let told = '';"
                "for (const format of formats) {"
                "  const half = new Uint8Array(await made(format));"
                "  told += await text(from(half.subarray(0, 5),"
                "    half.slice(5).buffer).pipeThrough("
                "    new DecompressionStream(format))) + ';';"
                "} return told;"),
            "200 hello hello hello;hello hello hello;hello hello hello;"
            "hello hello hello;hello hello hello;");
}

TEST_F(IsolateCompressionTest, TheHeadersAreThoseOfTheFormats) {
  EXPECT_EQ(Run("const told = [];"
                "for (const format of ['gzip', 'deflate', 'zstd'])"
                "  told.push([...(await made(format)).slice(0, 2)]);"
                "return told.join(' ');"),
            "200 31,139 120,94 40,181");
}

TEST_F(IsolateCompressionTest, TheyAreInterfacesWithTwoSides) {
  EXPECT_EQ(Run("return [CompressionStream, DecompressionStream].map((C) => {"
                "  const made = new C('gzip');"
                "  return [C.name, C.length, String(made), Object.keys("
                "    C.prototype), made.readable instanceof ReadableStream,"
                "    made.readable === made.readable,"
                "    made.writable instanceof WritableStream].join();"
                "}).join(' ');"),
            "200 CompressionStream,1,[object CompressionStream],readable,"
            "writable,true,true,true DecompressionStream,1,[object "
            "DecompressionStream],readable,writable,true,true,true");
}

TEST_F(IsolateCompressionTest, AFormatThatIsNoneIsRefused) {
  EXPECT_EQ(Run("return [CompressionStream, DecompressionStream].map((C) =>"
                "  [[], ['GZIP'], ['br'], ['__proto__'], [{ toString() {"
                "    throw new RangeError() } }]].map((args) => {"
                "    try { new C(...args); } catch (e) { return e.name; }"
                "  })).join(' ');"),
            "200 TypeError,TypeError,TypeError,TypeError,RangeError "
            "TypeError,TypeError,TypeError,TypeError,RangeError");
}

TEST_F(IsolateCompressionTest, AChunkThatIsNoBytesErrorsBothSides) {
  EXPECT_EQ(Run("const told = [];"
                "for (const C of [CompressionStream, DecompressionStream])"
                "  for (const chunk of [undefined, null, 1, 'a', {}, [1],"
                "      new SharedArrayBuffer(1),"
                "      new Uint8Array(new SharedArrayBuffer(1))]) {"
                "    const { readable, writable } = new C('gzip');"
                "    const writer = writable.getWriter();"
                "    const read = name(readable.getReader().read());"
                "    told.push(await name(writer.write(chunk)), await read);"
                "  }"
                "return [...new Set(told)].join() + told.length;"),
            "200 TypeError32");
}

TEST_F(IsolateCompressionTest, DataThatIsCutShortIsATypeError) {
  EXPECT_EQ(Run("const told = [];"
                "for (const format of formats)"
                "  for (const cut of [(b) => b.slice(0, -1), (b) => b.slice(0,"
                "      3), () => new Uint8Array(0)])"
                "    told.push(await name(text(from(cut(await made(format)))"
                "      .pipeThrough(new DecompressionStream(format)))));"
                "return [...new Set(told)].join() + told.length;"),
            "200 TypeError15");
}

TEST_F(IsolateCompressionTest, WhatFollowsTheEndIsATypeErrorBehindTheData) {
  EXPECT_EQ(Run("const told = [];"
                "for (const format of formats) {"
                "  const { readable, writable } ="
                "    new DecompressionStream(format);"
                "  const writer = writable.getWriter();"
                "  const reader = readable.getReader();"
                "  const data = await made(format);"
                "  const longer = new Uint8Array(data.length + 5);"
                "  longer.set(data);"
                "  name(writer.write(longer));"
                "  told.push((await reader.read()).value.length,"
                "    await name(reader.read()), await name(writer.close()));"
                "} return told.join();"),
            "200 17,TypeError,TypeError,17,TypeError,TypeError,"
            "17,TypeError,TypeError,17,TypeError,TypeError,"
            "17,TypeError,TypeError");
}

TEST_F(IsolateCompressionTest, AGzipStreamHasOneMember) {
  EXPECT_EQ(Run("const member = await made('gzip');"
                "return name(text(from(member, member).pipeThrough("
                "  new DecompressionStream('gzip'))));"),
            "200 TypeError");
}

TEST_F(IsolateCompressionTest, CorruptDataIsATypeError) {
  EXPECT_EQ(Run("const told = [];"
                "for (const format of formats) {"
                "  const data = await made(format);"
                "  data.fill(255, 0, 6);"
                "  told.push(await name(text(from(data).pipeThrough("
                "    new DecompressionStream(format)))));"
                "}"
                "const data = await made('gzip'); data[data.length - 8] ^= 1;"
                "told.push(await name(text(from(data).pipeThrough("
                "  new DecompressionStream('gzip')))));"
                "return [...new Set(told)].join() + told.length;"),
            "200 TypeError6");
}

TEST_F(IsolateCompressionTest, NoBytesAreDataToo) {
  EXPECT_EQ(Run("let told = '';"
                "for (const format of formats) {"
                "  const data = await bytes(from(new Uint8Array(0)).pipeThrough"
                "    (new CompressionStream(format)));"
                "  told += (data.length > 0) + await text(from(data)"
                "    .pipeThrough(new DecompressionStream(format)));"
                "} return told;"),
            "200 truetruetruetruetrue");
}

TEST_F(IsolateCompressionTest, MegabytesPassThroughBoth) {
  EXPECT_EQ(Run("let left = 80, size = 0;"
                "const zeros = new ReadableStream({ pull(c) {"
                "  if (left-- === 0) c.close();"
                "  else c.enqueue(new Uint8Array(65536)); } });"
                "for await (const chunk of zeros.pipeThrough("
                "    new CompressionStream('gzip')).pipeThrough("
                "    new DecompressionStream('gzip'))) size += chunk.length;"
                "return size;"),
            "200 5242880");
}

TEST_F(IsolateCompressionTest, StreamsThatAreGivenUpCostNoMemory) {
  EXPECT_EQ(Run("for (let i = 0; i < 2000; ++i) {"
                "  const { readable, writable } = new CompressionStream("
                "    'deflate');"
                "  if (i % 2) await readable.cancel();"
                "  else await writable.abort();"
                "} return 'fine';"),
            "200 fine");
}

TEST_F(IsolateCompressionTest, PatchedPrototypesChangeNothing) {
  EXPECT_EQ(Run("const data = await made('gzip');"
                "Object.prototype.lzma = 'gzip';"
                "globalThis.Uint8Array = class {};"
                "ArrayBuffer.isView = () => false;"
                "Object.defineProperty(ArrayBuffer.prototype, 'byteLength',"
                "  { get() { throw 1; } });"
                "let refused; try { new CompressionStream('lzma'); }"
                "catch (e) { refused = e.name; }"
                "return refused + await text(from(data).pipeThrough("
                "  new DecompressionStream('gzip')));"),
            "200 TypeErrorhello hello hello");
}

}  // namespace
}  // namespace caravel::runtime

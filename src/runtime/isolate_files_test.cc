// node:fs in a Worker: the bundle to read, and files of one invocation.
#include <gmock/gmock.h>

#include "runtime/testing/node_fixture.h"

namespace caravel::runtime {
namespace {

class IsolateFilesTest : public NodeFixture {};

TEST_F(IsolateFilesTest, TheBundleIsThereToReadAndNotToWrite) {
  ASSERT_EQ(LoadNode("import fs from 'node:fs';",
                     "const text = fs.readFileSync('/bundle/index.js', 'utf8');"
                     "let refused;"
                     "try { fs.writeFileSync('/bundle/index.js', ''); }"
                     "catch (error) { refused = error.message; }"
                     "return [text.startsWith('import fs'), refused,"
                     "        fs.readdirSync('/').join()];"),
            "");
  EXPECT_EQ(
      Ask(),
      "200 true,EROFS: read-only file system (only what is below /tmp can "
      "be written to), open '/bundle/index.js',bundle,dev,tmp");
}

TEST_F(IsolateFilesTest, WhatAnInvocationWritesNoOtherFinds) {
  ASSERT_EQ(LoadNode("import fs from 'node:fs';",
                     "const before = fs.readdirSync('/tmp').length;"
                     "await fs.promises.writeFile('/tmp/a', 'x');"
                     "await fs.promises.appendFile('/tmp/a', 'y');"
                     "const fd = fs.openSync('/tmp/a');"
                     "return [before, fd, fs.readFileSync(fd, 'utf8')];"),
            "");
  EXPECT_EQ(Ask(), "200 0,3,xy");
  EXPECT_EQ(Ask(), "200 0,3,xy");
}

TEST_F(IsolateFilesTest, WhatGlobalScopeWroteIsMissedWithTheReason) {
  ASSERT_EQ(LoadNode("import fs from 'node:fs'; fs.mkdirSync('/tmp/up/a',"
                     " { recursive: true }); process.chdir('/tmp');",
                     "const told = [];"
                     "const tell = (error) => told.push(error.message);"
                     "try { fs.writeFileSync('/tmp/up/b', ''); }"
                     "catch (error) { tell(error); }"
                     "await fs.promises.readdir('up').catch(tell);"
                     "await fs.promises.readdir('/tmp/none').catch(tell);"
                     "fs.mkdirSync('/tmp/up');"
                     "fs.writeFileSync('/tmp/up/b', '');"
                     "try { fs.readFileSync('/tmp/up/own'); }"
                     "catch (error) { tell(error); }"
                     "return told.join('\\n');"),
            "");
  const std::string reason =
      "ENOENT: no such file or directory (code at global scope cannot make "
      "/tmp/up for requests, which have a /tmp each: make it in the handler), ";
  EXPECT_EQ(Ask(),
            "200 " + reason + "open '/tmp/up/b'\n" + reason +
                "scandir 'up'\nENOENT: no such file or directory, "
                "scandir '/tmp/none'\nENOENT: no such file or directory, "
                "open '/tmp/up/own'");
}

TEST_F(IsolateFilesTest, WhatScriptHasPatchedKeepsNoRequestFromItsEnd) {
  ASSERT_EQ(
      LoadNode("import fs from 'node:fs'; import net from 'node:net';",
               "fs.openSync('/tmp/a', 'w');"
               "net.connect(1, '192.0.2.1').on('error', () => {});"
               "await new Promise((done) => setTimeout(done));"
               "const value = () => { throw new EvalError(); };"
               "for (const { prototype } of [Map, Set])"
               "  for (const key of Reflect.ownKeys(prototype))"
               "    if (typeof Reflect.getOwnPropertyDescriptor(prototype,"
               "        key).value === 'function')"
               "      Object.defineProperty(prototype, key, { value });"
               "return 1;"),
      "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "200 1");
  EXPECT_EQ(Outcome(id), "ok");
}

TEST_F(IsolateFilesTest, FilesAreReadAtGlobalScope) {
  ASSERT_EQ(LoadNode("import fs from 'node:fs';"
                     "const text = await fs.promises.readFile("
                     "    '/bundle/index.js', 'utf8');",
                     "return text.length > 0;"),
            "");
  EXPECT_EQ(Ask(), "200 true");
}

TEST_F(IsolateFilesTest, FoldersAreCopiedSearchedAndRemoved) {
  ASSERT_EQ(
      LoadNode("import fs from 'node:fs';",
               "fs.mkdirSync('/tmp/a/b', { recursive: true });"
               "fs.writeFileSync('/tmp/a/b/one.txt', '1');"
               "fs.symlinkSync('b/one.txt', '/tmp/a/two.txt');"
               "fs.cpSync('/tmp/a', '/tmp/c', { recursive: true });"
               "await fs.promises.cp('/tmp/a', '/tmp/d', { recursive: true });"
               "let refused;"
               "try { fs.cpSync('/tmp/a', '/tmp/a/e', { recursive: true }); }"
               "catch (error) { refused = error.code; }"
               "const found = fs.globSync('/tmp/{c,d}/**/*.txt').sort();"
               "const text = fs.readFileSync('/tmp/d/two.txt', 'utf8');"
               "fs.rmSync('/tmp/c', { recursive: true });"
               "await fs.promises.rm('/tmp/d', { recursive: true });"
               "const blob = await fs.openAsBlob('/tmp/a/b/one.txt');"
               "return [found, text, refused, fs.readdirSync('/tmp'), await "
               "blob.text()].join(' ');"),
      "");
  EXPECT_EQ(Ask(),
            "200 /tmp/c/b/one.txt,/tmp/c/two.txt,/tmp/d/b/one.txt,/tmp/d/"
            "two.txt 1 ERR_FS_CP_EINVAL a 1");
}

TEST_F(IsolateFilesTest, FilesAreStreamedAndReadByLines) {
  ASSERT_EQ(
      LoadNode("import fs from 'node:fs';"
               "import { pipeline } from 'node:stream/promises';"
               "import readline from 'node:readline';",
               "await pipeline(['a\\nb', '\\nc'], "
               "fs.createWriteStream('/tmp/x'));"
               "const lines = [];"
               "const input = fs.createReadStream('/tmp/x');"
               "for await (const line of readline.createInterface({ input }))"
               "  lines.push(line);"
               "const handle = await fs.promises.open('/tmp/x');"
               "for await (const line of handle.readLines()) lines.push(line);"
               "return lines;"),
      "");
  EXPECT_EQ(Ask(), "200 a,b,c,a,b,c");
}

TEST_F(IsolateFilesTest, FilesThatCannotBeWatchedSaySo) {
  ASSERT_EQ(LoadNode("import fs from 'node:fs';",
                     "try { fs.watch('/tmp'); }"
                     "catch (error) { return error.code + ' ' + "
                     "error.message; }"),
            "");
  EXPECT_EQ(Ask(),
            "200 ERR_METHOD_NOT_IMPLEMENTED fs.watch() is not supported in "
            "Workers");
}

}  // namespace
}  // namespace caravel::runtime

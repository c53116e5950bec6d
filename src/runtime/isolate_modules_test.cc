#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class IsolateModulesTest : public IsolateFixture {};

TEST_F(IsolateModulesTest, ModulesOfEveryKindAreImported) {
  ASSERT_EQ(
      Load({{"index.js", registry::ModuleType::kEsModule,
             "import text from './a.txt'; import data from 'b.bin';"
             "import json from './dir/c.json'; import { d } from './dir/d.js';"
             "export default { async fetch() { return new Response([text,"
             " new Uint8Array(data)[1], json.x, d, (await import("
             "'./dir/d.js')).d].join()); } }"},
            {"a.txt", registry::ModuleType::kText, "t"},
            {"b.bin", registry::ModuleType::kData, "\x01\x02"},
            {"dir/c.json", registry::ModuleType::kJson, R"({"x":3})"},
            {"dir/d.js", registry::ModuleType::kEsModule,
             "import e from './e.js'; export const d = e;"},
            {"dir/e.js", registry::ModuleType::kEsModule, "export default 4"}}),
      "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 t,2,3,4,4");
}

TEST_F(IsolateModulesTest, ASyntaxErrorIsToldWithItsLine) {
  EXPECT_THAT(
      Load("export default {\n  fetch( { }\n}"),
      AllOf(StartsWith("Uncaught SyntaxError"), HasSubstr("index.js:3")));
}

TEST_F(IsolateModulesTest, WebAssemblyFromBytesIsRefusedWithTheRemedy) {
  ASSERT_EQ(Load("const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);"
                 "export default { async fetch() {"
                 " const told = [];"
                 " try { new WebAssembly.Module(bytes); }"
                 " catch (e) { told.push(`${e}`); }"
                 " await WebAssembly.compile(bytes)"
                 "  .catch((e) => told.push(`${e}`));"
                 " return new Response(told.join('\\n')); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  const std::string told =
      "Wasm code generation disallowed by embedder: import the .wasm file as a "
      "module instead (import module from './file.wasm')";
  EXPECT_EQ(Answer(id), "200 CompileError: WebAssembly.Module(): " + told +
                            "\nCompileError: WebAssembly.compile(): " + told);
}

TEST_F(IsolateModulesTest, AnImportThatIsNotBuiltIsNamed) {
  EXPECT_THAT(
      Load("import 'cloudflare:email'; export default { fetch() {} }"),
      HasSubstr("\"index.js\" imports \"cloudflare:email\", which Caravel "
                "does not have yet"));
}

TEST_F(IsolateModulesTest, AnImportThatIsNotThereIsToldOfTheAuthorsFile) {
  EXPECT_THAT(
      Load({{"index.js", registry::ModuleType::kEsModule,
             "import { a } from './a.js';\nimport 'nowhere';\n"
             "export default { fetch() {} };"},
            {"a.js", registry::ModuleType::kEsModule, "export const a = 1;"},
            {"index.js.map", registry::ModuleType::kSourceMap,
             R"({"version":3,"sources":["main.ts","lib/db.ts"],)"
             R"("mappings":"AAAA;ACCA"})"}}),
      StartsWith("Uncaught TypeError: No such module \"nowhere\", imported "
                 "from \"lib/db.ts:2\""));
}

TEST_F(IsolateModulesTest, AnImportThatFailsAtRunTimeIsToldOfTheAuthorsFile) {
  ASSERT_EQ(Load({{"index.js", registry::ModuleType::kEsModule,
                   "const name = './gone.js';\n"
                   "const load = () => import(name);\n"
                   "export default { fetch: () => load().catch("
                   "(e) => new Response(e.message)) };"},
                  {"index.js.map", registry::ModuleType::kSourceMap,
                   R"({"version":3,"sources":["main.ts","lib/db.ts"],)"
                   R"("mappings":"AAAA;ACCA;ADAA"})"}}),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id),
            "200 No such module \"./gone.js\", imported from "
            "\"lib/db.ts:2\"");
}

// A bundle whose map has `names`, and whose main module imports what is not
// there.
std::vector<registry::Module> WithNames(std::string_view names) {
  return {{"index.js", registry::ModuleType::kEsModule,
           "import 'nowhere';\nexport default { fetch() {} };"},
          {"index.js.map", registry::ModuleType::kSourceMap,
           fmt::format(R"({{"sources":["main.ts"],"mappings":"AAAA",)"
                       R"("names":[{}]}})",
                       names)}};
}

std::string ManyCommas() {
  std::string many;
  for (int i = 0; i < 500'000; ++i) many += "0,";
  return many + "0";
}

TEST_F(IsolateModulesTest, AMapOfVeryManyValuesIsNotRead) {
  EXPECT_THAT(Load(WithNames(ManyCommas())),
              HasSubstr("imported from \"index.js\""));
}

TEST_F(IsolateModulesTest, AMapWithLongTextsIsRead) {
  EXPECT_THAT(Load(WithNames(fmt::format(R"("\"{}")", ManyCommas()))),
              HasSubstr("imported from \"main.ts:1\""));
}

// V8 would give a promise of it that never settles.
TEST_F(IsolateModulesTest, AnIsolateThatIsEndedWhileAModuleStartsIsDropped) {
  ASSERT_EQ(
      Load({{"index.js", registry::ModuleType::kEsModule,
             "export default { async fetch(request) {"
             "  if (request.url.endsWith('/spin')) for (;;);"
             "  return new Response((await import('./slow.js')).x); } };"},
            {"slow.js", registry::ModuleType::kEsModule,
             "export const x = 1; for (;;);"}},
           {.cpu_ms = 20}),
      "");
  const InvocationId spins = Arrive("/spin");
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(spins), "exceededCpu");
  EXPECT_FALSE(isolate_->condemned());
  const InvocationId imports = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(imports), "exceededCpu");
  EXPECT_TRUE(isolate_->condemned());
}

TEST_F(IsolateModulesTest, WhatNodeDoesNotHaveEitherIsNoModule) {
  compatibility_date_ = "2026-08-04";
  EXPECT_THAT(Load("import 'node:nope'; export default { fetch() {} }"),
              HasSubstr("No such module \"node:nope\", imported from "
                        "\"index.js\""));
}

TEST_F(IsolateModulesTest, AModuleOfNodeIsToldByTheFlagThatGivesIt) {
  EXPECT_THAT(Load("import 'node:buffer'; export default { fetch() {} }"),
              HasSubstr("\"index.js\" imports \"node:buffer\", a module of "
                        "Node: add the compatibility flag nodejs_compat"));
}

TEST_F(IsolateModulesTest, AnUnknownModuleIsNamed) {
  EXPECT_THAT(Load("import './gone.js'; export default { fetch() {} }"),
              HasSubstr("No such module \"./gone.js\""));
}

TEST_F(IsolateModulesTest, AMainModuleWithoutHandlersIsNoWorker) {
  EXPECT_THAT(
      Load("export const x = 1;"),
      StartsWith("the main module \"index.js\" has no default export with "
                 "handlers: add \"export default {"));
}

TEST_F(IsolateModulesTest, AMainModuleIsNamedAsItsAuthorDoes) {
  EXPECT_THAT(
      Load({{"index.js", registry::ModuleType::kEsModule, "export {};"},
            {"index.js.map", registry::ModuleType::kSourceMap,
             R"({"sources":["lib.ts","src/shop.ts"],"mappings":"AAAA"})"}}),
      StartsWith("the main module \"src/shop.ts\" has no default export"));
}

TEST_F(IsolateModulesTest, CodeFromStringsIsRefused) {
  ASSERT_EQ(Load("export default { fetch() { try { return new Response("
                 "String(eval('1'))); } catch (e) { return new Response("
                 "e.name); } } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 EvalError");
}

TEST_F(IsolateModulesTest, CodeFromStringsIsForTheStartAlone) {
  compatibility_date_ = "2025-06-01";
  ASSERT_EQ(Load("const made = new Function('return 7');"
                 "export default { fetch() { try { return new Response("
                 "eval('1')); } catch (e) { return new Response("
                 "made() + e.name); } } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 7EvalError");
}

TEST_F(IsolateModulesTest, CodeFromStringsIsRefusedAtTheStartByItsDate) {
  compatibility_date_ = "2025-05-31";
  EXPECT_THAT(Load("eval('1'); export default { fetch() {} }"),
              HasSubstr("EvalError"));
}

TEST_F(IsolateModulesTest, AModuleMayImportItselfWhileItStarts) {
  ASSERT_EQ(Load("const self = import('./index.js'); export const x = 7;"
                 "export default { async fetch() {"
                 " return new Response(String((await self).x)); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 7");
}

TEST_F(IsolateModulesTest, AnImportThatFailsAtRunTimeRejects) {
  ASSERT_EQ(Load("export default { fetch: () => import('./gone.js').catch("
                 "(e) => new Response(e.message)) }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_THAT(Answer(id), HasSubstr("No such module"));
}

}  // namespace
}  // namespace caravel::runtime

#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using enum registry::ModuleType;
using testing::HasSubstr;

class IsolateCommonJsTest : public IsolateFixture {
 protected:
  // A Worker that answers with the JSON of what ./a.cjs exports.
  std::string LoadA(const std::string& source,
                    std::vector<registry::Module> others = {}) {
    others.push_back({"a.cjs", kCommonJs, source});
    others.push_back({"index.js", kEsModule,
                      "import a from './a.cjs';"
                      "export default { async fetch() {"
                      "  return new Response(JSON.stringify(await a)); } }"});
    std::swap(others.front(), others.back());
    Renew();
    return Load(others);
  }

  std::string Ask() {
    const InvocationId id = Arrive("/");
    Turn();
    return Answer(id);
  }
};

TEST_F(IsolateCommonJsTest, ExportsAreTheDefaultExport) {
  ASSERT_EQ(LoadA("exports.x = 1; exports.path = __filename + ' ' + __dirname;"
                  "exports.same = module.exports === exports;"
                  "exports.keys = Object.keys(module).join();"
                  "exports.sloppy = (function () { return !!this; })();"),
            "");
  EXPECT_EQ(Ask(), R"(200 {"x":1,"path":"/a.cjs /","same":true,)"
                   R"("keys":"path,exports","sloppy":true})");
}

TEST_F(IsolateCommonJsTest, RequireGivesEveryKindOfModule) {
  ASSERT_EQ(LoadA("module.exports = [require('./lib/b.cjs'), "
                  "  require('lib/b.cjs') === require('./lib/b.cjs'),"
                  "  require('./e.js'), require('./n.js').z, "
                  "  require('./t.txt'), require('./d.json'),"
                  "  typeof require('cloudflare:workers').WorkerEntrypoint];",
                  {{"lib/b.cjs", kCommonJs,
                    "module.exports = () => 1; module.exports = __dirname +"
                    " require('../t.txt');"},
                   {"e.js", kEsModule, "export default { d: 1 };"},
                   {"n.js", kEsModule, "export const z = 3;"},
                   {"t.txt", kText, "text"},
                   {"d.json", kJson, "[4]"}}),
            "");
  EXPECT_EQ(Ask(), R"(200 ["/libtext",true,{"default":{"d":1}},3,"text",[4],)"
                   R"("function"])");
}

TEST_F(IsolateCommonJsTest, ImportGivesModulesFromThere) {
  ASSERT_EQ(LoadA("module.exports = Promise.all("
                  "[import('./lib/e.js'), import('./lib/b.cjs')])"
                  ".then(([e, b]) => [e.z, b.default]);",
                  {{"lib/e.js", kEsModule, "export const z = 3;"},
                   {"lib/b.cjs", kCommonJs,
                    "module.exports = require('./e.js').z + 1;"}}),
            "");
  EXPECT_EQ(Ask(), "200 [3,4]");
}

TEST_F(IsolateCommonJsTest, FromADateOnDefaultExportsAreGiven) {
  compatibility_date_ = "2026-01-22";
  ASSERT_EQ(LoadA("module.exports = [require('./e.js'), require('./n.js').z];",
                  {{"e.js", kEsModule, "export default { d: 1 };"},
                   {"n.js", kEsModule, "export const z = 3;"}}),
            "");
  EXPECT_EQ(Ask(), R"(200 [{"d":1},3])");
}

TEST_F(IsolateCommonJsTest, ModulesOfNodeAreRequiredToo) {
  compatibility_date_ = "2026-08-04";
  ASSERT_EQ(LoadA("const path = require('path');"
                  "module.exports = [path.join('a', 'b'),"
                  "  require('node:path') === path];"),
            "");
  EXPECT_EQ(Ask(), R"(200 ["a/b",true])");
}

TEST_F(IsolateCommonJsTest, ModulesThatRequireOneAnotherSeeWhatIsThere) {
  ASSERT_EQ(LoadA("exports.early = 1;"
                  "exports.b = require('./b.cjs'); exports.late = 2;",
                  {{"b.cjs", kCommonJs,
                    "module.exports = Object.keys(require('./a.cjs'));"}}),
            "");
  EXPECT_EQ(Ask(), R"(200 {"early":1,"b":["early"],"late":2})");
}

TEST_F(IsolateCommonJsTest, ACircleThroughAnEsModuleIsTold) {
  EXPECT_THAT(LoadA("require('./e.js');",
                    {{"e.js", kEsModule, "import a from './a.cjs';"}}),
              HasSubstr("\"a.cjs\" requires \"./e.js\", which is being"));
}

TEST_F(IsolateCommonJsTest, ATopLevelAwaitIsTold) {
  EXPECT_THAT(LoadA("require('./e.js');",
                    {{"e.js", kEsModule, "await Promise.all([]);"}}),
              HasSubstr("which has a top-level await"));
}

TEST_F(IsolateCommonJsTest, OneThatThrewIsRunAgain) {
  ASSERT_EQ(LoadA("const told = []; globalThis.runs = 0;"
                  "for (let i = 0; i < 2; ++i) {"
                  "  try { require('./b.cjs'); }"
                  "  catch (e) { told.push(e.message); } }"
                  "module.exports = told;",
                  {{"b.cjs", kCommonJs, "throw new Error(`run ${++runs}`);"}}),
            "");
  EXPECT_EQ(Ask(), R"(200 ["run 1","run 2"])");
}

TEST_F(IsolateCommonJsTest, OneIsRequiredWhenARequestNeedsIt) {
  ASSERT_EQ(LoadA("globalThis.runs = 0;"
                  "exports.then = (told) => told("
                  "  [runs, require('./b.cjs'), require('./b.cjs'), runs]);",
                  {{"b.cjs", kCommonJs, "exports.run = ++runs;"}}),
            "");
  EXPECT_EQ(Ask(), R"(200 [0,{"run":1},{"run":1},1])");
}

TEST_F(IsolateCommonJsTest, WhatIsNotThereIsNamed) {
  EXPECT_THAT(LoadA("require('./none.cjs')"),
              HasSubstr("No such module \"./none.cjs\", imported from "
                        "\"a.cjs\""));
  EXPECT_THAT(LoadA("require(5)"), HasSubstr("the id must be a string"));
  EXPECT_THAT(LoadA("require('x'.repeat(70000))"), HasSubstr("may have 65536"));
}

TEST_F(IsolateCommonJsTest, AMistakeIsToldWithItsFileAndLine) {
  EXPECT_THAT(LoadA("\nconst = 5;"), HasSubstr("a.cjs:2"));
  EXPECT_THAT(LoadA("\n\nnull.x;"), HasSubstr("a.cjs:3"));
}

TEST_F(IsolateCommonJsTest, ItsCodeCacheIsTaken) {
  const std::vector<registry::Module> others = {
      {"b.cjs", kCommonJs, "module.exports = function () { return 7; }();"}};
  ASSERT_EQ(LoadA("module.exports = require('./b.cjs');", others), "");
  EXPECT_EQ(Ask(), "200 7");
  const std::string cache = isolate_->CodeCache();
  EXPECT_THAT(cache, HasSubstr("b.cjs"));
  code_cache_ = cache;
  ASSERT_EQ(LoadA("module.exports = require('./b.cjs');", others), "");
  EXPECT_EQ(Ask(), "200 7");
}

}  // namespace
}  // namespace caravel::runtime

#include "cli/wasm_adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/client/files.h"
#include "daemon/client/testing/temporary_folder.h"

namespace caravel::cli {
namespace {

TEST(AdaptWasm, PutsAModuleInFrontThatImportsTheProgram) {
  const testing_support::TemporaryFolder folder;
  folder.Make("out");
  folder.Write("app.wasm", "bytes");
  Project project;
  project.main = folder.path("app.wasm");
  ASSERT_TRUE(AdaptWasm(project, folder.path("out")));
  EXPECT_EQ(project.main, folder.path("out/index.js"));
  EXPECT_THAT(daemon::ReadFile(project.main).value(),
              testing::HasSubstr("import program from \"./program.wasm\";"));
  EXPECT_EQ(daemon::ReadFile(folder.path("out/program.wasm")).value(), "bytes");
}

TEST(AdaptWasm, LeavesAScriptAsItIs) {
  Project project;
  project.main = "/p/index.js";
  ASSERT_TRUE(AdaptWasm(project, "/nowhere"));
  EXPECT_EQ(project.main, "/p/index.js");
}

}  // namespace
}  // namespace caravel::cli

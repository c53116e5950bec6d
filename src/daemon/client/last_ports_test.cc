#include "daemon/client/last_ports.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/random.h"
#include "daemon/client/files.h"

namespace caravel::daemon {
namespace {

class LastPortsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(MakeFolder(folder_.path())); }
  void TearDown() override { std::filesystem::remove_all(folder_.path()); }

  const DataFolder folder_{std::filesystem::temp_directory_path() /
                           ("caravel-ports-" + base::RandomHex(8))};
};

TEST_F(LastPortsTest, AreThoseThatWereSaved) {
  EXPECT_EQ(LoadLastPorts(folder_), std::nullopt);
  ASSERT_TRUE(SaveLastPorts(folder_, {.workers = 8787, .api = 65'535}));
  EXPECT_EQ(LoadLastPorts(folder_),
            (LastPorts{.workers = 8787, .api = 65'535}));
}

TEST_F(LastPortsTest, AreNoneWhereTheFileIsDamaged) {
  for (const char* text :
       {"", "80", "80 ", "80 81", "a b\n", "0 1\n", "70000 1\n"}) {
    ASSERT_TRUE(ReplaceFile(folder_.last_ports(), text));
    EXPECT_EQ(LoadLastPorts(folder_), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace caravel::daemon

#include "daemon/client/data_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/client/files.h"
#include "daemon/client/run_info.h"
#include "daemon/client/testing/temporary_folder.h"

namespace caravel::daemon {
namespace {

using testing::HasSubstr;

TEST(DataFolder, IsMadeForTheOwnerAlone) {
  const testing_support::TemporaryFolder parent;
  const DataFolder folder(parent.path("a/b"));
  ASSERT_TRUE(TakeDataFolder(folder));
  struct stat status = {};
  ASSERT_EQ(::stat(folder.run().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST(DataFolder, IsTakenByOneAtATime) {
  const testing_support::TemporaryFolder parent;
  const DataFolder folder(parent.path("data"));
  {
    const Result<base::Fd> first = TakeDataFolder(folder);
    ASSERT_TRUE(first);
    RunInfo info;
    info.pid = 4711;
    ASSERT_TRUE(SaveRunInfo(folder, info));
    const Result<base::Fd> second = TakeDataFolder(folder);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::kConflict);
    EXPECT_THAT(second.error().message(),
                HasSubstr("in use by another caraveld (process 4711)"));
  }
  EXPECT_TRUE(TakeDataFolder(folder));
}

TEST(DataFolder, SaysThatAFileStandsInTheWay) {
  const testing_support::TemporaryFolder parent;
  parent.Write("data", "");
  const Result<base::Fd> taken =
      TakeDataFolder(DataFolder(parent.path("data")));
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().ToText(), HasSubstr("a file of that name exists"));
  EXPECT_THAT(taken.error().ToText(), HasSubstr("--data DIR"));
}

TEST(AbsolutePath, HasNoDotsAndNoSlashAtItsEnd) {
  EXPECT_EQ(AbsolutePath("/a/b/../c/"), "/a/c");
  EXPECT_EQ(AbsolutePath("/"), "/");
}

TEST(ReplaceFile, LeavesNoHalfWrittenFileBehind) {
  const testing_support::TemporaryFolder parent;
  ASSERT_TRUE(ReplaceFile(parent.path("f"), "one"));
  ASSERT_TRUE(ReplaceFile(parent.path("f"), "two"));
  EXPECT_EQ(ReadFile(parent.path("f")).value(), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(parent.path()),
                          std::filesystem::directory_iterator()),
            1);
}

}  // namespace
}  // namespace caravel::daemon

#include "cli/project_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/temporary_folder.h"

namespace caravel::cli {
namespace {

class ProjectWatchTest : public ::testing::Test {
 protected:
  void SetUp() override { watch_->Follow({At("index.js")}); }
  std::string At(std::string_view name) const {
    return folder_.path() + "/" + std::string(name);
  }
  void Write(std::string_view name) { std::ofstream(At(name)) << "text"; }

  const TemporaryFolder folder_ = TemporaryFolder::Make().value();
  const std::unique_ptr<ProjectWatch> watch_ = ProjectWatch::Start().value();
};

TEST_F(ProjectWatchTest, NoticesThatAFileIsWritten) {
  EXPECT_FALSE(watch_->TakeChanges());
  Write("index.js");
  EXPECT_TRUE(watch_->TakeChanges());
  EXPECT_FALSE(watch_->TakeChanges());
}

TEST_F(ProjectWatchTest, NoticesThatAFileIsReplaced) {
  Write("index.js.new");
  EXPECT_FALSE(watch_->TakeChanges());
  std::filesystem::rename(At("index.js.new"), At("index.js"));
  EXPECT_TRUE(watch_->TakeChanges());
}

TEST_F(ProjectWatchTest, PassesOverOtherFilesAndFolders) {
  Write("notes.txt");
  std::filesystem::create_directory(At("folder"));
  EXPECT_FALSE(watch_->TakeChanges());
}

TEST_F(ProjectWatchTest, NoticesAnyFileWhereThatIsAsked) {
  Write("new.js");
  EXPECT_TRUE(watch_->TakeChanges(ProjectWatch::Of::kAllFiles));
}

TEST_F(ProjectWatchTest, KnowsAFileByAnySpelling) {
  std::filesystem::create_directories(At("lib/deep"));
  watch_->Follow({At("lib/deep/..//./odd.js")});
  Write("lib/odd.js");
  EXPECT_TRUE(watch_->TakeChanges());
  watch_->Follow({At("lib/index.js")});
  watch_->Follow({At("lib/../lib/other.js")});
  Write("lib/index.js");
  EXPECT_TRUE(watch_->TakeChanges()) << "the folder was spelled in two ways";
}

TEST_F(ProjectWatchTest, SeesAnEditThroughALinkAndOfALink) {
  std::filesystem::create_directories(At("real"));
  std::filesystem::create_directory_symlink(At("real"), At("linked"));
  watch_->Follow({At("linked/part.js")});
  Write("real/part.js");
  EXPECT_TRUE(watch_->TakeChanges());

  Write("real/target.js");
  std::filesystem::create_symlink("real/target.js", At("link.js"));
  watch_->Follow({At("link.js")});
  watch_->TakeChanges();
  Write("real/target.js");
  EXPECT_TRUE(watch_->TakeChanges()) << "the file behind the link";
  std::filesystem::rename(At("link.js"), At("gone.js"));
  EXPECT_TRUE(watch_->TakeChanges()) << "the link itself";
}

TEST_F(ProjectWatchTest, FollowsFilesOfFurtherFolders) {
  std::filesystem::create_directory(At("src"));
  watch_->Follow({At("src/part.js"), At("absent/x.js")});
  Write("src/part.js");
  EXPECT_TRUE(watch_->TakeChanges());
  Write("index.js");
  EXPECT_TRUE(watch_->TakeChanges());
}

TEST_F(ProjectWatchTest, AFileInAFolderIsInItHoweverItIsSpelled) {
  std::filesystem::create_directory(At("inside"));
  std::filesystem::create_directory(At("project"));
  Write("inside/stand-in.js");
  Write("index.js");
  const std::string around = At("project/../inside/stand-in.js");
  EXPECT_EQ(
      FilesOutside(At("inside"), {At("inside/stand-in.js"), around,
                                  At("project/../index.js"), At("index.js")}),
      (std::vector<std::string>{At("project/../index.js"), At("index.js")}));
}

}  // namespace
}  // namespace caravel::cli

// A shell script stands in for caraveld: descriptor 3 is where it tells that it
// is ready.
#include "cli/watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/client/files.h"
#include "daemon/client/testing/temporary_folder.h"

namespace caravel::cli {
namespace {

using testing::HasSubstr;

constexpr std::string_view kReady =
    R"(echo '{"api":"http://127.0.0.1:2/client/v4","http":"http://127.0.0.1:1","pid":1}' >&3; )";

class WatcherTest : public testing::Test {
 protected:
  Status Watch(const std::string& script) {
    Watcher watcher({.command = {"/bin/sh", "-c", script}, .log_fd = 2}, clock_,
                    log_);
    return watcher.Run([this](const daemon::RunInfo&) { ++ready_; });
  }

  std::string Script(std::string_view rest) {
    return fmt::format("cd {}; echo \"$0 $*\" >> starts; {}", folder_.path(),
                       rest);
  }
  std::string Starts() {
    return daemon::ReadFile(folder_.path("starts")).value();
  }

  testing_support::TemporaryFolder folder_;
  base::SystemClock clock_;
  base::NullLog log_;
  int ready_ = 0;
};

TEST_F(WatcherTest, EndsWhenCaraveldEndsByItself) {
  EXPECT_TRUE(Watch(Script(std::string(kReady) + "exit 0")));
  EXPECT_EQ(ready_, 1);
  EXPECT_EQ(Starts(), "--ready-fd=3 \n");
}

TEST_F(WatcherTest, StartsCaraveldAgainWhenItDiesAndKeepsItsPorts) {
  EXPECT_TRUE(Watch(Script(std::string(kReady) +
                           "test -e died && exit 0; touch died; kill -9 $$")));
  EXPECT_EQ(ready_, 1);
  EXPECT_EQ(Starts(), "--ready-fd=3 \n--port=1 --api-port=2 --ready-fd=3\n");
}

TEST_F(WatcherTest, SaysWhyCaraveldCouldNotStart) {
  const Status status = Watch(Script(
      R"(echo '{"error":"port 1: in use","remedy":"another","code":2}' >&3; exit 4)"));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(status.error().ToText(), "port 1: in use\nanother");
}

TEST_F(WatcherTest, SaysHowCaraveldEndedWithoutAWord) {
  const Status status = Watch(Script("kill -9 $$"));
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message(),
              HasSubstr("ended before it was ready: signal 9"));
}

}  // namespace
}  // namespace caravel::cli

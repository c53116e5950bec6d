#include "daemon/stored_logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "daemon/client/testing/temporary_folder.h"

namespace caravel::daemon {
namespace {

TEST(StoredLogsTest, AHandlersThreadGetsWhatTheLoopHasFound) {
  testing_support::TemporaryFolder folder;
  base::FakeClock clock{std::chrono::system_clock::now()};
  base::NullLog log;
  const auto loop = net::EventLoop::Create(clock).value();
  const auto store = LogStore::Open(folder.path(), {}, clock, log).value();
  for (const char* worker : {"a", "b", "a"}) {
    registry::LogEvent event;
    event.worker.value = worker;
    event.request_id = fmt::format("{}{}", worker, store->kept());
    store->Append(event);
  }
  StoredLogs logs(*loop, *store);
  std::future<Result<api::LogsFound>> asked =
      std::async(std::launch::async, [&] {
        Result<api::LogsFound> found = logs.Last({{"a"}}, {}, 0, 1);
        loop->Wake();
        return found;
      });
  while (asked.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    loop->Poll(std::chrono::milliseconds(10));
  }
  const api::LogsFound found = asked.get().value();
  ASSERT_EQ(found.events.size(), 1U);
  EXPECT_EQ(found.events[0].request_id, "a2");
  EXPECT_EQ(found.bytes, base::Encode(found.events[0]).size());
  EXPECT_TRUE(found.more);
}

TEST(StoredLogsTest, ALoopThatIsClosedIsTold) {
  testing_support::TemporaryFolder folder;
  base::FakeClock clock{std::chrono::system_clock::now()};
  base::NullLog log;
  const auto loop = net::EventLoop::Create(clock).value();
  const auto store = LogStore::Open(folder.path(), {}, clock, log).value();
  loop->Close();
  const Result<api::LogsFound> found =
      StoredLogs(*loop, *store).Last({}, {}, 0, 1);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace caravel::daemon

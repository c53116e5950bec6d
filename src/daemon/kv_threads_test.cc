#include "daemon/kv_threads.h"

#include <gtest/gtest.h>

#include <future>

#include "storage/disk_blobs.h"
#include "storage/testing/new_sqlite.h"
#include "storage/testing/temp_folder.h"

namespace caravel::daemon {
namespace {

// Counts transactions that write, and holds them up.
class SlowDatabase final : public storage::Database {
 public:
  explicit SlowDatabase(storage::Database& database) : database_(database) {}

  Attempt TryOnce(Mode mode, const Body& body) override {
    if (mode == Mode::kWrite) {
      const base::MutexLock lock(mutex_);
      ++writes_;
      changed_.NotifyAll();
      while (held_) changed_.Wait(mutex_);
    }
    return database_.TryOnce(mode, body);
  }
  void Hold(bool held) {
    const base::MutexLock lock(mutex_);
    held_ = held;
    changed_.NotifyAll();
  }
  void WaitForWrites(int count) {
    const base::MutexLock lock(mutex_);
    while (writes_ < count) changed_.Wait(mutex_);
  }
  int writes() {
    const base::MutexLock lock(mutex_);
    return writes_;
  }

 private:
  storage::Database& database_;
  base::Mutex mutex_;
  base::CondVar changed_;
  int writes_ CARAVEL_GUARDED_BY(mutex_) = 0;
  bool held_ CARAVEL_GUARDED_BY(mutex_) = false;
};

class KvThreadsTest : public testing::Test {
 protected:
  std::future<bool> Put(std::string key) {
    auto done = std::make_shared<std::promise<bool>>();
    threads_.Write({.space = "a",
                    .key = std::move(key),
                    .content = storage::KvContent{"v", {}, {}}},
                   [done](const Result<bool>& written) {
                     done->set_value(written && *written);
                   });
    return done->get_future();
  }

  storage::TempFolder folder_;
  storage::SystemFiles files_;
  base::FakeClock clock_;
  base::NullLog log_;
  storage::TestDatabase ground_ = storage::NewSqlite();
  SlowDatabase database_{*ground_.database};
  std::unique_ptr<storage::DiskBlobs> blobs_ =
      storage::DiskBlobs::Open(folder_.path() + "/kv", files_).value();
  std::unique_ptr<storage::KvStore> store_ =
      storage::KvStore::Open(database_, database_, *blobs_, clock_).value();
  KvThreads threads_{*store_, log_};
};

TEST_F(KvThreadsTest, PutsThatWaitGoIntoOneTransaction) {
  const int before = database_.writes();
  database_.Hold(true);
  std::vector<std::future<bool>> puts;
  puts.push_back(Put("first"));
  database_.WaitForWrites(before + 1);
  for (int i = 0; i < 20; ++i) puts.push_back(Put(std::to_string(i)));
  database_.Hold(false);
  for (auto& put : puts) EXPECT_TRUE(put.get());
  EXPECT_EQ(database_.writes(), before + 2);
}

TEST_F(KvThreadsTest, ReadsDoNotWaitForWrites) {
  const int before = database_.writes();
  database_.Hold(true);
  std::future<bool> put = Put("k");
  database_.WaitForWrites(before + 1);
  std::promise<bool> found;
  threads_.Read([&](storage::KvStore& store) {
    found.set_value(store.Get("a", "k").value().has_value());
  });
  EXPECT_FALSE(found.get_future().get());
  database_.Hold(false);
  EXPECT_TRUE(put.get());
}

}  // namespace
}  // namespace caravel::daemon

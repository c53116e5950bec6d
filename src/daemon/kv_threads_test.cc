#include "daemon/kv_threads.h"

#include <gtest/gtest.h>

#include <future>

#include "storage/digest.h"
#include "storage/disk_blobs.h"
#include "storage/testing/held_blobs.h"
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
  std::future<bool> Put(std::string key, std::string value = "v",
                        std::optional<int64_t> expiration = {}) {
    auto done = std::make_shared<std::promise<bool>>();
    threads_.Write(
        {.space = "a",
         .key = std::move(key),
         .content = storage::KvContent{std::move(value), {}, expiration}},
        [done](const Result<bool>& written) {
          done->set_value(written && *written);
        });
    return done->get_future();
  }

  int64_t Rows() {
    return ground_.database
        ->Read([](storage::Transaction& transaction) -> Result<int64_t> {
          CARAVEL_TRY(const auto rows,
                      transaction.Query("SELECT CAST(COUNT(*) AS INTEGER) "
                                        "FROM kv_entries"));
          return rows[0].Integer(0);
        })
        .value();
  }

  const std::string large_ = std::string(storage::kKvInlineBytes + 1, 'x');
  storage::TempFolder folder_;
  storage::SystemFiles files_;
  base::FakeClock clock_;
  base::NullLog log_;
  storage::TestDatabase ground_ = storage::NewSqlite();
  SlowDatabase database_{*ground_.database};
  std::unique_ptr<storage::DiskBlobs> disk_ =
      storage::DiskBlobs::Open(folder_.path() + "/kv", files_).value();
  storage::HeldBlobs blobs_{*disk_};
  std::unique_ptr<storage::KvStore> store_ =
      storage::KvStore::Open(database_, database_, blobs_, clock_).value();
  KvThreads threads_{*store_, clock_, log_};
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

TEST_F(KvThreadsTest, APutDoesNotWaitForTheBlobOfALargeOne) {
  blobs_.Hold(storage::Sha256Hex(large_));
  std::future<bool> large = Put("large", large_);
  blobs_.WaitForOne();
  std::future<bool> small = Put("small");
  EXPECT_EQ(small.wait_for(std::chrono::seconds(30)),
            std::future_status::ready);
  blobs_.Hold("");
  EXPECT_TRUE(large.get());
  EXPECT_TRUE(small.get());
}

TEST_F(KvThreadsTest, WhatHasEndedGoesThoughPutsNeverPause) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      clock_.Wall().time_since_epoch());
  ASSERT_TRUE(Put("ends", "v", now.count() + 60).get());
  clock_.Advance(std::chrono::minutes(2));
  // Behind the first there is a step of the sweep, before the second.
  ASSERT_TRUE(Put("large", large_).get());
  ASSERT_TRUE(Put("large", large_).get());
  EXPECT_EQ(Rows(), 1);
}

}  // namespace
}  // namespace caravel::daemon

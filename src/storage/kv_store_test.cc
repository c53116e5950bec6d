#include "storage/kv_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <future>

#include "storage/kv_limits.h"
#include "storage/kv_store_contract.h"
#include "storage/testing/faulty_database.h"
#include "storage/testing/held_blobs.h"
#include "storage/testing/new_sqlite.h"

namespace caravel::storage {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite, KvStoreContract, ::testing::Values(&NewSqlite),
                         [](const auto&) { return "Kv"; });

// Whatever fails, an entry has its value, and no blob stays for ever.
TEST(KvStoreFailureTest, APutThatFailsAnywhereLosesAndLeaksNothing) {
  const std::string before(kKvInlineBytes + 1, 'b');
  const std::string after(kKvInlineBytes + 1, 'a');
  for (int fail_at = 1;; ++fail_at) {
    TempFolder folder;
    SystemFiles files;
    base::FakeClock clock;
    const TestDatabase ground = NewSqlite();
    Database& database = *ground.database;
    const auto blobs = DiskBlobs::Open(folder.path() + "/kv", files).value();
    const auto sound = KvStore::Open(database, database, *blobs, clock).value();
    const auto put = [](KvStore& store, const std::string& value) {
      const std::vector<KvWrite> writes = {
          {"a", "k", KvContent{value, {}, {}}}};
      return store.Write(writes);
    };
    ASSERT_TRUE(put(*sound, before));
    FaultyDatabase faulty(database, fail_at);
    const auto store = KvStore::Open(faulty, database, *blobs, clock);
    if (!store) continue;
    const bool done = put(**store, after).has_value();
    const std::string now = sound->Get("a", "k").value()->value.Whole().value();
    EXPECT_EQ(now, done ? after : before) << fail_at;
    clock.Advance(std::chrono::minutes(2));
    while (sound->Sweep().value()) {
    }
    EXPECT_EQ(blobs->Exists(Sha256Hex(before)).value(), !done) << fail_at;
    EXPECT_EQ(blobs->Exists(Sha256Hex(after)).value(), done) << fail_at;
    if (!faulty.failed()) {
      EXPECT_TRUE(done);
      return;
    }
  }
}

class KvStoreBlobsTest : public ::testing::Test {
 protected:
  std::future<bool> Put(std::string key, std::string value) {
    return std::async(std::launch::async,
                      [this, key = std::move(key), value = std::move(value)] {
                        const std::vector<KvWrite> writes = {
                            {"a", key, KvContent{value, {}, {}}}};
                        return store_->Write(writes).has_value();
                      });
  }
  std::string Get(std::string_view key) {
    return store_->Get("a", key).value()->value.Whole().value();
  }

  TempFolder folder_;
  SystemFiles files_;
  base::FakeClock clock_;
  const TestDatabase ground_ = NewSqlite();
  const std::unique_ptr<DiskBlobs> disk_ =
      DiskBlobs::Open(folder_.path() + "/kv", files_).value();
  HeldBlobs blobs_{*disk_};
  const std::unique_ptr<KvStore> store_ =
      KvStore::Open(*ground_.database, *ground_.database, blobs_, clock_)
          .value();
  const std::string slow_ = std::string(kKvInlineBytes + 1, 's');
  const std::string other_ = std::string(kKvInlineBytes + 1, 'o');
};

TEST_F(KvStoreBlobsTest, APutDoesNotWaitForAnothersBlob) {
  blobs_.Hold(Sha256Hex(slow_));
  std::future<bool> slow = Put("slow", slow_);
  blobs_.WaitForOne();
  std::future<bool> other = Put("other", other_);
  EXPECT_EQ(other.wait_for(std::chrono::seconds(30)),
            std::future_status::ready);
  blobs_.Hold("");
  EXPECT_TRUE(slow.get());
  EXPECT_TRUE(other.get());
}

TEST_F(KvStoreBlobsTest, ABlobThatAnEntryIsAboutToReferToStays) {
  blobs_.Hold(Sha256Hex(slow_));
  std::future<bool> slow = Put("slow", slow_);
  blobs_.WaitForOne();
  clock_.Advance(std::chrono::minutes(2));
  std::future<bool> swept = std::async(std::launch::async, [this] {
    while (store_->Sweep().value()) {
    }
    return true;
  });
  EXPECT_EQ(swept.wait_for(std::chrono::seconds(30)),
            std::future_status::ready);
  blobs_.Hold("");
  EXPECT_TRUE(slow.get());
  EXPECT_EQ(Get("slow"), slow_);
  ASSERT_TRUE(Put("slow", "small").get());
  clock_.Advance(std::chrono::minutes(2));
  while (store_->Sweep().value()) {
  }
  EXPECT_FALSE(disk_->Exists(Sha256Hex(slow_)).value());
}

TEST_F(KvStoreBlobsTest, ABlobThatIsBeingRemovedIsStoredAnew) {
  ASSERT_TRUE(Put("k", slow_).get());
  ASSERT_TRUE(Put("k", "small").get());
  clock_.Advance(std::chrono::minutes(2));
  blobs_.Hold(Sha256Hex(slow_));
  std::future<bool> swept = std::async(
      std::launch::async, [this] { return store_->Sweep().has_value(); });
  blobs_.WaitForOne();
  std::future<bool> put = Put("k", slow_);
  blobs_.Hold("");
  EXPECT_TRUE(swept.get());
  EXPECT_TRUE(put.get());
  EXPECT_EQ(Get("k"), slow_);
}

TEST_F(KvStoreBlobsTest, AValueThatIsNotWholeIsAnErrorThatNamesItsBlob) {
  ASSERT_TRUE(Put("k", slow_).get());
  const std::string digest = Sha256Hex(slow_);
  const std::string file =
      fmt::format("{}/kv/{}/{}", folder_.path(), digest.substr(0, 2), digest);
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  ASSERT_EQ(::truncate(file.c_str(), 100), 0);
  const auto found = store_->Get("a", "k").value();
  const auto whole = found->value.Whole();
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().code(), ErrorCode::kInternal);
  EXPECT_THAT(whole.error().message(), ::testing::HasSubstr(digest));
  ASSERT_EQ(::unlink(file.c_str()), 0);
  const auto gone = store_->Get("a", "k");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code(), ErrorCode::kInternal);
  EXPECT_THAT(gone.error().message(), ::testing::HasSubstr(digest));
}

TEST(KvLimitsTest, NoEntryEndsBeyondWhatAClockCounts) {
  const int64_t now = 1'800'000'000;
  const auto ends = [&](std::optional<int64_t> expiration,
                        std::optional<int64_t> ttl) {
    return KvExpiration(expiration, ttl, now).has_value();
  };
  EXPECT_TRUE(ends(9'000'000'000, {}));
  EXPECT_FALSE(ends(9'000'000'001, {}));
  EXPECT_TRUE(ends({}, 9'000'000'000 - now));
  EXPECT_FALSE(ends({}, 9'000'000'000 - now + 1));
  EXPECT_FALSE(ends({}, int64_t{1} << 40));
}

}  // namespace
}  // namespace caravel::storage

#include "storage/kv_store.h"

#include "storage/kv_store_contract.h"
#include "storage/testing/faulty_database.h"
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

}  // namespace
}  // namespace caravel::storage

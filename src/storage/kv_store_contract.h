#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/digest.h"
#include "storage/disk_blobs.h"
#include "storage/kv_store.h"
#include "storage/testing/temp_folder.h"
#include "storage/testing/test_database.h"

// What the KvStore does on every engine. A test program includes this in one
// file.
namespace caravel::storage {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

class KvStoreContract
    : public ::testing::TestWithParam<std::function<TestDatabase()>> {
 protected:
  void SetUp() override {
    ground_ = GetParam()();
    if (!ground_.unavailable.empty()) GTEST_SKIP() << ground_.unavailable;
    reads_ = ground_.open_again();
    blobs_ = DiskBlobs::Open(folder_.path() + "/kv", files_).value();
    store_ = KvStore::Open(*ground_.database, *reads_, *blobs_, clock_,
                           {.sweep_rows = 3})
                 .value();
  }

  void Put(std::string key, std::string value,
           std::optional<int64_t> expiration = {}, std::string space = "a") {
    const std::vector<KvWrite> writes = {
        {.space = std::move(space),
         .key = std::move(key),
         .content = KvContent{.value = std::move(value),
                              .metadata = {},
                              .expiration = expiration}}};
    ASSERT_THAT(store_->Write(writes).value(), ElementsAre(true));
  }
  void Delete(std::string key) {
    const std::vector<KvWrite> writes = {
        {.space = "a", .key = std::move(key), .content = {}}};
    ASSERT_THAT(store_->Write(writes).value(), ElementsAre(true));
  }
  // Nothing: there is no such entry.
  std::optional<std::string> Get(std::string_view key,
                                 std::string_view space = "a") {
    const auto found = store_->Get(space, key).value();
    if (!found) return std::nullopt;
    std::string whole = found->value.Whole().value();
    EXPECT_EQ(found->value.size, whole.size());
    return whole;
  }
  std::vector<std::string> Keys(std::string_view prefix,
                                std::optional<std::string> after = {},
                                size_t limit = 1000) {
    std::vector<std::string> keys;
    const KvListing listing = store_->List("a", prefix, after, limit).value();
    for (const KvListedKey& key : listing.keys) keys.push_back(key.key);
    if (!listing.complete) keys.emplace_back("…");
    return keys;
  }
  void Drop(std::string_view space) {
    ASSERT_TRUE(ground_.database->Transact([&](Transaction& transaction) {
      return store_->Drop(transaction, space);
    }));
  }
  void SweepAll() {
    while (store_->Sweep().value()) {
    }
  }
  int64_t Now() const {
    return std::chrono::duration_cast<std::chrono::seconds>(
               clock_.Wall().time_since_epoch())
        .count();
  }
  int64_t Rows() {
    return reads_
        ->Read([](Transaction& transaction) -> Result<int64_t> {
          CARAVEL_TRY(const auto rows,
                      transaction.Query("SELECT CAST(COUNT(*) AS INTEGER) "
                                        "FROM kv_entries"));
          return rows[0].Integer(0);
        })
        .value();
  }
  bool HasBlob(std::string_view value) {
    return blobs_->Exists(Sha256Hex(value)).value();
  }

  TempFolder folder_;
  SystemFiles files_;
  base::FakeClock clock_;
  TestDatabase ground_;
  std::unique_ptr<Database> reads_;
  std::unique_ptr<DiskBlobs> blobs_;
  std::unique_ptr<KvStore> store_;
};

TEST_P(KvStoreContract, AValueIsFoundUnderItsKeyOfItsNamespace) {
  Put("key", "value");
  Put("key", "other", {}, "b");
  Put("empty", "");
  EXPECT_THAT(Get("key"), Optional(std::string("value")));
  EXPECT_THAT(Get("key", "b"), Optional(std::string("other")));
  EXPECT_THAT(Get("empty"), Optional(std::string()));
  EXPECT_EQ(Get("absent"), std::nullopt);
  Put("key", "new");
  EXPECT_THAT(Get("key"), Optional(std::string("new")));
  Delete("key");
  EXPECT_EQ(Get("key"), std::nullopt);
  EXPECT_THAT(Get("key", "b"), Optional(std::string("other")));
}

TEST_P(KvStoreContract, MetadataAndExpirationStayWithTheirValue) {
  const std::vector<KvWrite> writes = {
      {"a", "k", KvContent{"v", R"({"x":1})", Now() + 60}}};
  ASSERT_TRUE(store_->Write(writes));
  const auto found = store_->Get("a", "k").value();
  ASSERT_TRUE(found);
  EXPECT_THAT(found->metadata, Optional(std::string(R"({"x":1})")));
  EXPECT_THAT(found->expiration, Optional(Now() + 60));
  const auto metadata = store_->GetMetadata("a", "k").value();
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->metadata, found->metadata);
  EXPECT_EQ(metadata->expiration, found->expiration);
  Put("k", "v");
  const auto after = store_->Get("a", "k").value();
  EXPECT_EQ(after->metadata, std::nullopt);
  EXPECT_EQ(after->expiration, std::nullopt);
}

TEST_P(KvStoreContract, AnEntryIsNotSeenOnceItHasEnded) {
  Put("k", "v", Now() + 60);
  Put("large", std::string(kKvInlineBytes + 1, 'l'), Now() + 60);
  Put("stays", "v");
  clock_.Advance(std::chrono::seconds(59));
  EXPECT_TRUE(Get("k"));
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Get("k"), std::nullopt);
  EXPECT_EQ(store_->GetMetadata("a", "k").value(), std::nullopt);
  EXPECT_THAT(Keys(""), ElementsAre("stays"));
  EXPECT_EQ(Rows(), 3);
  SweepAll();
  EXPECT_EQ(Rows(), 1);
}

TEST_P(KvStoreContract, KeysAreListedInTheOrderOfTheirBytes) {
  for (const char* key : {"b", "a/2", "B", "a/1", "a", "\xC3\xA9", "a0"}) {
    Put(key, "v");
  }
  EXPECT_THAT(Keys(""),
              ElementsAre("B", "a", "a/1", "a/2", "a0", "b", "\xC3\xA9"));
  EXPECT_THAT(Keys("a/"), ElementsAre("a/1", "a/2"));
  EXPECT_THAT(Keys("", "a/1", 2), ElementsAre("a/2", "a0", "…"));
  EXPECT_THAT(Keys("", "a0", 2), ElementsAre("b", "\xC3\xA9"));
  EXPECT_THAT(Keys("a/", "a/1"), ElementsAre("a/2"));
  EXPECT_THAT(Keys("b", "a"), ElementsAre("b"));
  EXPECT_THAT(Keys("c"), IsEmpty());
}

TEST_P(KvStoreContract, APrefixOfTheHighestBytesHasAnEnd) {
  const std::string highest("\xFF\xFF", 2);
  Put(highest + "k", "v");
  Put(std::string("nul\0key", 7), "v");
  EXPECT_THAT(Keys(highest), ElementsAre(highest + "k"));
  EXPECT_THAT(Keys(std::string_view("nul\0", 4)),
              ElementsAre(std::string("nul\0key", 7)));
}

TEST_P(KvStoreContract, ManyAreReadInTheOrderAsked) {
  Put("1", "one");
  Put("2", std::string(kKvInlineBytes + 1, 'x'));
  const std::vector<std::string> keys = {"2", "absent", "1"};
  const auto found = store_->GetMany("a", keys).value();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0]->value.Whole().value().size(), kKvInlineBytes + 1);
  EXPECT_FALSE(found[1]);
  EXPECT_EQ(found[2]->value.bytes, "one");
}

TEST_P(KvStoreContract, WritesOfOneCallAreMadeInOrder) {
  const std::vector<KvWrite> writes = {
      {"a", "k", KvContent{"first", {}, {}}},
      {"a", "k", {}},
      {"a", "k", KvContent{"last", {}, {}}},
      {"a", "gone", KvContent{"v", {}, {}}},
      {"a", "gone", {}},
  };
  EXPECT_THAT(store_->Write(writes).value(),
              ElementsAre(true, true, true, true, true));
  EXPECT_THAT(Get("k"), Optional(std::string("last")));
  EXPECT_EQ(Get("gone"), std::nullopt);
}

TEST_P(KvStoreContract, ALargeValueLiesInABlobAsLongAsAnEntryHasIt) {
  const std::string large(kKvInlineBytes + 1, 'x');
  Put("one", large);
  Put("two", large);
  EXPECT_THAT(Get("one"), Optional(large));
  const auto held = store_->Get("a", "two").value();
  Put("one", "small");
  clock_.Advance(std::chrono::minutes(2));
  SweepAll();
  EXPECT_TRUE(HasBlob(large));
  EXPECT_THAT(Get("two"), Optional(large));
  Delete("two");
  SweepAll();
  EXPECT_TRUE(HasBlob(large)) << "it was let go of just now";
  clock_.Advance(std::chrono::minutes(2));
  SweepAll();
  EXPECT_FALSE(HasBlob(large));
  EXPECT_EQ(held->value.Whole().value(), large) << "who has opened it keeps it";
  Put("one", large);
  EXPECT_THAT(Get("one"), Optional(large));
}

TEST_P(KvStoreContract, ADroppedNamespaceIsEmptyAndTakesNothing) {
  for (int i = 0; i < 8; ++i) Put(std::to_string(i), "v");
  Put("stays", "v", {}, "b");
  Drop("a");
  Drop("a");
  EXPECT_EQ(Get("1"), std::nullopt);
  EXPECT_THAT(Keys(""), IsEmpty());
  EXPECT_EQ(store_->GetMetadata("a", "1").value(), std::nullopt);
  const std::vector<KvWrite> writes = {
      {"a", "late", KvContent{"v", {}, {}}},
      {"b", "kept", KvContent{"v", {}, {}}},
  };
  EXPECT_THAT(store_->Write(writes).value(), ElementsAre(false, true));
  SweepAll();
  EXPECT_EQ(Rows(), 2);
  EXPECT_TRUE(Get("stays", "b"));
}

}  // namespace caravel::storage

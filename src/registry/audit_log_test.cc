#include "registry/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "registry/registry_fixture.h"
#include "storage/testing/new_postgres.h"
#include "storage/testing/new_sqlite.h"

namespace caravel::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A database that can be away.
class AwayDatabase final : public storage::Database {
 public:
  explicit AwayDatabase(storage::Database& database) : database_(database) {}
  Attempt TryOnce(Mode mode, const Body& body) override {
    if (!away) return database_.TryOnce(mode, body);
    return {.status = Error(ErrorCode::kUnavailable, "the database is away")};
  }

  std::atomic<bool> away = false;

 private:
  storage::Database& database_;
};

class CountingLog final : public base::Log {
 public:
  void Write(base::LogLevel level, std::string_view, Values) override {
    if (level == base::LogLevel::kError) ++errors;
  }
  std::atomic<int> errors = 0;
};

class AuditLogTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    if (!IsSkipped()) Open({});
  }
  void Open(AuditLog::Options options) {
    audit_.reset();
    audit_ =
        AuditLog::Open(*ground_.database, clock_, own_log_, options).value();
  }
  AuditEntry Entry(std::string path) const {
    return {.id = "id",
            .account = account_.id,
            .time = clock_.Wall(),
            .token = {"t1"},
            .token_name = "ci",
            .email = "",
            .address = "192.0.2.1",
            .user_agent = "wrangler/4",
            .operation = "Deploy",
            .method = "PUT",
            .path = std::move(path),
            .outcome = AuditOutcome::kDone,
            .status = 200,
            .request = "r"};
  }
  void Record(AuditEntry entry) { audit_->Record(std::move(entry)); }
  std::vector<std::string> Paths(const AuditFilter& filter = {}) {
    audit_->Flush();
    std::vector<std::string> paths;
    const AuditPage page = audit_->Find(account_.id, filter).value();
    for (const AuditEntry& entry : page.entries) paths.push_back(entry.path);
    return paths;
  }

  base::NullLog own_log_;
  std::unique_ptr<AuditLog> audit_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, AuditLogTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Audit"; });
INSTANTIATE_TEST_SUITE_P(Postgres, AuditLogTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Audit"; });

TEST_P(AuditLogTest, WhatIsRecordedComesBack) {
  AuditEntry refused = Entry("/a");
  refused.outcome = AuditOutcome::kRefused;
  refused.status = 403;
  refused.email = "me@example.com";
  Record(refused);
  audit_->Flush();
  const AuditPage page = audit_->Find(account_.id, {}).value();
  ASSERT_EQ(page.entries.size(), 1U);
  const AuditEntry& entry = page.entries[0];
  EXPECT_EQ(entry.time, refused.time);
  EXPECT_EQ(entry.token, refused.token);
  EXPECT_EQ(entry.token_name, "ci");
  EXPECT_EQ(entry.email, "me@example.com");
  EXPECT_EQ(entry.address, "192.0.2.1");
  EXPECT_EQ(entry.user_agent, "wrangler/4");
  EXPECT_EQ(entry.operation, "Deploy");
  EXPECT_EQ(entry.method, "PUT");
  EXPECT_EQ(entry.path, "/a");
  EXPECT_EQ(entry.outcome, AuditOutcome::kRefused);
  EXPECT_EQ(entry.status, 403U);
  EXPECT_EQ(entry.request, "r");
  EXPECT_EQ(page.cursor, 0U);
}

TEST_P(AuditLogTest, TheNewestComesFirstAndPagesGoOn) {
  for (const char* path : {"/1", "/2", "/3"}) Record(Entry(path));
  EXPECT_THAT(Paths(), ElementsAre("/3", "/2", "/1"));
  AuditFilter filter;
  filter.limit = 2;
  const uint64_t cursor = audit_->Find(account_.id, filter).value().cursor;
  ASSERT_GT(cursor, 0U);
  Record(Entry("/4"));
  filter.cursor = cursor;
  EXPECT_THAT(Paths(filter), ElementsAre("/1"));
  AuditFilter oldest;
  oldest.oldest_first = true;
  oldest.limit = 3;
  EXPECT_THAT(Paths(oldest), ElementsAre("/1", "/2", "/3"));
  oldest.cursor = audit_->Find(account_.id, oldest).value().cursor;
  EXPECT_THAT(Paths(oldest), ElementsAre("/4"));
}

TEST_P(AuditLogTest, FiltersChoose) {
  Record(Entry("/first"));
  clock_.Advance(std::chrono::hours(1));
  const base::WallTime later = clock_.Wall();
  AuditEntry other = Entry("/with_100%");
  other.token_name = "other";
  other.token = {"t2"};
  other.email = "me@example.com";
  other.method = "DELETE";
  other.address = "::1";
  other.operation = "Delete a Worker";
  other.outcome = AuditOutcome::kFailed;
  Record(other);

  const auto only = [&](auto member, auto value) {
    AuditFilter filter;
    filter.*member = value;
    return Paths(filter);
  };
  EXPECT_THAT(only(&AuditFilter::since, later), ElementsAre("/with_100%"));
  EXPECT_THAT(only(&AuditFilter::before, later), ElementsAre("/first"));
  for (const char* actor : {"other", "t2", "me@example.com"}) {
    EXPECT_THAT(only(&AuditFilter::actor, actor), ElementsAre("/with_100%"));
  }
  EXPECT_THAT(only(&AuditFilter::actor, "nobody"), IsEmpty());
  EXPECT_THAT(only(&AuditFilter::email, "me@example.com"),
              ElementsAre("/with_100%"));
  EXPECT_THAT(only(&AuditFilter::email, "other"), IsEmpty());
  EXPECT_THAT(only(&AuditFilter::token_name, "ci"), ElementsAre("/first"));
  EXPECT_THAT(only(&AuditFilter::token_name, "t1"), IsEmpty());
  EXPECT_THAT(only(&AuditFilter::token, "t1"), ElementsAre("/first"));
  EXPECT_THAT(only(&AuditFilter::method, "PUT"), ElementsAre("/first"));
  EXPECT_THAT(only(&AuditFilter::address, "::1"), ElementsAre("/with_100%"));
  EXPECT_THAT(only(&AuditFilter::is_done, true), ElementsAre("/first"));
  EXPECT_THAT(only(&AuditFilter::is_done, false), ElementsAre("/with_100%"));
  EXPECT_THAT(only(&AuditFilter::text, "a Worker"), ElementsAre("/with_100%"));
  // Signs of the pattern stand for themselves.
  EXPECT_THAT(only(&AuditFilter::text, "_100%"), ElementsAre("/with_100%"));
  EXPECT_THAT(only(&AuditFilter::text, "w_th"), IsEmpty());
}

TEST_P(AuditLogTest, ACleanEndLosesNothing) {
  AuditLog::Options slow;
  slow.gather = std::chrono::hours(1);
  Open(slow);
  for (const char* path : {"/1", "/2"}) Record(Entry(path));
  Open({});
  EXPECT_THAT(Paths(), ElementsAre("/2", "/1"));
}

TEST_P(AuditLogTest, WhatIsOldGoes) {
  Record(Entry("/old"));
  audit_->Flush();
  clock_.Advance(AuditLog::Options().age + std::chrono::hours(1));
  Record(Entry("/new"));
  EXPECT_THAT(Paths(), ElementsAre("/new"));
}

TEST_P(AuditLogTest, AnAccountPushesOutItsOwnEntriesOnly) {
  AuditLog::Options few;
  few.entries = 2;
  Open(few);
  AuditEntry others = Entry("/others");
  others.account = {"other"};
  Record(others);
  for (const char* path : {"/1", "/2", "/3"}) Record(Entry(path));
  EXPECT_THAT(Paths(), ElementsAre("/3", "/2"));
  EXPECT_EQ(audit_->Find({"other"}, {}).value().entries.size(), 1U);
}

TEST_P(AuditLogTest, WhoFloodsPushesOutTheirOwnEntriesOnly) {
  AuditLog::Options few;
  few.entries = 6;
  Open(few);
  AuditEntry others = Entry("/others");
  others.token = {"t2"};
  Record(others);
  Record(Entry("/done"));
  for (int i = 0; i < 20; ++i) {
    AuditEntry refused = Entry(fmt::format("/refused/{}", i));
    refused.outcome =
        i % 2 == 0 ? AuditOutcome::kRefused : AuditOutcome::kFailed;
    Record(refused);
    audit_->Flush();
  }
  EXPECT_THAT(Paths(), ElementsAre("/refused/19", "/refused/18", "/refused/17",
                                   "/refused/16", "/done", "/others"));
}

TEST_P(AuditLogTest, ManyTokensHaveNoMoreRoomThanOne) {
  AuditLog::Options few;
  few.entries = 3;
  Open(few);
  for (int i = 0; i < 8; ++i) {
    AuditEntry entry = Entry(fmt::format("/{}", i));
    entry.token = {fmt::format("t{}", i)};
    Record(entry);
  }
  EXPECT_THAT(Paths(), ElementsAre("/7", "/6", "/5"));
}

TEST_P(AuditLogTest, EntriesWaitForTheDatabaseAndWhatFindsNoRoomIsTold) {
  AwayDatabase database(*ground_.database);
  CountingLog told;
  AuditLog::Options short_queue;
  short_queue.longest_queue = 2;
  audit_ = AuditLog::Open(database, clock_, told, short_queue).value();
  database.away = true;
  Record(Entry("/1"));
  audit_->Flush();
  Record(Entry("/2"));
  Record(Entry("/3"));
  EXPECT_EQ(told.errors, 1);
  database.away = false;
  while (Paths().size() < 2) std::this_thread::yield();
  EXPECT_THAT(Paths(), ElementsAre("/2", "/1"));
  database.away = true;
  Record(Entry("/4"));
  audit_.reset();
  EXPECT_EQ(told.errors, 2);
}

TEST_P(AuditLogTest, BytesOfClientsBecomeText) {
  AuditEntry odd = Entry(std::string("/\xff\0\n", 4));
  odd.user_agent = std::string(5000, 'x') + "\xc3";
  Record(odd);
  EXPECT_THAT(Paths(), ElementsAre("/???"));
}

}  // namespace
}  // namespace caravel::registry

#include "registry/asset_uploads.h"

#include "registry/registry_fixture.h"
#include "storage/testing/new_postgres.h"

namespace caravel::registry {
namespace {

// Counts the transactions that it passes on.
class CountingDatabase final : public storage::Database {
 public:
  explicit CountingDatabase(Database& database) : database_(database) {}
  Attempt TryOnce(Mode mode, const Body& body) override {
    ++transactions;
    return database_.TryOnce(mode, body);
  }

  int transactions = 0;

 private:
  Database& database_;
};

// Keeps how SQLite goes about the queries that it passes on.
class PlannedDatabase final : public storage::Database {
 public:
  explicit PlannedDatabase(Database& database) : database_(database) {}
  Attempt TryOnce(Mode mode, const Body& body) override {
    return database_.TryOnce(mode, [&](storage::Transaction& transaction) {
      Planned planned(transaction, plans);
      return body(planned);
    });
  }

  std::vector<std::string> plans;

 private:
  class Planned final : public storage::Transaction {
   public:
    Planned(Transaction& transaction, std::vector<std::string>& plans)
        : transaction_(transaction), plans_(plans) {}
    Result<storage::SqlAnswer> Run(
        std::string_view sql,
        std::span<const storage::SqlValue> values) override {
      if (sql.starts_with("SELECT")) {
        CARAVEL_TRY(const storage::SqlAnswer plan,
                    transaction_.Run(fmt::format("EXPLAIN QUERY PLAN {}", sql),
                                     values));
        for (const storage::SqlRow& row : plan.rows) {
          plans_.push_back(row.Text(3));
        }
      }
      return transaction_.Run(sql, values);
    }
    Status ExecuteScript(std::string_view sql) override {
      return transaction_.ExecuteScript(sql);
    }
    Status Lock(std::string_view name) override {
      return transaction_.Lock(name);
    }
    void AfterCommit(std::function<void()> done) override {
      transaction_.AfterCommit(std::move(done));
    }

   private:
    Transaction& transaction_;
    std::vector<std::string>& plans_;
  };

  Database& database_;
};

class AssetUploadsTest : public RegistryTest {
 protected:
  static AssetFile FileOf(std::string name) {
    AssetFile file = {.name = std::move(name), .type = "", .forms = {}};
    file.forms[0] = {std::string(64, 'a'), 1};
    return file;
  }
};

INSTANTIATE_TEST_SUITE_P(Sqlite, AssetUploadsTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Registry"; });
INSTANTIATE_TEST_SUITE_P(Postgres, AssetUploadsTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Registry"; });

TEST_P(AssetUploadsTest, AnAccountHasSoManySessionsAtMost) {
  AssetUploads uploads(*ground_.database, clock_, {.sessions = 2});
  ASSERT_TRUE(uploads.Begin(account_.id, "a"));
  ASSERT_TRUE(uploads.Begin(account_.id, "b"));
  const auto refused = uploads.Begin(account_.id, "c");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kLimit);
  EXPECT_EQ(refused.error().message(),
            "the account has begun 2 uploads of assets in the last 3 hours "
            "that have not ended, or ended less than 10 minutes ago, as many "
            "as it may");
  EXPECT_TRUE(uploads.Begin(account_.id, "b"));
  const AccountId other = registry_->accounts().Create("Other", {}).value().id;
  EXPECT_TRUE(uploads.Begin(other, "c"));
}

TEST_P(AssetUploadsTest, ManifestsOfAnAccountTakeSoMuchAtMost) {
  AssetUploads uploads(*ground_.database, clock_, {.manifest_bytes = 10});
  ASSERT_TRUE(uploads.Begin(account_.id, "12345678"));
  const auto refused = uploads.Begin(account_.id, "123");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kLimit);
  EXPECT_EQ(refused.error().message(),
            "the list of files of this upload of assets and of the 1 that the "
            "account has begun in the last 3 hours and that have not ended, or "
            "ended less than 10 minutes ago, take 11 bytes together, and may "
            "take 10");
  EXPECT_TRUE(uploads.Begin(account_.id, "12"));
}

TEST_P(AssetUploadsTest, SessionsThatHaveEndedMakeRoomTheOldestFirst) {
  AssetUploads uploads(*ground_.database, clock_,
                       {.sessions = 3, .manifest_bytes = 12});
  const std::string open = uploads.Begin(account_.id, "open").value();
  clock_.Advance(std::chrono::seconds(1));
  const std::string older = uploads.Begin(account_.id, "old1").value();
  clock_.Advance(std::chrono::seconds(1));
  const std::string newer = uploads.Begin(account_.id, "old2").value();
  ASSERT_TRUE(uploads.End(account_.id, newer));
  ASSERT_TRUE(uploads.End(account_.id, older));
  clock_.Advance(kEndedSessionStay);

  EXPECT_TRUE(uploads.Begin(account_.id, "next"));
  EXPECT_TRUE(uploads.Manifest(account_.id, open));
  EXPECT_FALSE(uploads.Manifest(account_.id, older));
  EXPECT_TRUE(uploads.Manifest(account_.id, newer));
  // Nothing is dropped for one that does not fit even then.
  EXPECT_FALSE(uploads.Begin(account_.id, "too large"));
  EXPECT_TRUE(uploads.Manifest(account_.id, newer));
}

// Two jobs that deploy the same files have one session.
TEST_P(AssetUploadsTest, ASessionThatHasJustEndedMakesNoRoom) {
  AssetUploads uploads(*ground_.database, clock_, {.sessions = 1});
  const std::string shared = uploads.Begin(account_.id, "same").value();
  ASSERT_EQ(uploads.Begin(account_.id, "same").value(), shared);
  clock_.Advance(std::chrono::hours(1));
  ASSERT_TRUE(uploads.End(account_.id, shared));
  clock_.Advance(kEndedSessionStay - std::chrono::milliseconds(1));
  EXPECT_FALSE(uploads.Begin(account_.id, "another"));
  EXPECT_TRUE(uploads.Manifest(account_.id, shared));

  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(uploads.Begin(account_.id, "another"));
  EXPECT_FALSE(uploads.Manifest(account_.id, shared));
}

TEST_P(AssetUploadsTest, SessionsThatHaveExpiredAreNotCounted) {
  AssetUploads uploads(*ground_.database, clock_,
                       {.sessions = 1, .manifest_bytes = 10});
  ASSERT_TRUE(uploads.Begin(account_.id, "12345678"));
  clock_.Advance(kUploadSessionLife);
  EXPECT_TRUE(uploads.Begin(account_.id, "1234"));
}

TEST_P(AssetUploadsTest, ASessionOfAnOlderSchemaCountsWithItsSize) {
  AssetUploads uploads(*ground_.database, clock_, {.manifest_bytes = 10});
  ASSERT_TRUE(uploads.Begin(account_.id, "12345678"));
  // As the schema was before the sizes.
  ASSERT_TRUE(ground_.database->Transact(
      [](storage::Transaction& transaction) -> Status {
        CARAVEL_TRY(transaction.ExecuteScript(
            "DROP INDEX upload_sessions_by_account; "
            "ALTER TABLE upload_sessions DROP COLUMN bytes"));
        CARAVEL_TRY(transaction.Execute(
            "DELETE FROM schema_migrations WHERE room = ? AND name = ?",
            "registry", "sizes of upload sessions"));
        return {};
      }));
  OpenOn(*ground_.database);
  EXPECT_FALSE(uploads.Begin(account_.id, "123"));
  EXPECT_TRUE(uploads.Begin(account_.id, "12"));
}

TEST_P(AssetUploadsTest, ManyNamesAreLookedUpInSeveralTransactions) {
  constexpr size_t kNames = 1200;
  CountingDatabase counting(*ground_.database);
  AssetUploads uploads(counting, clock_);
  std::vector<std::string> names;
  std::vector<AssetFile> files;
  for (size_t i = 0; i < kNames; ++i) {
    names.push_back(fmt::format("{:032}", i));
    if (i != 700) files.push_back(FileOf(names.back()));
  }
  ASSERT_TRUE(uploads.Keep(account_.id, files));
  counting.transactions = 0;
  EXPECT_EQ(uploads.Find(account_.id, names).value(), files);
  EXPECT_EQ(counting.transactions, 3);
  EXPECT_EQ(uploads.Find(account_.id, names, /*all_or_first=*/true)->size(),
            700U);
  EXPECT_EQ(counting.transactions, 5);
}

class AssetUploadsPlanTest : public AssetUploadsTest {};

INSTANTIATE_TEST_SUITE_P(Sqlite, AssetUploadsPlanTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Registry"; });

// An account's manifests may have 256 MB together.
TEST_P(AssetUploadsPlanTest, NoManifestIsReadWhenASessionBegins) {
  PlannedDatabase planned(*ground_.database);
  AssetUploads uploads(planned, clock_);
  ASSERT_TRUE(uploads.Begin(account_.id, "a"));
  EXPECT_THAT(planned.plans,
              ::testing::ElementsAre(::testing::StartsWith(
                  "SEARCH upload_sessions USING COVERING INDEX "
                  "upload_sessions_by_account (account=? AND since>?)")));
}

}  // namespace
}  // namespace caravel::registry

#include "storage/postgres_database.h"

#include "storage/database_contract.h"
#include "storage/database_log.h"
#include "storage/kv_store_contract.h"
#include "storage/log_contract.h"
#include "storage/testing/new_postgres.h"
#include "storage/testing/postgres_server.h"

namespace caravel::storage {
namespace {

using ::testing::HasSubstr;

constexpr size_t kConnections = 4;

std::unique_ptr<Database> OpenPostgres(const std::string& address) {
  return PostgresDatabase::Open(address, kConnections).value();
}

INSTANTIATE_TEST_SUITE_P(Postgres, DatabaseContract,
                         ::testing::Values(&NewPostgres),
                         [](const auto&) { return "Engine"; });

TestLog MakeLogOnPostgres() {
  TestLog test;
  test.database = NewPostgres();
  if (test.database.database != nullptr) {
    test.log = DatabaseLog::Open(*test.database.database).value();
  }
  return test;
}

INSTANTIATE_TEST_SUITE_P(Postgres, LogContract,
                         ::testing::Values(&MakeLogOnPostgres),
                         [](const auto&) { return "Log"; });

INSTANTIATE_TEST_SUITE_P(Postgres, KvStoreContract,
                         ::testing::Values(&NewPostgres),
                         [](const auto&) { return "Kv"; });

class PostgresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::IsInstalled()) GTEST_SKIP() << kNoPostgres;
  }

  static Status AddOne(Database& database) {
    return database.Transact([](Transaction& transaction) -> Status {
      CARAVEL_TRY(transaction.Execute("UPDATE t SET n = n + 1"));
      return {};
    });
  }
};

TEST_F(PostgresTest, AServerThatIsKilledIsUnavailableAndRecovers) {
  const auto server = PostgresServer::Start().value();
  const auto database = OpenPostgres(server->MakeDatabase("t").value());
  ASSERT_TRUE(database->Transact([](Transaction& transaction) {
    return transaction.ExecuteScript(
        "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)");
  }));
  ASSERT_TRUE(AddOne(*database));

  const Status killed =
      database->Transact([&](Transaction& transaction) -> Status {
        CARAVEL_TRY(transaction.Execute("UPDATE t SET n = 100"));
        server->Kill();
        CARAVEL_TRY(transaction.Execute("UPDATE t SET n = 200"));
        return {};
      });
  ASSERT_FALSE(killed);
  EXPECT_EQ(CodeOf(killed), ErrorCode::kUnavailable);
  EXPECT_THAT(MessageOf(killed), HasSubstr("PostgreSQL is away"));
  EXPECT_EQ(CodeOf(AddOne(*database)), ErrorCode::kUnavailable);

  ASSERT_TRUE(server->StartAgain());
  ASSERT_TRUE(AddOne(*database));
  const auto rows = database->Read([](Transaction& transaction) {
    return transaction.Query("SELECT n FROM t");
  });
  EXPECT_EQ(rows.value()[0].Integer(0), 3);
}

TEST_F(PostgresTest, ACommitThatBreaksLeavesItOpenWhetherItHappened) {
  const auto server = PostgresServer::Start().value();
  const auto database = OpenPostgres(server->MakeDatabase("t").value());
  const Status status =
      database->Transact([&](Transaction& transaction) -> Status {
        CARAVEL_TRY(transaction.ExecuteScript("CREATE TABLE t (n INTEGER)"));
        server->Kill();
        return {};
      });
  EXPECT_EQ(CodeOf(status), ErrorCode::kUnavailable);
  EXPECT_THAT(MessageOf(status), HasSubstr("may or may not have been made"));
}

TEST_F(PostgresTest, ADeadlockIsTriedAgainUntilBothAreDone) {
  const std::string address = NewPostgresAddress();
  const auto database = OpenPostgres(address);
  ASSERT_TRUE(database->Transact([](Transaction& transaction) {
    return transaction.ExecuteScript(
        "CREATE TABLE t (id INTEGER, n INTEGER);"
        "INSERT INTO t VALUES (1, 0); INSERT INTO t VALUES (2, 0)");
  }));
  // Each thread has updated its first row when it asks for the other's.
  std::atomic<int> holding = 0;
  std::atomic<int> attempts = 0;
  const auto update_both = [&](int first, int second) {
    const Status status =
        database->Transact([&](Transaction& transaction) -> Status {
          ++attempts;
          CARAVEL_TRY(transaction.Execute("UPDATE t SET n = n + 1 WHERE id = ?",
                                          first));
          ++holding;
          while (holding < 2) std::this_thread::yield();
          CARAVEL_TRY(transaction.Execute("UPDATE t SET n = n + 1 WHERE id = ?",
                                          second));
          return {};
        });
    EXPECT_TRUE(status) << MessageOf(status);
  };
  std::thread one([&] { update_both(1, 2); });
  std::thread two([&] { update_both(2, 1); });
  one.join();
  two.join();
  // The one that was given up may get in the other's way once more.
  EXPECT_GE(attempts, 3);
  const auto rows = database->Read([](Transaction& transaction) {
    return transaction.Query("SELECT n FROM t");
  });
  EXPECT_EQ(rows.value()[0].Integer(0), 2);
  EXPECT_EQ(rows.value()[1].Integer(0), 2);
}

TEST_F(PostgresTest, AnAddressThatLeadsNowhereIsUnavailable) {
  const TempFolder folder;
  const auto opened =
      PostgresDatabase::Open("host=" + folder.path() + " dbname=x", 1);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(opened.error().remedy(), HasSubstr("see that the server runs"));
}

TEST_F(PostgresTest, AMissingDatabaseIsDeniedByName) {
  std::string address = NewPostgresAddress();
  address.replace(address.find("dbname="), std::string::npos, "dbname=absent");
  const auto opened = PostgresDatabase::Open(address, 1);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kDenied);
  EXPECT_THAT(opened.error().message(),
              HasSubstr("database \"absent\" does not exist"));
}

}  // namespace
}  // namespace caravel::storage

#include "storage/sqlite_database.h"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "storage/database_contract.h"
#include "storage/testing/new_sqlite.h"
#include "storage/testing/temp_folder.h"

namespace caravel::storage {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<Database> OpenSqlite(const std::string& path) {
  return SqliteDatabase::Open(path).value();
}

INSTANTIATE_TEST_SUITE_P(Sqlite, DatabaseContract,
                         ::testing::Values(&NewSqlite),
                         [](const auto&) { return "Engine"; });

// What opening `path` says, tried by a user who may not do everything.
std::string OpenUnprivileged(const std::string& path) {
  int ends[2] = {-1, -1};
  CARAVEL_CHECK(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(1);
    const auto opened = SqliteDatabase::Open(path);
    const std::string text = opened ? "opened" : opened.error().ToText();
    ::_exit(::write(ends[1], text.data(), text.size()) < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t got = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text;
}

class SqliteFileTest : public ::testing::Test {
 protected:
  Error OpenFailure() { return SqliteDatabase::Open(path_).error().Clone(); }

  void FillTable(int rows) {
    const auto database = OpenSqlite(path_);
    ASSERT_TRUE(database->Transact([&](Transaction& transaction) -> Status {
      CARAVEL_TRY(transaction.ExecuteScript("CREATE TABLE t (x TEXT)"));
      for (int i = 0; i < rows; ++i) {
        CARAVEL_TRY(transaction.Execute("INSERT INTO t VALUES (?)",
                                        std::string(1000, 'x')));
      }
      return {};
    }));
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "c.db";
};

TEST_F(SqliteFileTest, AFileThatIsNoDatabaseIsNamedWithTheRemedy) {
  std::ofstream(path_) << std::string(4096, 'x');
  const Error error = OpenFailure();
  EXPECT_EQ(error.code(), ErrorCode::kInternal);
  EXPECT_THAT(error.message(),
              HasSubstr("database file " + path_ +
                        " is corrupt: file is not a database"));
  EXPECT_THAT(error.remedy(), HasSubstr("restore the file from a backup"));
}

TEST_F(SqliteFileTest, DamageInTheMiddleIsFoundWhenTheFileIsOpened) {
  FillTable(100);
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096 * 3);
  file << std::string(4096, '\xAA');
  file.close();
  EXPECT_THAT(OpenFailure().message(), HasSubstr("is corrupt"));
}

TEST_F(SqliteFileTest, AMissingFolderIsNamed) {
  const auto opened = SqliteDatabase::Open(folder_ / "none/c.db");
  EXPECT_EQ(opened.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(opened.error().message(), HasSubstr("its folder does not exist"));
}

TEST_F(SqliteFileTest, AReadOnlyFolderIsDenied) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0555));
  EXPECT_THAT(OpenUnprivileged(path_), HasSubstr("cannot be written"));
  EXPECT_THAT(OpenUnprivileged(path_), HasSubstr("choose another data folder"));
}

TEST_F(SqliteFileTest, AFullDiskIsALimitAndLeavesTheOldState) {
  FillTable(1);
  const auto database = OpenSqlite(path_);
  const auto insert = [](Transaction& transaction) {
    return transaction.Execute("INSERT INTO t VALUES (?)",
                               std::string(100'000, 'x'));
  };
  ASSERT_TRUE(database->Transact([](Transaction& transaction) {
    return transaction.Query("PRAGMA max_page_count = 4");
  }));
  const auto full = database->Transact(insert);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::kNoSpace);
  EXPECT_EQ(full.error().message(), "disk full: cannot write to " + path_);
  ASSERT_TRUE(database->Transact([](Transaction& transaction) {
    return transaction.Query("PRAGMA max_page_count = 1000000");
  }));
  const auto rows = database->Transact([](Transaction& transaction) {
    return transaction.Query("SELECT count(*) FROM t");
  });
  EXPECT_EQ(rows.value()[0].Integer(0), 1);
  EXPECT_TRUE(database->Transact(insert));
}

TEST_F(SqliteFileTest, CommitsAreSyncedToAWriteAheadLog) {
  const auto database = OpenSqlite(path_);
  const auto pragma = [&](const std::string& name) {
    return database->Transact([&](Transaction& transaction) {
      return transaction.Query("PRAGMA " + name);
    });
  };
  EXPECT_EQ(pragma("journal_mode").value()[0].Text(0), "wal");
  EXPECT_EQ(pragma("synchronous").value()[0].Integer(0), 2);  // FULL
}

TEST_F(SqliteFileTest, AProcessThatHoldsTheFileTooLongIsAConflict) {
  FillTable(0);
  const auto mine = OpenSqlite(path_);
  const auto theirs = OpenSqlite(path_);
  int attempts = 0;
  const Status status = theirs->Transact([&](Transaction& holder) -> Status {
    CARAVEL_TRY(holder.Execute("INSERT INTO t VALUES ('a')"));
    const Database::Attempt attempt =
        mine->TryOnce(Database::Mode::kWrite, [&](Transaction&) {
          ++attempts;
          return Status();
        });
    EXPECT_TRUE(attempt.in_conflict);
    EXPECT_EQ(MessageOf(attempt.status),
              "database file " + path_ + " is in use by another process");
    return {};
  });
  EXPECT_TRUE(status) << MessageOf(status);
  EXPECT_EQ(attempts, 0);
}

}  // namespace
}  // namespace caravel::storage

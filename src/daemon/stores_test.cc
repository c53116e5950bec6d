#include "daemon/stores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "daemon/client/testing/temporary_folder.h"
#include "daemon/testing/published_values.h"

namespace caravel::daemon {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Keeps each warning as one line.
class RememberingLog final : public base::Log {
 public:
  void Write(base::LogLevel level, std::string_view event,
             Values values) override {
    if (level != base::LogLevel::kWarning) return;
    warnings.push_back(
        base::FormatLogLine(base::LogFormat::kText, {}, level, event, values));
  }
  std::vector<std::string> warnings;
};

class StoresTest : public testing::Test {
 protected:
  StoresTest() { temporary_.Make("logs"); }

  // What a start of caraveld finds.
  Status Open(Stores& stores) { return stores.Open(launch_, folder_); }

  // A start that publishes "shop", and its end.
  void RunOnce() {
    Stores stores;
    ASSERT_TRUE(Open(stores));
    ASSERT_TRUE(stores.snapshot_file->Save(published_));
    AlterDatabase("INSERT INTO log_topics VALUES ('published', 3, 0)");
  }
  void Damage(const std::string& name) {
    temporary_.Write(name, std::string(9999, 'x'));
  }
  void AlterDatabase(std::string_view script) {
    const auto database =
        storage::SqliteDatabase::Open(temporary_.path("database.sqlite"))
            .value();
    ASSERT_TRUE(database->Transact([&](storage::Transaction& work) {
      return work.ExecuteScript(script);
    }));
  }
  void Lose(const std::string& name) {
    std::filesystem::remove(temporary_.path(name));
    std::filesystem::remove(temporary_.path(name + "-wal"));
    std::filesystem::remove(temporary_.path(name + "-shm"));
  }

  testing_support::TemporaryFolder temporary_;
  const DataFolder folder_{temporary_.path()};
  const registry::Snapshot published_{registry::Sequence{3},
                                      {WorkerAt("shop", "1")}};
  base::SystemClock clock_;
  RememberingLog log_;
  Launch launch_{.config = {},
                 .files = {},
                 .ready = {},
                 .serve = {},
                 .clock = clock_,
                 .log = log_};
};

TEST_F(StoresTest, AreMadeOnAFirstStart) {
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_FALSE(stores.problem);
  EXPECT_FALSE(stores.records->first.token.empty());
  EXPECT_TRUE(stores.MakeSource()->Load()->workers.empty());
}

TEST_F(StoresTest, ServeTheSnapshotWithoutADamagedDatabase) {
  RunOnce();
  Damage("database.sqlite");
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_EQ(stores.records, nullptr);
  EXPECT_EQ(stores.MakeSource()->Load().value(), published_);
  EXPECT_EQ(stores.problem->code(), ErrorCode::kUnavailable);
  EXPECT_THAT(stores.problem->message(),
              HasSubstr(temporary_.path("database.sqlite") + " is corrupt"));
  EXPECT_THAT(stores.problem->remedy(), HasSubstr("from a backup, then start"));
}

TEST_F(StoresTest, ServeTheSnapshotWhenTheDatabaseOpensButCannotBeRead) {
  RunOnce();
  AlterDatabase("ALTER TABLE workers RENAME TO lost");
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_EQ(stores.MakeSource()->Load().value(), published_);
  EXPECT_THAT(stores.problem->message(), HasSubstr("workers"));
}

TEST_F(StoresTest, KeepTheApiOnWhenTheTokenFileCannotBeWritten) {
  RunOnce();
  Lose("token");
  temporary_.Make("token");  // a folder: no file can take its place
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_FALSE(stores.problem);
  EXPECT_TRUE(
      stores.records->registry->tokens().Find(stores.records->first.token));
  EXPECT_THAT(log_.warnings, Contains(HasSubstr(temporary_.path("token"))));
}

TEST_F(StoresTest, KeepTheApiOnWhenOldChangesCannotBeRemoved) {
  RunOnce();
  AlterDatabase(R"(
    UPDATE log_topics SET newest = 10001;
    CREATE TRIGGER full BEFORE UPDATE ON log_topics
    BEGIN SELECT RAISE(ABORT, 'the disk is full'); END)");
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_FALSE(stores.problem);
  EXPECT_THAT(log_.warnings, Contains(HasSubstr("the disk is full")));
}

TEST_F(StoresTest, MakeNoNewDatabaseWhereOneWasLost) {
  RunOnce();
  Lose("database.sqlite");
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_EQ(stores.MakeSource()->Load().value(), published_);
  EXPECT_THAT(stores.problem->message(), HasSubstr("is missing, though"));
  EXPECT_FALSE(std::filesystem::exists(temporary_.path("database.sqlite")));
}

TEST_F(StoresTest, SayOfALostDatabaseNothingThatWasNeverPublished) {
  {
    Stores stores;
    ASSERT_TRUE(Open(stores));
    ASSERT_TRUE(stores.snapshot_file->Save({}));
  }
  Lose("database.sqlite");
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_THAT(stores.problem->message(),
              HasSubstr("is missing, though this folder had one"));
  EXPECT_THAT(stores.problem->message(), Not(HasSubstr("published from")));
}

TEST_F(StoresTest, TakeAnEmptyDatabaseFileForALostOne) {
  RunOnce();
  Lose("database.sqlite");
  temporary_.Write("database.sqlite", "");
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_THAT(stores.problem->message(), HasSubstr("is empty, though"));
}

TEST_F(StoresTest, RefuseADamagedDatabaseWithoutASnapshot) {
  RunOnce();
  Damage("database.sqlite");
  Lose("published.0");
  Lose("published.1");
  Stores stores;
  const Status opened = Open(stores);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message(), HasSubstr("is corrupt"));
}

TEST_F(StoresTest, RefuseALostDatabaseWhenTheSnapshotIsDamagedToo) {
  RunOnce();
  Lose("database.sqlite");
  Damage("published.0");
  Damage("published.1");
  Stores stores;
  const Status opened = Open(stores);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message(), HasSubstr("is missing, though"));
  EXPECT_THAT(opened.error().remedy(), HasSubstr("published.*"));
}

TEST_F(StoresTest, KeepTheSnapshotThatIsNewerThanARestoredDatabase) {
  RunOnce();
  AlterDatabase("UPDATE log_topics SET newest = 2");
  {
    Stores stores;
    ASSERT_TRUE(Open(stores));
    EXPECT_FALSE(stores.problem);
    EXPECT_EQ(stores.MakeSource()->Load()->sequence, registry::Sequence{2});
    const std::string kept = temporary_.path("published.kept.3");
    EXPECT_THAT(log_.warnings, Contains(AllOf(HasSubstr("older than what was"),
                                              HasSubstr(kept))));
    for (int saves = 0; saves < 2; ++saves) {
      ASSERT_TRUE(stores.snapshot_file->Save({registry::Sequence{2}, {}}));
    }
  }
  Lose("database.sqlite");
  Lose("published.1");
  std::filesystem::rename(temporary_.path("published.kept.3"),
                          temporary_.path("published.0"));
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_EQ(stores.MakeSource()->Load().value(), published_);
}

TEST_F(StoresTest, KeepNoSnapshotThatTheDatabaseHasCaughtUpWith) {
  RunOnce();
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_TRUE(log_.warnings.empty());
  EXPECT_FALSE(std::filesystem::exists(temporary_.path("published.kept.3")));
}

TEST_F(StoresTest, OpenTheDatabaseAgainOnceItIsRestored) {
  RunOnce();
  std::filesystem::rename(temporary_.path("database.sqlite"),
                          temporary_.path("backup"));
  Damage("database.sqlite");
  {
    Stores stores;
    ASSERT_TRUE(Open(stores));
    ASSERT_TRUE(stores.problem);
  }
  Lose("database.sqlite");
  std::filesystem::rename(temporary_.path("backup"),
                          temporary_.path("database.sqlite"));
  Stores stores;
  ASSERT_TRUE(Open(stores));
  EXPECT_FALSE(stores.problem);
  EXPECT_NE(stores.records, nullptr);
}

}  // namespace
}  // namespace caravel::daemon

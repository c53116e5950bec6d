#include "registry/snapshot_file.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "storage/faulty_files.h"
#include "storage/testing/temp_folder.h"

namespace caravel::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Snapshot SnapshotAt(uint64_t sequence) {
  Version version;
  version.id = {"v"};
  version.bindings = {{"KEY", BindingType::kSecretText, "hush-hush"}};
  PublishedWorker worker;
  worker.name = "hello";
  worker.versions = {version};
  return {.sequence = {sequence}, .workers = {worker}};
}

class SnapshotFileTest : public ::testing::Test {
 protected:
  SnapshotFile Opened() { return OpenedOn(disk_); }
  SnapshotFile OpenedOn(storage::Files& files) {
    return SnapshotFile(folder_.path(), box_, files);
  }
  void Save(uint64_t sequence) {
    ASSERT_TRUE(Opened().Save(SnapshotAt(sequence)));
  }

  // The file whose snapshot was saved last.
  std::string NewestFile() {
    namespace fs = std::filesystem;
    const uint64_t newest = Opened().Load().snapshot->sequence.value;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const fs::path away = entry.path().string() + ".away";
      fs::rename(entry.path(), away);
      const auto loaded = Opened().Load();
      fs::rename(away, entry.path());
      if (!loaded.snapshot || loaded.snapshot->sequence.value != newest) {
        return entry.path();
      }
    }
    return "";
  }

  storage::TempFolder folder_;
  storage::SystemFiles disk_;
  const SecretBox box_{SecretBox::Key{7}};
};

TEST_F(SnapshotFileTest, AnEmptyFolderHasNone) {
  const auto loaded = Opened().Load();
  EXPECT_FALSE(loaded.snapshot.has_value());
  EXPECT_THAT(loaded.damage, IsEmpty());
}

TEST_F(SnapshotFileTest, TheNewestIsLoadedAndTwoAreKept) {
  SnapshotFile file = Opened();
  for (const uint64_t sequence : {5, 6, 7}) {
    ASSERT_TRUE(file.Save(SnapshotAt(sequence)));
    EXPECT_EQ(Opened().Load().snapshot, SnapshotAt(sequence));
  }
  std::filesystem::remove(NewestFile());
  EXPECT_EQ(Opened().Load().snapshot, SnapshotAt(6));
}

TEST_F(SnapshotFileTest, OneThatIsSavedAsideOutlivesSavesAndIsNotLoaded) {
  const Result<std::string> kept = Opened().SaveAside(SnapshotAt(9));
  ASSERT_TRUE(kept);
  EXPECT_FALSE(Opened().Load().snapshot.has_value());
  for (const uint64_t sequence : {5, 6, 7}) Save(sequence);
  EXPECT_EQ(Opened().Load().snapshot, SnapshotAt(7));

  // Under the name of one of the two it is one.
  std::filesystem::remove(folder_.path() + "/published.1");
  std::filesystem::rename(*kept, folder_.path() + "/published.0");
  EXPECT_EQ(Opened().Load().snapshot, SnapshotAt(9));
}

TEST_F(SnapshotFileTest, OfThoseSavedAsideAFewStayAndAlwaysTheLast) {
  for (const uint64_t sequence : {10, 20, 30, 40, 50, 5}) {
    ASSERT_TRUE(Opened().SaveAside(SnapshotAt(sequence)));
  }
  std::set<std::string> kept;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder_.path())) {
    kept.insert(entry.path().filename());
  }
  EXPECT_THAT(kept, testing::UnorderedElementsAre(
                        "published.kept.5", "published.kept.30",
                        "published.kept.40", "published.kept.50"));
}

TEST_F(SnapshotFileTest, OneThatWasSavedLaterWinsThoughItsSequenceIsLower) {
  Save(100);
  Save(3);
  EXPECT_EQ(Opened().Load().snapshot, SnapshotAt(3));
}

TEST_F(SnapshotFileTest, EveryDamageIsRefusedAndThePreviousUsed) {
  Save(1);
  Save(2);
  const std::string path = NewestFile();
  std::ifstream in(path, std::ios::binary);
  const std::string good(std::istreambuf_iterator<char>(in), {});
  for (size_t at = 0; at < good.size(); at += 7) {
    std::string bad = good;
    bad[at] ^= 4;
    std::ofstream(path, std::ios::binary) << bad;
    const auto loaded = Opened().Load();
    EXPECT_EQ(loaded.snapshot, SnapshotAt(1)) << at;
    ASSERT_EQ(loaded.damage.size(), 1U);
    EXPECT_THAT(loaded.damage[0].message(), HasSubstr(path));
  }
  std::ofstream(path, std::ios::binary) << good.substr(0, good.size() / 2);
  EXPECT_EQ(Opened().Load().snapshot, SnapshotAt(1));
  // The damaged file is the one to be replaced.
  Save(3);
  EXPECT_EQ(Opened().Load().snapshot, SnapshotAt(3));
  EXPECT_THAT(Opened().Load().damage, IsEmpty());
}

TEST_F(SnapshotFileTest, SecretsAreSealed) {
  Save(1);
  const std::string path = NewestFile();
  std::ifstream in(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  EXPECT_EQ(bytes.find("hush"), std::string::npos);
  const auto loaded =
      SnapshotFile(folder_.path(), SecretBox(SecretBox::Key{8}), disk_).Load();
  EXPECT_FALSE(loaded.snapshot.has_value());
  EXPECT_THAT(loaded.damage.at(0).message(), HasSubstr("key file"));
}

TEST_F(SnapshotFileTest, AnyCallThatFailsLeavesTheLastGoodOne) {
  for (const auto after : {storage::FaultyFiles::After::kGoOn,
                           storage::FaultyFiles::After::kStop}) {
    Save(1);
    bool failed = true;
    for (int fail_at = 1; failed; ++fail_at) {
      storage::FaultyFiles files(disk_, fail_at, after);
      const Status saved = OpenedOn(files).Save(SnapshotAt(2));
      failed = files.failed();
      const auto loaded = Opened().Load();
      ASSERT_TRUE(loaded.snapshot.has_value()) << fail_at;
      const uint64_t sequence = loaded.snapshot->sequence.value;
      EXPECT_TRUE(sequence == 2 || (!saved && sequence == 1)) << fail_at;
      Save(1);
    }
  }
}

}  // namespace
}  // namespace caravel::registry

#include "storage/disk_blobs.h"

#include <filesystem>
#include <fstream>

#include "storage/blobs_contract.h"
#include "storage/digest.h"
#include "storage/faulty_files.h"
#include "storage/testing/temp_folder.h"

namespace caravel::storage {
namespace {

using ::testing::HasSubstr;

struct DiskGround {
  TempFolder folder;
  SystemFiles files;
};

TestBlobs MakeOnDisk() {
  const auto ground = std::make_shared<DiskGround>();
  return {.ground = ground,
          .blobs =
              DiskBlobs::Open(ground->folder / "blobs", ground->files).value()};
}

INSTANTIATE_TEST_SUITE_P(Disk, BlobsContract, ::testing::Values(&MakeOnDisk),
                         [](const auto&) { return "Blobs"; });

class DiskBlobsTest : public ::testing::Test {
 protected:
  const std::string old_bytes_ = std::string(5000, 'o');
  const std::string new_bytes_ = std::string(5000, 'n');

  std::unique_ptr<DiskBlobs> OpenBlobs(Files& files) {
    return DiskBlobs::Open(root_, files).value();
  }

  std::string PathOf(const std::string& digest) {
    return root_ + "/" + digest.substr(0, 2) + "/" + digest;
  }

  size_t FilesInScratch() {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(root_ + "/scratch")) {
      ++count;
    }
    return count;
  }

  // The old blob is whole; the new one is absent or whole.
  void ExpectNothingLostNothingHalf(DiskBlobs& blobs) {
    EXPECT_TRUE(blobs.Verify(Sha256Hex(old_bytes_)));
    const Status verified = blobs.Verify(Sha256Hex(new_bytes_));
    EXPECT_TRUE(verified || verified.error().code() == ErrorCode::kNotFound)
        << verified.error().ToText();
  }

  TempFolder folder_;
  SystemFiles disk_;
  const std::string root_ = folder_ / "blobs";
};

TEST_F(DiskBlobsTest, EveryCallThatFailsLeavesBlobsWhole) {
  ASSERT_TRUE(OpenBlobs(disk_)->Put(old_bytes_));
  bool failed = true;
  int fail_at = 0;
  while (failed) {
    FaultyFiles files(disk_, ++fail_at, FaultyFiles::After::kGoOn);
    const auto opened = DiskBlobs::Open(root_, files);
    if (opened) {
      const auto put = (*opened)->Put(new_bytes_);
      if (put) {
        EXPECT_TRUE((*opened)->PutBeside(*put, "x", "y") || files.failed());
      }
      EXPECT_TRUE(put.has_value() || files.failed());
    }
    failed = files.failed();
    const auto again = OpenBlobs(disk_);
    ExpectNothingLostNothingHalf(*again);
    EXPECT_EQ(FilesInScratch(), 0U);
    ASSERT_TRUE(again->Put(new_bytes_)) << "a failure must not last";
    ASSERT_TRUE(again->Remove(Sha256Hex(new_bytes_)));
  }
  EXPECT_GT(fail_at, 15) << "the walk passed every call of opening and storing";
}

TEST_F(DiskBlobsTest, AMachineThatStopsAtAnyCallKeepsWhatWasAcknowledged) {
  ASSERT_TRUE(OpenBlobs(disk_)->Put(old_bytes_));
  bool failed = true;
  for (int fail_at = 1; failed; ++fail_at) {
    FaultyFiles files(disk_, fail_at, FaultyFiles::After::kStop);
    bool acknowledged = false;
    if (const auto opened = DiskBlobs::Open(root_, files)) {
      acknowledged = (*opened)->Put(new_bytes_).has_value();
    }
    failed = files.failed();
    const auto again = OpenBlobs(disk_);
    ExpectNothingLostNothingHalf(*again);
    EXPECT_EQ(FilesInScratch(), 0U);
    if (acknowledged) EXPECT_TRUE(again->Verify(Sha256Hex(new_bytes_)));
    ASSERT_TRUE(again->Remove(Sha256Hex(new_bytes_)));
  }
}

TEST_F(DiskBlobsTest, ASideFileIsReplacedWholeOrNotAtAll) {
  const std::string digest = OpenBlobs(disk_)->Put(old_bytes_).value();
  ASSERT_TRUE(OpenBlobs(disk_)->PutBeside(digest, "side", "old"));
  bool failed = true;
  for (int fail_at = 1; failed; ++fail_at) {
    FaultyFiles files(disk_, fail_at, FaultyFiles::After::kStop);
    if (const auto opened = DiskBlobs::Open(root_, files)) {
      (void)(*opened)->PutBeside(digest, "side", "new");
    }
    failed = files.failed();
    const auto side = OpenBlobs(disk_)->OpenBeside(digest, "side");
    const std::string content = base::ReadWholeFile(*side, 100).value();
    EXPECT_TRUE(content == "old" || content == "new") << content;
    ASSERT_TRUE(OpenBlobs(disk_)->PutBeside(digest, "side", "old"));
  }
}

TEST_F(DiskBlobsTest, DamageIsFoundByVerifying) {
  const auto blobs = OpenBlobs(disk_);
  const std::string digest = blobs->Put(old_bytes_).value();
  std::filesystem::permissions(PathOf(digest), std::filesystem::perms(0600));
  std::fstream(PathOf(digest), std::ios::in | std::ios::out) << "damage";
  const Status verified = blobs->Verify(digest);
  EXPECT_EQ(verified.error().code(), ErrorCode::kInternal);
  EXPECT_THAT(verified.error().message(), HasSubstr("was damaged"));
  EXPECT_THAT(verified.error().remedy(), HasSubstr("backup"));
}

TEST_F(DiskBlobsTest, ATruncatedFileIsReplacedByThePutOfTheSameBytes) {
  const auto blobs = OpenBlobs(disk_);
  const std::string digest = blobs->Put(old_bytes_).value();
  std::filesystem::resize_file(PathOf(digest), 7);
  ASSERT_TRUE(blobs->Put(old_bytes_));
  EXPECT_TRUE(blobs->Verify(digest));
}

TEST_F(DiskBlobsTest, AFolderThatCannotBeMadeIsNamed) {
  const auto opened = DiskBlobs::Open(folder_ / "none/blobs", disk_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(opened.error().message(), HasSubstr(folder_ / "none/blobs"));
}

}  // namespace
}  // namespace caravel::storage

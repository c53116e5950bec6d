#include "daemon/snapshot_writer.h"

#include <gtest/gtest.h>

#include "daemon/client/testing/temporary_folder.h"
#include "daemon/testing/published_values.h"
#include "storage/faulty_files.h"

namespace caravel::daemon {
namespace {

class SnapshotWriterTest : public testing::Test {
 protected:
  SnapshotWriterTest() {
    file_.emplace(temporary_.path(), secrets_, files_);
    writer_ = std::make_unique<SnapshotWriter>(*loop_, log_, state_, *file_);
  }

  void Publish(uint64_t sequence) {
    state_.Apply(ChangeTo(sequence, "a", std::to_string(sequence)));
    writer_->OnAdvance();
  }

  // What another caraveld would find.
  std::optional<registry::Snapshot> OnDisk() const {
    return registry::SnapshotFile(temporary_.path(), secrets_, files_)
        .Load()
        .snapshot;
  }

  bool Until(const std::function<bool()>& condition) {
    const auto deadline = clock_.Steady() + std::chrono::seconds(60);
    while (!condition()) {
      if (clock_.Steady() > deadline) return false;
      loop_->Poll(std::chrono::milliseconds(5));
    }
    return true;
  }

  testing_support::TemporaryFolder temporary_;
  const registry::SecretBox secrets_{registry::SecretBox::Key{}};
  mutable storage::SystemFiles files_;
  base::SystemClock clock_;
  base::NullLog log_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  PublishedState state_;
  std::optional<registry::SnapshotFile> file_;
  std::unique_ptr<SnapshotWriter> writer_;
};

TEST_F(SnapshotWriterTest, SavesWhatIsPublished) {
  Publish(1);
  EXPECT_TRUE(Until([&] { return OnDisk() == state_.ToSnapshot(); }));
}

TEST_F(SnapshotWriterTest, SavesTheNewestOfManyChanges) {
  for (uint64_t i = 1; i <= 500; ++i) Publish(i);
  EXPECT_TRUE(Until([&] { return OnDisk() == state_.ToSnapshot(); }));
}

TEST_F(SnapshotWriterTest, SavesWhatIsLeftWhenItEnds) {
  for (uint64_t i = 1; i <= 3; ++i) Publish(i);
  writer_.reset();
  EXPECT_EQ(OnDisk(), state_.ToSnapshot());
}

TEST_F(SnapshotWriterTest, KeepsTheLastSnapshotWhileNothingCanBeWritten) {
  Publish(1);
  writer_.reset();
  const std::optional<registry::Snapshot> before = OnDisk();
  storage::FaultyFiles full(files_, 1, storage::FaultyFiles::After::kStop);
  file_.emplace(temporary_.path(), secrets_, full);
  writer_ = std::make_unique<SnapshotWriter>(*loop_, log_, state_, *file_);
  Publish(2);
  writer_.reset();
  EXPECT_EQ(OnDisk(), before);
}

TEST_F(SnapshotWriterTest, TriesAgainWhicheverCallFailed) {
  bool failed = true;
  for (int fail_at = 1; failed; ++fail_at) {
    storage::FaultyFiles faulty(files_, fail_at,
                                storage::FaultyFiles::After::kGoOn);
    registry::SnapshotFile file(temporary_.path(), secrets_, faulty);
    writer_ = std::make_unique<SnapshotWriter>(*loop_, log_, state_, file,
                                               std::chrono::milliseconds(1));
    Publish(static_cast<uint64_t>(fail_at));
    EXPECT_TRUE(Until([&] { return OnDisk() == state_.ToSnapshot(); }))
        << "call " << fail_at;
    writer_.reset();
    failed = faulty.failed();
  }
}

}  // namespace
}  // namespace caravel::daemon

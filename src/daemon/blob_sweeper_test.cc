#include "daemon/blob_sweeper.h"

#include <gtest/gtest.h>

#include "registry/registry.h"
#include "storage/database_log.h"
#include "storage/disk_blobs.h"
#include "storage/files.h"
#include "storage/testing/new_sqlite.h"
#include "storage/testing/temp_folder.h"

namespace caravel::daemon {
namespace {

TEST(BlobSweeperTest, SweepsAgainAndAgainUntilItEnds) {
  const storage::TempFolder folder;
  storage::SystemFiles files;
  base::FakeClock clock;
  base::NullLog log;
  const storage::TestDatabase ground = storage::NewSqlite();
  const auto changes = storage::DatabaseLog::Open(*ground.database).value();
  const auto registry =
      registry::Registry::Open(*ground.database, *changes,
                               registry::SecretBox(registry::SecretBox::Key{7}),
                               clock, {""})
          .value();
  const auto blobs = storage::DiskBlobs::Open(folder / "blobs", files).value();
  registry::KeptBlobs kept(*ground.database, *blobs, clock);
  registry::BlobSweep::Options options;
  options.grace = std::chrono::minutes(0);
  registry::BlobSweep sweep(*ground.database, kept, clock, options);
  const BlobSweeper sweeper(sweep, log,
                            {.interval = std::chrono::milliseconds(1)});
  for (uint64_t i = 1; i <= 3; ++i) {
    const std::string blob = fmt::format("blob {}", i);
    const std::string_view bytes = blob;
    ASSERT_TRUE(kept.Put(std::span(&bytes, 1), registry::BlobKind::kPlain));
    while (sweep.removed() < i) std::this_thread::yield();
  }
}

}  // namespace
}  // namespace caravel::daemon

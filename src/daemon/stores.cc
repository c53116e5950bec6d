#include "daemon/stores.h"

namespace caravel::daemon {
namespace {

constexpr uint64_t kKeptChanges = 10'000;
constexpr std::string_view kDatabaseName = "database.sqlite";

class RegistrySource final : public PublishedSource {
 public:
  // `published` was read from the registry already: the first Load() takes it.
  RegistrySource(registry::Registry& registry, registry::Snapshot published)
      : registry_(registry), published_(std::move(published)) {}
  Result<registry::Snapshot> Load() override {
    if (published_) return *std::exchange(published_, std::nullopt);
    return registry_.LoadSnapshot();
  }
  Result<std::vector<registry::Change>> After(
      registry::Sequence after) override {
    constexpr size_t kMostAtOnce = 200;
    return registry_.ChangesAfter(after, kMostAtOnce);
  }

 private:
  registry::Registry& registry_;
  std::optional<registry::Snapshot> published_;
};

// Nothing is published while the database is away.
class LastKnownSource final : public PublishedSource {
 public:
  explicit LastKnownSource(const registry::Snapshot& snapshot)
      : snapshot_(snapshot) {}
  Result<registry::Snapshot> Load() override { return snapshot_; }
  bool MayLag() const override { return true; }
  Result<std::vector<registry::Change>> After(registry::Sequence) override {
    return std::vector<registry::Change>();
  }

 private:
  const registry::Snapshot& snapshot_;
};

// See Stores: a database is not made where one is missing.
Status CheckNotMissing(storage::Files& files, const std::string& path,
                       const DataFolder& folder) {
  CARAVEL_TRY(const std::optional<uint64_t> size, files.Size(path));
  if (size.value_or(0) > 0) return {};
  return Error(ErrorCode::kNotFound,
               fmt::format("database file {} is {}, though this folder had one",
                           path, size ? "empty" : "missing"))
      .Remedy(fmt::format("restore it from a backup; to begin anew instead, "
                          "move {} away",
                          folder.At("published.*")));
}

Result<std::unique_ptr<Records>> OpenRecords(const Launch& launch,
                                             const DataFolder& folder,
                                             const registry::SecretBox& secrets,
                                             storage::Blobs& blobs,
                                             storage::Blobs& kv_values,
                                             const std::string& path) {
  auto records = std::make_unique<Records>();
  CARAVEL_TRY(records->database, storage::SqliteDatabase::Open(path));
  CARAVEL_TRY(records->changes, storage::DatabaseLog::Open(*records->database));
  CARAVEL_TRY(
      records->registry,
      registry::Registry::Open(*records->database, *records->changes, secrets,
                               launch.clock, {.domain = launch.config.domain}));
  records->kept_blobs = std::make_unique<registry::KeptBlobs>(
      *records->database, blobs, launch.clock);
  records->asset_uploads = std::make_unique<registry::AssetUploads>(
      *records->database, launch.clock);
  records->blob_sweep = std::make_unique<registry::BlobSweep>(
      *records->database, *records->kept_blobs, launch.clock);
  records->crons =
      std::make_unique<registry::Crons>(*records->database, launch.clock);
  CARAVEL_TRY(records->kv_reads, storage::SqliteDatabase::Open(path));
  CARAVEL_TRY(records->kv,
              storage::KvStore::Open(*records->database, *records->kv_reads,
                                     kv_values, launch.clock));
  CARAVEL_TRY(records->kv_namespaces,
              registry::KvNamespaces::Open(*records->database, *records->kv,
                                           launch.clock));
  registry::AuditLog::Options audit_options;
  audit_options.age = std::chrono::hours(24) * launch.config.audit_days;
  CARAVEL_TRY(records->audit,
              registry::AuditLog::Open(*records->database, launch.clock,
                                       launch.log, audit_options));
  if (Status trimmed = records->registry->TrimChanges(kKeptChanges); !trimmed) {
    launch.log.Warning("old changes are not removed from the database",
                       {{"reason", trimmed.error().ToText()}});
  }
  CARAVEL_TRY(records->published, records->registry->LoadSnapshot());
  CARAVEL_TRY(records->first, EnsureFirstAccount(*records->registry, folder));
  if (records->first.not_kept) {
    launch.log.Warning("the first account's token holds until the next start",
                       {{"reason", records->first.not_kept->ToText()}});
  }
  return records;
}

// An older backup of the database is served, as who restored it wants; but what
// was published since it was made is on record in the newest snapshot only,
// which the next save replaces.
void KeepIfNewer(const registry::Snapshot& snapshot,
                 const registry::Snapshot& published,
                 registry::SnapshotFile& file, base::Log& log) {
  if (snapshot.sequence <= published.sequence) return;
  const Result<std::string> kept = file.SaveAside(snapshot);
  log.Warning(
      "the database is older than what was published last: what it says is "
      "served",
      {{"database", published.sequence.value},
       {"published", snapshot.sequence.value},
       {"kept", kept ? *kept : "nothing: " + kept.error().ToText()},
       {"remedy", "restore a newer backup, or deploy again what is missing"}});
}

Error ServedWithoutDatabase(const Error& reason) {
  return Error(ErrorCode::kUnavailable,
               fmt::format("the API is off and Workers are served as they were "
                           "last published: {}",
                           reason.message()))
      .Remedy(reason.remedy().empty()
                  ? "mend the database, then start Caravel again"
                  : reason.remedy() + ", then start Caravel again");
}

}  // namespace

Status Stores::Open(const Launch& launch, const DataFolder& folder) {
  CARAVEL_TRY(blobs, storage::DiskBlobs::Open(folder.At("blobs"), files));
  CARAVEL_TRY(kv_values, storage::DiskBlobs::Open(folder.At("kv"), files));
  CARAVEL_TRY(const registry::SecretBox secrets,
              registry::SecretBox::Open(folder.At("secret.key")));
  CARAVEL_TRY(
      logs,
      LogStore::Open(folder.logs(),
                     {.bytes = uint64_t{launch.config.log_megabytes} << 20,
                      .age = std::chrono::hours(24) * launch.config.log_days},
                     launch.clock, launch.log));
  snapshot_file =
      std::make_unique<registry::SnapshotFile>(folder.path(), secrets, files);
  registry::SnapshotFile::Loaded loaded = snapshot_file->Load();
  for (const Error& damage : loaded.damage) {
    launch.log.Warning("a snapshot of what is published is not used",
                       {{"reason", damage.ToText()}});
  }
  const bool was_published = loaded.snapshot || !loaded.damage.empty();
  const std::string path = folder.At(kDatabaseName);
  auto opened = [&]() -> Result<std::unique_ptr<Records>> {
    if (was_published) CARAVEL_TRY(CheckNotMissing(files, path, folder));
    return OpenRecords(launch, folder, secrets, *blobs, *kv_values, path);
  }();
  if (opened) {
    records = std::move(*opened);
    if (loaded.snapshot) {
      KeepIfNewer(*loaded.snapshot, records->published, *snapshot_file,
                  launch.log);
    }
    return {};
  }
  if (!loaded.snapshot) return std::move(opened).error();
  problem = ServedWithoutDatabase(opened.error());
  last_known = std::move(*loaded.snapshot);
  launch.log.Error("started without the database",
                   {{"reason", problem->message()},
                    {"remedy", problem->remedy()},
                    {"workers", last_known->workers.size()}});
  return {};
}

std::unique_ptr<PublishedSource> Stores::MakeSource() {
  if (records != nullptr) {
    return std::make_unique<RegistrySource>(*records->registry,
                                            std::move(records->published));
  }
  return std::make_unique<LastKnownSource>(*last_known);
}

}  // namespace caravel::daemon

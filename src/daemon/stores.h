#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "daemon/bootstrap_token.h"
#include "daemon/client/data_folder.h"
#include "daemon/config_stream.h"
#include "daemon/launch.h"
#include "daemon/log_store.h"
#include "registry/asset_uploads.h"
#include "registry/audit_log.h"
#include "registry/blob_sweep.h"
#include "registry/crons.h"
#include "registry/kept_blobs.h"
#include "registry/kv_namespaces.h"
#include "registry/registry.h"
#include "registry/snapshot_file.h"
#include "storage/database_log.h"
#include "storage/disk_blobs.h"
#include "storage/kv_store.h"
#include "storage/sqlite_database.h"

namespace caravel::daemon {

// What needs the database: all of it, or nothing. A resource.
struct Records {
  std::unique_ptr<storage::SqliteDatabase> database;
  std::unique_ptr<storage::DatabaseLog> changes;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<registry::KeptBlobs> kept_blobs;
  std::unique_ptr<registry::AssetUploads> asset_uploads;
  std::unique_ptr<registry::BlobSweep> blob_sweep;
  std::unique_ptr<registry::Crons> crons;
  // The same file again, by which KV is read while something is written.
  std::unique_ptr<storage::SqliteDatabase> kv_reads;
  std::unique_ptr<storage::KvStore> kv;
  std::unique_ptr<registry::KvNamespaces> kv_namespaces;
  std::unique_ptr<registry::AuditLog> audit;
  // What is published, read so that damage shows before anything is served.
  registry::Snapshot published;
  FirstAccount first;
};

// Everything that is kept in the data folder, opened before hosts and the API
// begin. A resource.
//
// Where the database cannot be opened but a snapshot of what was published is
// there, caraveld goes on without: hosts serve what the snapshot says, and the
// API is off. A data folder that has a snapshot had a database: when its file
// is absent or empty, that is such a failure and not a first start, and no new
// database is made in its place. A database that is older than the snapshot is
// served, with a warning; that snapshot is then kept under another name.
struct Stores {
  storage::SystemFiles files;
  std::unique_ptr<storage::DiskBlobs> blobs;
  std::unique_ptr<storage::DiskBlobs> kv_values;  // large ones
  std::unique_ptr<LogStore> logs;
  std::unique_ptr<registry::SnapshotFile> snapshot_file;

  std::unique_ptr<Records> records;              // nullptr: see the next two
  std::optional<Error> problem;                  // why, and what to do
  std::optional<registry::Snapshot> last_known;  // what is served then

  // The error says why neither database nor snapshot can be used. `folder` is
  // locked by this process.
  Status Open(const Launch& launch, const DataFolder& folder);

  // What hosts are to serve. Valid as long as this. Called once.
  std::unique_ptr<PublishedSource> MakeSource();
};

}  // namespace caravel::daemon

#include "registry/schema.h"

namespace caravel::registry {
namespace {

constexpr storage::Migration kRegistryMigrations[] = {
    {.name = "workers", .sql = R"(
CREATE TABLE accounts (
  id TEXT PRIMARY KEY NOT NULL,
  number INTEGER NOT NULL UNIQUE,
  name TEXT NOT NULL,
  subdomain TEXT NOT NULL UNIQUE,
  created INTEGER NOT NULL
);
CREATE TABLE tokens (
  id TEXT PRIMARY KEY NOT NULL,
  digest TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  scopes BLOB NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (account, name)
);
CREATE TABLE workers (
  id TEXT PRIMARY KEY NOT NULL,
  account TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  tags BLOB NOT NULL,
  logpush INTEGER NOT NULL,
  observability TEXT NOT NULL,
  tail_consumers TEXT NOT NULL,
  subdomain_enabled INTEGER NOT NULL,
  previews_enabled INTEGER NOT NULL,
  versions_made INTEGER NOT NULL,
  deployments_made INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  UNIQUE (account, name)
);
CREATE TABLE versions (
  id TEXT PRIMARY KEY NOT NULL,
  worker TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  bundle_digest TEXT NOT NULL,
  compatibility_date TEXT NOT NULL,
  compatibility_flags BLOB NOT NULL,
  cpu_ms INTEGER NOT NULL,
  subrequests INTEGER NOT NULL,
  memory_bytes INTEGER NOT NULL,
  author TEXT NOT NULL,
  source TEXT NOT NULL,
  annotations BLOB NOT NULL,
  handlers BLOB NOT NULL,
  entrypoints BLOB NOT NULL,
  startup_ms INTEGER NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (worker, number)
);
CREATE TABLE bindings (
  version TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  type INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (version, position),
  UNIQUE (version, name)
);
CREATE TABLE deployments (
  id TEXT PRIMARY KEY NOT NULL,
  worker TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  author TEXT NOT NULL,
  source TEXT NOT NULL,
  annotations BLOB NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (worker, number)
);
CREATE TABLE shares (
  deployment TEXT NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  version TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  hundredths INTEGER NOT NULL,
  PRIMARY KEY (deployment, position)
);
CREATE INDEX shares_by_version ON shares (version)
)"},
    {.name = "assets", .sql = R"(
ALTER TABLE versions ADD COLUMN assets_digest TEXT NOT NULL DEFAULT '';
CREATE TABLE asset_files (
  account TEXT NOT NULL REFERENCES accounts (id),
  hash TEXT NOT NULL,
  type TEXT NOT NULL,
  forms BLOB NOT NULL,
  PRIMARY KEY (account, hash)
)
)"},
    {.name = "crons", .sql = R"(
CREATE TABLE crons (
  worker TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  cron TEXT NOT NULL,
  created INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  PRIMARY KEY (worker, cron)
);
CREATE TABLE cron_runs (
  worker TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  cron TEXT NOT NULL,
  slot INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (worker, cron, slot)
)
)"},
    {.name = "loose blobs", .sql = R"(
CREATE TABLE loose_blobs (
  digest TEXT PRIMARY KEY NOT NULL,
  is_list INTEGER NOT NULL,
  since INTEGER NOT NULL
);
CREATE INDEX loose_blobs_by_age ON loose_blobs (is_list, since);
CREATE INDEX versions_by_bundle ON versions (bundle_digest);
CREATE INDEX versions_by_assets ON versions (assets_digest);
CREATE TABLE upload_sessions (
  account TEXT NOT NULL REFERENCES accounts (id),
  session TEXT NOT NULL,
  manifest BLOB NOT NULL,
  since INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  PRIMARY KEY (account, session)
);
CREATE INDEX upload_sessions_by_age ON upload_sessions (since)
)"},
    // Each begin looks at them all, and what it asks for lies behind the
    // manifest in a row. `ended` has a time from here on: 0, it has not.
    {.name = "sizes of upload sessions", .sql = R"(
ALTER TABLE upload_sessions ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE upload_sessions SET bytes = LENGTH(manifest);
CREATE INDEX upload_sessions_by_account
  ON upload_sessions (account, since, ended, bytes, session)
)"},
};

}  // namespace

std::span<const storage::Migration> RegistryMigrations() {
  return kRegistryMigrations;
}

}  // namespace caravel::registry

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "registry/published.h"
#include "registry/secret_box.h"
#include "storage/files.h"

namespace caravel::registry {

// What was published last, in a folder on this machine, so that hosts can be
// started while the database is away. Two files take turns: one that was
// damaged is refused and the other one used. Contents are checksummed, and
// sealed because they hold secrets. docs/bundle_format.md describes the bytes.
//
// Threads: one at a time.
class SnapshotFile {
 public:
  // `folder` exists. `files` outlives this.
  SnapshotFile(std::string folder, SecretBox secrets, storage::Files& files);

  // Replaces the older of the two files, on disk when this returns a value; the
  // newer one stays whatever happens.
  Status Save(const Snapshot& snapshot);

  // Writes it, on disk when this returns, to a third file that Save() never
  // replaces and Load() does not look at; returns that file's path. Of two
  // snapshots of one sequence the later stays. Beside it stay kKeptBeside of
  // former ones, those of the highest sequences; the others are removed.
  static constexpr size_t kKeptBeside = 3;
  Result<std::string> SaveAside(const Snapshot& snapshot);

  struct Loaded {
    std::optional<Snapshot> snapshot;  // the newest whole one; nothing: none is
    std::vector<Error> damage;         // why a file was refused, for the log
  };
  Loaded Load() const;

 private:
  // Which file is the newest whole one, and how often one was saved before.
  struct Slots {
    size_t newest = 0;
    uint64_t generation = 0;
  };
  Result<Slots> Inspect() const;
  // Removes of the files that were saved aside all but `name` and kKeptBeside.
  Status TrimAside(const std::string& name);
  Status Write(const std::string& name, uint64_t generation,
               const Snapshot& snapshot);

  const std::string folder_;
  const SecretBox secrets_;
  storage::Files& files_;
  std::optional<Slots> slots_;  // as of the last Save()
};

}  // namespace caravel::registry

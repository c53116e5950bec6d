#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/fd.h"
#include "base/result.h"

namespace caravel::daemon {

// The folder that holds all state of one Caravel, and the names in it. A value.
//
//   database.sqlite …   accounts, versions, deployments   (control plane)
//   blobs/              bundles
//   published.0, .1     what was published last, sealed, to serve without the
//                       database
//   published.kept.*    the same, when an older database was restored
//   secret.key          seals secrets at rest
//   token               of the first account, mode 0600
//   ports               used last, of Workers and of the API
//   logs/               what workers logged, and caraveld.log
//   run/                sockets and files of what runs now: see below
//   hosts/              one data folder a host process
class DataFolder {
 public:
  explicit DataFolder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string At(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }
  std::string run() const { return At("run"); }
  std::string lock() const { return At("run/lock"); }
  std::string run_info() const { return At("run/caraveld.json"); }
  std::string admin_socket() const { return At("run/admin.sock"); }
  std::string hosts() const { return At("hosts"); }
  std::string logs() const { return At("logs"); }
  std::string own_log() const { return At("logs/caraveld.log"); }
  std::string token() const { return At("token"); }
  std::string last_ports() const { return At("ports"); }

 private:
  std::string path_;
};

// Where state is kept when nobody says: $CARAVEL_DATA, else
// $XDG_DATA_HOME/caravel, else ~/.local/share/caravel. Absolute.
Result<std::string> DefaultDataFolder();

// What a command needs to mean that folder: " --data DIR", or nothing where it
// is the default.
std::string DataOption(const std::string& path);

// `path` made absolute by the working directory; "~" is the shell's business.
std::string AbsolutePath(const std::string& path);

// Makes the folder with its parts, and takes its lock, held as long as the
// descriptor is open: two caravelds never share a folder. A caraveld that is
// just dying is waited for, up to a second. kConflict when another one has it.
Result<base::Fd> TakeDataFolder(const DataFolder& folder);

}  // namespace caravel::daemon

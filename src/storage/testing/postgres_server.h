#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/testing/temp_folder.h"

namespace caravel::storage {

// Debian's PostgreSQL 15 for tests, in a temporary folder, reached by a unix
// socket only. Runs as the user postgres when the test runs as root, which the
// server refuses. Threads: one.
class PostgresServer {
 public:
  // Whether the server is installed.
  static bool IsInstalled();

  // Makes a cluster and starts it.
  static Result<std::unique_ptr<PostgresServer>> Start();
  ~PostgresServer();

  // Makes an empty database and gives its address.
  Result<std::string> MakeDatabase(const std::string& name);

  // kill -9 for the server and all its sessions, then a start that recovers.
  void Kill();
  Status StartAgain();

 private:
  PostgresServer() = default;
  std::string AddressOf(const std::string& database) const;
  Status WaitUntilReady();

  TempFolder folder_;
  pid_t pid_ = -1;
};

}  // namespace caravel::storage

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "storage/database.h"

namespace caravel::storage {

// An empty database; what else it needs lives as long.
struct TestDatabase {
  std::shared_ptr<void> ground;
  std::unique_ptr<Database> database;
  // The same data through another handle, as another process has it.
  std::function<std::unique_ptr<Database>()> open_again;
  std::string unavailable;  // why there is none on this machine
};

inline std::string MessageOf(const Status& status) {
  return status ? "success" : status.error().message();
}
inline ErrorCode CodeOf(const Status& status) { return status.error().code(); }

}  // namespace caravel::storage

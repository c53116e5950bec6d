#pragma once

#include <string_view>

#include "base/clock.h"
#include "registry/secret_box.h"
#include "storage/log.h"

namespace caravel::registry {

// The topic of the Log to which every change that requests can notice appends.
inline constexpr std::string_view kPublishedTopic = "published";

// What the work of one transaction needs beside it; all outlive the work.
struct RegistryParts {
  storage::Log& log;
  const SecretBox& secrets;
  std::string_view domain;  // of the operator; empty: none
  base::WallTime now;
};

}  // namespace caravel::registry

#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "daemon/client/data_folder.h"

namespace caravel::daemon {

// The ports on which the last caraveld of a data folder served: URLs that
// people kept go on answering when it is started again without any. A value.
struct LastPorts {
  uint16_t workers = 0;
  uint16_t api = 0;
  bool operator==(const LastPorts&) const = default;
};

// Nothing when none has served there, or the file cannot be understood: it is a
// convenience and never a reason to fail.
std::optional<LastPorts> LoadLastPorts(const DataFolder& folder);

Status SaveLastPorts(const DataFolder& folder, const LastPorts& ports);

}  // namespace caravel::daemon

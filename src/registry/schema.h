#pragma once

#include <span>

#include "storage/migrations.h"

namespace caravel::registry {

// The registry's tables. Times are milliseconds since the epoch; lists and maps
// are BLOBs in the form of base/codec.h; the content of a secret binding is
// sealed by SecretBox.
std::span<const storage::Migration> RegistryMigrations();

}  // namespace caravel::registry

#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/codec.h"
#include "registry/published.h"

namespace caravel::registry {

// A record of the topic kPublishedTopic: which Worker or zone changed, the
// other is empty. What it is now stands in the tables, so no secret gets into
// the Log.
struct PublishedRecord {
  WorkerId worker;
  ZoneId zone = {};
  static constexpr auto Fields() {
    return base::Fields(&PublishedRecord::worker, &PublishedRecord::zone);
  }
};

// What SecretBox binds the secret of a binding to.
inline std::string SecretPlace(const WorkerId& worker, std::string_view name) {
  return fmt::format("secret \"{}\" of Worker {}", name, worker.value);
}

}  // namespace caravel::registry

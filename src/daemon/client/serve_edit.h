#pragma once

#include <string>

#include "base/codec.h"
#include "registry/published.h"

namespace caravel::daemon {

// What the command line sends to a caraveld in serve mode for each edit of a
// project, with the bundle as a descriptor.
struct ServeEdit {
  registry::PublishedWorker worker;  // of one version
  // An absolute folder, which need not be there: for what the Worker keeps.
  std::string state;
  std::string assets;        // an absolute folder; empty: there are none
  std::string asset_config;  // JSON, as wrangler's key "assets"
  static constexpr auto Fields() {
    return base::Fields(&ServeEdit::worker, &ServeEdit::state,
                        &ServeEdit::assets, &ServeEdit::asset_config);
  }
};

}  // namespace caravel::daemon

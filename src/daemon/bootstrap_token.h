#pragma once

#include <string>

#include "daemon/client/data_folder.h"
#include "registry/registry.h"

namespace caravel::daemon {

struct FirstAccount {
  registry::Account account;
  std::string token;
};

// The first account with its token, made on the first start. The registry keeps
// only the token's hash; the token itself is in DATA/token (mode 0600), so that
// the operator's commands have it. Where that file is lost, a new token takes
// the old one's place.
Result<FirstAccount> EnsureFirstAccount(registry::Registry& registry,
                                        const DataFolder& folder);

}  // namespace caravel::daemon

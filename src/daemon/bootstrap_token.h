#pragma once

#include <optional>
#include <string>

#include "daemon/client/data_folder.h"
#include "registry/registry.h"

namespace caravel::daemon {

struct FirstAccount {
  registry::Account account;
  std::string token;
  std::optional<Error> not_kept;  // why the file does not hold the token
};

// The first account with its token, made on the first start. The registry keeps
// only the token's hash; the token itself is in DATA/token (mode 0600), so that
// the operator's commands have it. Where that file is lost, a new token takes
// the old one's place. A file that cannot be written is no failure: the token
// holds until the next start, which makes another.
Result<FirstAccount> EnsureFirstAccount(registry::Registry& registry,
                                        const DataFolder& folder);

}  // namespace caravel::daemon

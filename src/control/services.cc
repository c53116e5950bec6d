#include "control/services.h"

namespace caravel::api {

Result<std::string> AuthorOf(const Caller& caller) {
  if (caller.owner.name != registry::kBootstrapToken) return caller.owner.name;
  CARAVEL_TRY(registry::Account account,
              caller.services.registry.GetAccount(caller.owner.account));
  return std::move(account.name);
}

}  // namespace caravel::api

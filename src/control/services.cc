#include "control/services.h"

namespace caravel::api {

Result<std::string> AuthorOf(const Caller& caller) {
  if (!caller.owner.email.empty()) return caller.owner.email;
  if (caller.owner.name != registry::kBootstrapToken) return caller.owner.name;
  CARAVEL_TRY(registry::Account account,
              caller.services.registry.GetAccount(caller.owner.account));
  return std::move(account.name);
}

Result<registry::Origin> OriginOf(
    const Caller& caller, std::map<std::string, std::string> annotations,
    std::string_view triggered_by) {
  CARAVEL_TRY(std::string author, AuthorOf(caller));
  if (!triggered_by.empty()) {
    annotations.emplace("workers/triggered_by", triggered_by);
  }
  return registry::Origin{.author = std::move(author),
                          .source = caller.source,
                          .annotations = std::move(annotations)};
}

}  // namespace caravel::api

#include "control/account_endpoints.h"

namespace caravel::api {

Result<AccountSeen> PostAccount(Caller& caller, AccountInput input) {
  if (input.type && *input.type != "standard") {
    return Error(ErrorCode::kInvalid, fmt::format("type: \"{}\" is not built",
                                                  input.type->substr(0, 100)))
        .Remedy("leave it out, or say \"standard\"");
  }
  CARAVEL_TRY(
      const registry::Account account,
      caller.services.registry.accounts().Create(input.name, input.subdomain));
  return SeenAccount(account);
}

Result<AccountSeen> PutAccount(Caller& caller, const AccountPath&,
                               AccountChange input) {
  CARAVEL_TRY(
      const registry::Account account,
      caller.services.registry.accounts().Rename(caller.account, input.name));
  return SeenAccount(account);
}

Result<AccountGoneSeen> DeleteAccount(Caller& caller, const AccountPath&) {
  CARAVEL_TRY(const registry::Account account,
              caller.services.registry.accounts().Remove(caller.account));
  return AccountGoneSeen{account.id.value};
}

}  // namespace caravel::api

#include "daemon/bootstrap_token.h"

#include "daemon/client/files.h"

namespace caravel::daemon {
namespace {

// The token in the file, if it still opens that account.
std::optional<std::string> KeptToken(registry::Registry& registry,
                                     const registry::Account& account,
                                     const DataFolder& folder) {
  Result<std::string> text = ReadFile(folder.token());
  if (!text) return std::nullopt;
  while (text->ends_with('\n')) text->pop_back();
  const Result<registry::Tokens::Found> found = registry.tokens().Find(*text);
  if (!found || found->owner.account != account.id) return std::nullopt;
  return std::move(*text);
}

}  // namespace

Result<FirstAccount> EnsureFirstAccount(registry::Registry& registry,
                                        const DataFolder& folder) {
  CARAVEL_TRY(registry::Registry::Bootstrap bootstrap,
              registry.EnsureBootstrap());
  FirstAccount first;
  first.account = std::move(bootstrap.account);
  std::optional<std::string> token = std::move(bootstrap.token);
  if (!token) {
    token = KeptToken(registry, first.account, folder);
    if (token) {
      first.token = std::move(*token);
      return first;
    }
    CARAVEL_TRY(token, registry.tokens().Replace(
                           first.account.id, registry::kBootstrapToken,
                           {std::string(registry::kEveryScope)}));
  }
  first.token = std::move(*token);
  if (Status kept = ReplaceFile(folder.token(), first.token + "\n"); !kept) {
    first.not_kept = std::move(kept).error();
  }
  return first;
}

}  // namespace caravel::daemon

#include "registry/bound_namespaces.h"

#include <fmt/format.h>

#include <map>

namespace caravel::registry {

Status LockNamespace(storage::Transaction& transaction, std::string_view id) {
  return transaction.Lock(fmt::format("KV namespace {}", id));
}

Status HoldNamespaces(storage::Transaction& transaction,
                      const AccountId& account,
                      std::span<const StoredBinding> bindings) {
  // In one order, so that none waits for another that waits for it.
  std::map<std::string_view, std::string_view> names;  // by namespace
  for (const StoredBinding& binding : bindings) {
    if (binding.type == BindingType::kKvNamespace) {
      names.emplace(binding.content, binding.name);
    }
  }
  for (const auto& [id, name] : names) {
    CARAVEL_TRY(LockNamespace(transaction, id));
    CARAVEL_TRY(const auto rows,
                transaction.Query("SELECT 1 FROM kv_namespaces "
                                  "WHERE id = ? AND account = ?",
                                  id, account.value));
    if (!rows.empty()) continue;
    return Error(ErrorCode::kInvalid,
                 fmt::format("binding \"{}\": KV namespace '{}' not found",
                             name, id))
        .Remedy("`wrangler kv namespace list` shows the ids of yours");
  }
  return {};
}

}  // namespace caravel::registry

#include "registry/asset_table.h"

#include <utility>
#include <vector>

#include "registry/account_table.h"

namespace caravel::registry {
namespace {

using FormList = std::vector<std::pair<std::string, uint64_t>>;

}  // namespace

Status InsertAssetFileIfAbsent(storage::Transaction& transaction,
                               const AccountId& account,
                               const AssetFile& file) {
  FormList forms;
  for (const AssetForm& form : file.forms) {
    forms.emplace_back(form.digest, form.size);
  }
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO asset_files (account, hash, type, forms) "
      "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      account.value, file.name, file.type, ToColumn(forms)));
  return {};
}

Result<std::optional<AssetFile>> ReadAssetFile(
    storage::Transaction& transaction, const AccountId& account,
    const std::string& name) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT type, forms FROM asset_files "
                                "WHERE account = ? AND hash = ?",
                                account.value, name));
  if (rows.empty()) return std::optional<AssetFile>();
  CARAVEL_TRY(const FormList forms, FromColumn<FormList>(rows[0], 1));
  AssetFile file = {.name = name, .type = rows[0].Text(0), .forms = {}};
  for (size_t i = 0; i < forms.size() && i < kAssetCodings; ++i) {
    file.forms[i] = {forms[i].first, forms[i].second};
  }
  return std::optional<AssetFile>(std::move(file));
}

}  // namespace caravel::registry

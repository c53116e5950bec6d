#include "registry/asset_table.h"

#include <utility>
#include <vector>

#include "registry/account_table.h"
#include "registry/loose_blobs.h"

namespace caravel::registry {
namespace {

using FormList = std::vector<std::pair<std::string, uint64_t>>;

Result<AssetForms> FormsOf(const storage::SqlRow& row, size_t column) {
  CARAVEL_TRY(const FormList list, FromColumn<FormList>(row, column));
  AssetForms forms;
  for (size_t i = 0; i < list.size() && i < kAssetCodings; ++i) {
    forms[i] = {list[i].first, list[i].second};
  }
  return forms;
}

}  // namespace

Result<bool> InsertAssetFileIfAbsent(storage::Transaction& transaction,
                                     const AccountId& account,
                                     const AssetFile& file) {
  FormList forms;
  for (const AssetForm& form : file.forms) {
    forms.emplace_back(form.digest, form.size);
  }
  CARAVEL_TRY(const uint64_t inserted,
              transaction.Execute(
                  "INSERT INTO asset_files (account, hash, type, forms)"
                  " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                  account.value, file.name, file.type, ToColumn(forms)));
  return inserted > 0;
}

Result<std::optional<AssetFile>> ReadAssetFile(
    storage::Transaction& transaction, const AccountId& account,
    const std::string& name) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT type, forms FROM asset_files "
                                "WHERE account = ? AND hash = ?",
                                account.value, name));
  if (rows.empty()) return std::optional<AssetFile>();
  AssetFile file = {.name = name, .type = rows[0].Text(0), .forms = {}};
  CARAVEL_TRY(file.forms, FormsOf(rows[0], 1));
  return std::optional<AssetFile>(std::move(file));
}

Status DeleteAssetFile(storage::Transaction& transaction,
                       const AccountId& account, const std::string& name) {
  CARAVEL_TRY(transaction.Execute(
      "DELETE FROM asset_files WHERE account = ? AND hash = ?", account.value,
      name));
  return {};
}

Result<std::vector<std::pair<AssetFileKey, AssetForms>>> ReadAssetFilesAfter(
    storage::Transaction& transaction, const AssetFileKey& after,
    size_t limit) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT account, hash, forms FROM asset_files "
                                "WHERE (account, hash) > (?, ?) "
                                "ORDER BY account, hash LIMIT ?",
                                after.account.value, after.name, limit));
  std::vector<std::pair<AssetFileKey, AssetForms>> files;
  for (const storage::SqlRow& row : rows) {
    CARAVEL_TRY(const AssetForms forms, FormsOf(row, 2));
    files.emplace_back(AssetFileKey{{row.Text(0)}, row.Text(1)}, forms);
  }
  return files;
}

Status NoteAssetFilesLoose(storage::Transaction& transaction,
                           const AccountId& account, int64_t since) {
  constexpr size_t kAtOnce = 500;
  for (AssetFileKey last = {account, ""};;) {
    CARAVEL_TRY(const auto files,
                ReadAssetFilesAfter(transaction, last, kAtOnce));
    for (const auto& [key, forms] : files) {
      if (key.account != account) return {};
      for (const AssetForm& form : forms) {
        if (form.digest.empty()) continue;
        CARAVEL_TRY(
            NoteLoose(transaction, form.digest, BlobKind::kPlain, since));
      }
    }
    if (files.size() < kAtOnce) return {};
    last = files.back().first;
  }
}

}  // namespace caravel::registry

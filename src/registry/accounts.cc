#include "registry/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/random.h"
#include "registry/account_table.h"
#include "registry/asset_table.h"
#include "registry/member_table.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::Transaction;

constexpr size_t kLongestAccountLabel = 63;  // RFC 1035, section 2.3.4

bool IsLabelSign(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

Status CheckSubdomain(std::string_view text) {
  const bool is_label = !text.empty() && text.size() <= kLongestAccountLabel &&
                        std::ranges::all_of(text, &IsLabelSign) &&
                        text.front() != '-' && text.back() != '-';
  if (is_label && text != "localhost") return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("subdomain \"{}\": cannot be part of a host name",
                           text.substr(0, 100)))
      .Remedy("use a-z, 0-9 and -, no dash at either end, at most 63 of them");
}

// "Acme & Sons" as "acme-sons"; "account" where nothing of it can stay.
std::string SubdomainOf(std::string_view name) {
  constexpr size_t kLongest = 40;
  std::string label;
  for (char c : name.substr(0, kLongest)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (IsLabelSign(c) && c != '-') {
      label += c;
    } else if (!label.empty() && label.back() != '-') {
      label += '-';
    }
  }
  while (label.ends_with('-')) label.pop_back();
  return label.empty() || label == "localhost" ? "account" : label;
}

bool IsTaken(const std::vector<Account>& accounts, std::string_view subdomain) {
  return std::ranges::find(accounts, subdomain, &Account::subdomain) !=
         accounts.end();
}

Result<std::string> ChooseSubdomain(const std::vector<Account>& accounts,
                                    std::string_view name,
                                    const std::optional<std::string>& wanted) {
  if (wanted) {
    CARAVEL_TRY(CheckSubdomain(*wanted));
    if (!IsTaken(accounts, *wanted)) return *wanted;
    return Error(ErrorCode::kConflict,
                 fmt::format("subdomain \"{}\": belongs to another account",
                             *wanted))
        .Remedy("choose another one");
  }
  const std::string label = SubdomainOf(name);
  std::string free = label;
  for (int number = 2; IsTaken(accounts, free); ++number) {
    free = fmt::format("{}-{}", label, number);
  }
  return free;
}

// What an account can have, by the table and the column that names it.
struct Belonging {
  std::string_view kind;
  std::string_view query;
};
constexpr std::array kBelongings = {
    Belonging{"Worker",
              "SELECT name FROM workers WHERE account = ? "
              "ORDER BY name"},
    Belonging{"zone", "SELECT name FROM zones WHERE account = ? ORDER BY name"},
    Belonging{"KV namespace",
              "SELECT title FROM kv_namespaces WHERE account = "
              "? ORDER BY title"}};

Status CheckIsEmpty(Transaction& transaction, const Account& account) {
  constexpr size_t kNamed = 5;
  std::string left;
  for (const Belonging& belonging : kBelongings) {
    CARAVEL_TRY(const auto rows,
                transaction.Query(belonging.query, account.id.value));
    for (size_t i = 0; i < std::min(rows.size(), kNamed); ++i) {
      left += fmt::format("{}{} \"{}\"", left.empty() ? "" : ", ",
                          belonging.kind, rows[i].Text(0));
    }
    if (rows.size() > kNamed) {
      left += fmt::format(" and {} more", rows.size() - kNamed);
    }
  }
  if (left.empty()) return {};
  return Error(ErrorCode::kConflict,
               fmt::format("account \"{}\": still has {}", account.name, left))
      .Remedy("delete them first");
}

}  // namespace

Result<Account> Accounts::Create(std::string_view name,
                                 const std::optional<std::string>& subdomain) {
  return database_.Transact([&](Transaction& transaction) -> Result<Account> {
    CARAVEL_TRY(transaction.Lock("accounts"));
    CARAVEL_TRY(const std::vector<Account> accounts, ReadAccounts(transaction));
    Account account{.id = {base::RandomHex(16)},
                    .number = accounts.empty() ? 1 : accounts.back().number + 1,
                    .name = std::string(name),
                    .subdomain = {},
                    .created = clock_.Wall()};
    CARAVEL_TRY(account.subdomain, ChooseSubdomain(accounts, name, subdomain));
    CARAVEL_TRY(InsertAccount(transaction, account));
    return account;
  });
}

Result<Account> Accounts::Rename(const AccountId& id, std::string_view name) {
  return database_.Transact([&](Transaction& transaction) -> Result<Account> {
    CARAVEL_TRY(Account account, ReadAccount(transaction, id));
    account.name = std::string(name);
    CARAVEL_TRY(transaction.Execute("UPDATE accounts SET name = ? WHERE id = ?",
                                    name, id.value));
    return account;
  });
}

Result<Account> Accounts::Remove(const AccountId& id) {
  return database_.Transact([&](Transaction& transaction) -> Result<Account> {
    CARAVEL_TRY(transaction.Lock("accounts"));
    CARAVEL_TRY(Account account, ReadAccount(transaction, id));
    if (account.number == 1) {
      return Error(ErrorCode::kDenied,
                   fmt::format("account \"{}\": is the platform's first and "
                               "stays",
                               account.name))
          .Remedy("to begin anew, start Caravel with another data folder");
    }
    CARAVEL_TRY(CheckIsEmpty(transaction, account));
    CARAVEL_TRY(LockMembers(transaction));
    CARAVEL_TRY(const std::vector<Member> members,
                ReadMembers(transaction, id));
    for (const Member& member : members) {
      CARAVEL_TRY(DeleteMember(transaction, member));
    }
    CARAVEL_TRY(NoteAssetFilesLoose(transaction, id, ToMillis(clock_.Wall())));
    for (const std::string_view table :
         {"tokens", "upload_sessions", "asset_files"}) {
      CARAVEL_TRY(transaction.Execute(
          fmt::format("DELETE FROM {} WHERE account = ?", table), id.value));
    }
    CARAVEL_TRY(
        transaction.Execute("DELETE FROM accounts WHERE id = ?", id.value));
    return account;
  });
}

}  // namespace caravel::registry

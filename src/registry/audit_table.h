#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "registry/audit_log.h"
#include "storage/database.h"
#include "storage/migrations.h"

// Rows of the audit log, within a transaction. Each has a number, by account.
namespace caravel::registry {

std::span<const storage::Migration> AuditMigrations();

// 0: the account has none.
Result<uint64_t> NewestAuditNumber(storage::Transaction& transaction,
                                   const AccountId& account);
Status InsertAuditEntry(storage::Transaction& transaction,
                        const AuditEntry& entry, uint64_t number);
Result<AuditPage> ReadAuditPage(storage::Transaction& transaction,
                                const AccountId& account,
                                const AuditFilter& filter);

// Leaves the account `kept` of them, as AuditLog says which.
Status RemoveTooManyEntries(storage::Transaction& transaction,
                            const AccountId& account, uint64_t kept);
Status RemoveEntriesBefore(storage::Transaction& transaction,
                           base::WallTime time);

}  // namespace caravel::registry

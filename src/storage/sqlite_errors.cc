#include "storage/sqlite_errors.h"

#include <sqlite3.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "storage/transaction_errors.h"

namespace caravel::storage {
namespace {

// "UNIQUE constraint failed: workers.account, workers.name".
Error UniqueViolation(std::string_view message) {
  std::string table;
  std::string columns;
  const size_t colon = message.find(": ");
  std::string_view rest =
      colon == std::string_view::npos ? "" : message.substr(colon + 2);
  while (!rest.empty()) {
    const std::string_view column = rest.substr(0, rest.find(", "));
    rest.remove_prefix(std::min(rest.size(), column.size() + 2));
    const size_t dot = column.find('.');
    if (dot == std::string_view::npos) continue;
    table = column.substr(0, dot);
    columns += columns.empty() ? "" : ", ";
    columns += column.substr(dot + 1);
  }
  return DuplicateRow(table, columns);
}

Error ConstraintError(const SqliteFailure& failure) {
  switch (failure.code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      return UniqueViolation(failure.message);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return BrokenReference();
    default:
      return Error(ErrorCode::kInvalid, failure.message);
  }
}

Error FullDisk(const std::string& path) {
  return Error(ErrorCode::kNoSpace,
               fmt::format("disk full: cannot write to {}", path))
      .Remedy("free space on that file system, then try again");
}

Error Corrupt(const SqliteFailure& failure, const std::string& path) {
  return Error(ErrorCode::kInternal,
               fmt::format("database file {} is corrupt: {}", path,
                           failure.message))
      .Remedy(fmt::format("stop caraveld, move {0} and {0}-wal away, and "
                          "restore the file from a backup",
                          path));
}

Error Refused(const SqliteFailure& failure, const std::string& path) {
  return Error(ErrorCode::kDenied,
               fmt::format("database file {} cannot be written: {}", path,
                           failure.message))
      .Remedy(
          "give this user write permission on the file and its folder, or "
          "choose another data folder");
}

bool FolderExists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(
      std::filesystem::path(path).parent_path(), ignored);
}

Error NotOpened(const SqliteFailure& failure, const std::string& path) {
  switch (failure.system_error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return Refused(failure, path);
    case ENOSPC:
    case EDQUOT:
      return FullDisk(path);
    case ENOENT:
    case ENOTDIR:
      // SQLite falls back to reading only, which hides why writing failed.
      if (FolderExists(path)) return Refused(failure, path);
      return Error(ErrorCode::kNotFound,
                   fmt::format("database file {} cannot be made: its folder "
                               "does not exist",
                               path))
          .Remedy("make the folder, or choose another data folder");
    default:
      return Error(ErrorCode::kInternal,
                   fmt::format("database file {} cannot be opened: {}", path,
                               failure.message));
  }
}

}  // namespace

Error SqliteError(const SqliteFailure& failure, const std::string& path,
                  std::string_view sql) {
  switch (failure.code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return ConstraintError(failure);
    case SQLITE_FULL:
      return FullDisk(path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Corrupt(failure, path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Refused(failure, path);
    case SQLITE_CANTOPEN:
      return NotOpened(failure, path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(ErrorCode::kConflict,
                   fmt::format("database file {} is in use by another process",
                               path))
          .Remedy("end what holds it, a shell or a backup");
    case SQLITE_TOOBIG:
      return Error(ErrorCode::kLimit, "a value is too large to be stored");
    case SQLITE_IOERR:
      if (failure.system_error == ENOSPC || failure.system_error == EDQUOT) {
        return FullDisk(path);
      }
      return ErrnoError(
          fmt::format("database file {}: {}", path, failure.message),
          failure.system_error);
    default:
      return Error(ErrorCode::kInternal,
                   fmt::format("{} in: {}", failure.message, sql));
  }
}

}  // namespace caravel::storage

#include "storage/postgres_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caravel::storage {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kTypes =
    {{{"INTEGER", "BIGINT"}, {"REAL", "DOUBLE PRECISION"}, {"BLOB", "BYTEA"}}};

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_';
}

std::string_view Translated(std::string_view word) {
  for (const auto& [ours, theirs] : kTypes) {
    if (word == ours) return theirs;
  }
  return word;
}

// How many characters at the start of `sql` are to be copied as they are: a
// quoted text or name, or a comment; 0 for none of them.
size_t VerbatimSize(std::string_view sql) {
  const auto until = [&](std::string_view end, size_t from) {
    const size_t at = sql.find(end, from);
    return at == std::string_view::npos ? sql.size() : at + end.size();
  };
  if (sql.front() == '\'') return until("'", 1);
  if (sql.front() == '"') return until("\"", 1);
  if (sql.starts_with("--")) return until("\n", 2);
  if (sql.starts_with("/*")) return until("*/", 2);
  return 0;
}

}  // namespace

std::string ToPostgresSql(std::string_view sql) {
  std::string out;
  out.reserve(sql.size() + 32);
  int placeholder = 0;
  while (!sql.empty()) {
    size_t size = VerbatimSize(sql);
    if (size > 0) {
      out += sql.substr(0, size);
    } else if (sql.front() == '?') {
      size = 1;
      out += fmt::format("${}", ++placeholder);
    } else if (IsWordCharacter(sql.front())) {
      const auto* const end = std::ranges::find_if_not(sql, IsWordCharacter);
      size = static_cast<size_t>(end - sql.begin());
      out += Translated(sql.substr(0, size));
    } else {
      size = 1;
      out += sql.front();
    }
    sql.remove_prefix(size);
  }
  return out;
}

}  // namespace caravel::storage

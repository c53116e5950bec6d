#include "storage/database.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/random.h"

namespace caravel::storage {
namespace {

// Transactions that met once meet again when they wait equally long, so each
// waits by chance up to a bound that doubles.
void PauseBefore(int attempt) {
  const int64_t bound_us = int64_t{500} << std::min(attempt, 7);
  const auto pause = static_cast<int64_t>(base::RandomNumber() %
                                          static_cast<uint64_t>(bound_us));
  std::this_thread::sleep_for(std::chrono::microseconds(pause));
}

}  // namespace

Result<SqlAnswer> Transaction::Call(std::string_view sql,
                                    std::initializer_list<SqlValue> values) {
  for (const SqlValue& value : values) CARAVEL_TRY(CheckStorable(value));
  return Run(sql, std::span(values.begin(), values.size()));
}

Status Database::Repeat(Mode mode, const Body& body) {
  for (int attempt = 1;; ++attempt) {
    Attempt made = TryOnce(mode, body);
    if (made.status || !made.in_conflict) return std::move(made.status);
    if (attempt == kMaxAttempts) {
      return Error(ErrorCode::kConflict,
                   fmt::format("gave up after {} attempts: {}", kMaxAttempts,
                               made.status.error().message()))
          .Remedy("try again when fewer changes are made at once");
    }
    PauseBefore(attempt);
  }
}

}  // namespace caravel::storage

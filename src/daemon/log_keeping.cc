// Test: log_keeping_test.cc.
#include "daemon/log_keeping.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cstdint>
#include <optional>

namespace caravel::daemon {
namespace {

namespace json = boost::json;

const json::object* ObjectIn(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

std::optional<bool> FlagIn(const json::object* object, std::string_view key) {
  const json::value* value =
      object == nullptr ? nullptr : object->if_contains(key);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

std::optional<double> RateIn(const json::object* object) {
  const json::value* value =
      object == nullptr ? nullptr : object->if_contains("head_sampling_rate");
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return std::clamp(value->to_number<double>(), 0.0, 1.0);
}

// Where the request lies between 0 and 1, by its id, which was drawn.
std::optional<double> DrawOf(std::string_view request_id) {
  constexpr size_t kDigits = 8;
  uint32_t drawn = 0;
  if (request_id.size() < kDigits) return std::nullopt;
  const char* const end = request_id.data() + kDigits;
  const auto [stopped, error] =
      std::from_chars(request_id.data(), end, drawn, /*base=*/16);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return static_cast<double>(drawn) / 4294967296.0;
}

}  // namespace

LogKeeping LogKeeping::Of(std::string_view observability) {
  LogKeeping keeping;
  boost::system::error_code error;
  const json::value parsed =
      json::parse({observability.data(), observability.size()}, error);
  if (error || !parsed.is_object()) return keeping;
  const json::object& all = parsed.get_object();
  const json::object* logs = ObjectIn(all, "logs");
  const std::optional<bool> logs_enabled = FlagIn(logs, "enabled");
  const std::optional<bool> enabled =
      logs_enabled ? logs_enabled : FlagIn(&all, "enabled");
  keeping.keeps = enabled.value_or(true) && FlagIn(logs, "persist") != false;
  keeping.rate = RateIn(logs).value_or(RateIn(&all).value_or(1));
  const bool wanted = enabled.value_or(false);
  if (!FlagIn(logs, "invocation_logs").value_or(true)) {
    keeping.invocations = Invocations::kNone;
  } else if (wanted) {
    keeping.invocations = Invocations::kAll;
  }
  return keeping;
}

bool LogKeeping::Keeps(const registry::LogEvent& event) const {
  if (!keeps) return false;
  if (rate < 1 && DrawOf(event.request_id).value_or(0) >= rate) return false;
  if (event.only_tailed) return invocations == Invocations::kAll;
  return invocations != Invocations::kNone || !event.logs.empty() ||
         !event.exceptions.empty();
}

bool LogKeepings::Set(const registry::WorkerId& worker,
                      std::string_view observability) {
  const LogKeeping keeping = LogKeeping::Of(observability);
  const auto is_whole = [](const LogKeeping& each) {
    return each.keeps && each.invocations == LogKeeping::Invocations::kAll;
  };
  const base::MutexLock lock(mutex_);
  const auto known = by_worker_.find(worker);
  const bool was_whole = known != by_worker_.end() && is_whole(known->second);
  if (keeping == LogKeeping()) {
    by_worker_.erase(worker);
  } else {
    by_worker_[worker] = keeping;
  }
  return was_whole != is_whole(keeping);
}

bool LogKeepings::Keeps(const registry::LogEvent& event) const {
  const base::MutexLock lock(mutex_);
  const auto known = by_worker_.find(event.worker);
  return known == by_worker_.end() ? LogKeeping().Keeps(event)
                                   : known->second.Keeps(event);
}

std::vector<registry::WorkerId> LogKeepings::Whole() const {
  const base::MutexLock lock(mutex_);
  std::vector<registry::WorkerId> whole;
  for (const auto& [worker, keeping] : by_worker_) {
    if (keeping.keeps && keeping.invocations == LogKeeping::Invocations::kAll) {
      whole.push_back(worker);
    }
  }
  return whole;
}

}  // namespace caravel::daemon

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "host/error_page.h"
#include "net/exchange.h"

namespace caravel::host {

// What a request of `serve` asks to be run: the path that wrangler dev has for
// it, /cdn-cgi/handler/scheduled?cron=EXPR&time=MS. A value.
// Source: Workers documentation, "Cron Triggers", "Test Cron Triggers locally".
struct ScheduledEvent {
  std::string cron = "* * * * *";
  std::optional<double> time_ms = std::nullopt;  // nothing: now
  bool operator==(const ScheduledEvent&) const = default;
};

// Nothing: `target`, path and query, is another. kInvalid: that time is none.
std::optional<Result<ScheduledEvent>> ScheduledEventOf(std::string_view target);

// "ok", or 500 with what went wrong.
ErrorAnswer ScheduledOutcome(std::string_view error);

// Who answers such a request, once the handler has ended.
//
// Threads: the one that drives the shard.
class ScheduledAnswerer final : public net::Answerer {
 public:
  explicit ScheduledAnswerer(net::Asker& asker) : asker_(&asker) {}

  void OnRequestBody(std::string_view) override {}
  void OnRequestEnd() override {}
  void OnResponseCredit(uint64_t) override {}
  // The handler goes on.
  void OnCancel(const Error&) override { asker_ = nullptr; }

  void Give(std::string_view error) {
    if (asker_ == nullptr) return;
    const ErrorAnswer outcome = ScheduledOutcome(error);
    std::exchange(asker_, nullptr)->Respond(outcome.head, outcome.body);
  }

 private:
  net::Asker* asker_;
};

}  // namespace caravel::host

#include "runtime/warm_up.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "registry/bundle.h"
#include "runtime/isolate.h"
#include "runtime/monitor.h"

namespace caravel::runtime {
namespace {

constexpr std::chrono::seconds kTimeout{1};
constexpr uint32_t kCpuMs = 60'000;

// A date at which a Worker has Node's library.
constexpr const char* kDate = "2026-08-04";

Error Failed(std::string_view what, std::string_view why) {
  return Error(ErrorCode::kInternal,
               fmt::format("the Worker that warms up: {}: {}", what, why));
}

// Turns until nothing is asked for. Timers that are meant to be waited for fire
// at once, those that end what takes too long never.
void TurnUntilQuiet(Isolate& isolate, Inbox& inbox, Outbox& outbox,
                    RunGuard& guard) {
  size_t seen = 0;
  do {
    isolate.Turn(inbox, outbox, guard);
    for (; seen < outbox.size(); ++seen) {
      const auto* timer = std::get_if<StartTimer>(&outbox[seen].action);
      if (timer != nullptr && timer->delay < kTimeout)
        inbox.emplace_back(TimerFired{timer->timer});
    }
  } while (!inbox.empty());
}

Status Judge(const Outbox& outbox, const char* target) {
  for (const OutboxEntry& entry : outbox) {
    if (const auto* answer = std::get_if<Respond>(&entry.action)) {
      if (answer->head.status == 200) return {};
      return Failed(target, answer->body);
    }
    if (const auto* error = std::get_if<RespondError>(&entry.action)) {
      return Failed(target, fmt::format("error {}", error->number));
    }
  }
  return Failed(target, "no answer");
}

Status Run(Isolate& isolate, const std::string& source,
           std::span<const WarmUpRequest> requests, RunGuard& guard) {
  const std::string main = "warm_up.js";
  CARAVEL_TRY(const std::string file,
              registry::WriteBundle(
                  main, {{main, registry::ModuleType::kEsModule, source}}));
  CARAVEL_TRY(const base::Fd fd, base::SealedMemoryFile("bundle", file));
  CARAVEL_TRY(registry::Bundle bundle, registry::Bundle::Map(fd));
  registry::Version version;
  version.limits.cpu_ms = kCpuMs;
  version.compatibility_date = kDate;
  const Loaded loaded =
      isolate.Load(std::make_shared<registry::Bundle>(std::move(bundle)),
                   version, {}, guard);
  if (!loaded.error.empty()) return Failed("start", loaded.error);
  InvocationId id = -1;
  for (const WarmUpRequest& request : requests) {
    Inbox inbox;
    Outbox outbox;
    RequestArrived arrived;
    arrived.invocation = id += 2;
    arrived.head = std::make_unique<net::RequestHead>();
    arrived.head->method = request.body == nullptr ? "GET" : "POST";
    arrived.head->scheme = "http";
    arrived.head->authority = "warm-up.localhost";
    arrived.head->target = request.target;
    arrived.has_body = request.body != nullptr;
    inbox.emplace_back(std::move(arrived));
    if (request.body != nullptr) {
      inbox.emplace_back(BodyArrived{id, request.body, true});
    }
    TurnUntilQuiet(isolate, inbox, outbox, guard);
    CARAVEL_TRY(Judge(outbox, request.target));
  }
  return {};
}

}  // namespace

Result<CodeCaches> WarmUp(const Engine& engine, const std::string& source,
                          std::span<const WarmUpRequest> requests,
                          CodeRecorder& recorder) {
  base::SystemClock clock;
  base::NullLog log;
  Monitor monitor(log);
  MonitoredGuard guard(monitor);
  const std::unique_ptr<Isolate> isolate = Isolate::Create(engine, clock);
  Status status = Run(*isolate, source, requests, guard.guard());
  CodeCaches caches = recorder.Take();
  CARAVEL_TRY(std::move(status));
  return caches;
}

}  // namespace caravel::runtime

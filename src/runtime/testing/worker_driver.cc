#include "runtime/testing/worker_driver.h"

#include <fmt/format.h>

namespace caravel::runtime {

WorkerDriver::WorkerDriver(const Engine& engine)
    : monitor_(log_),
      guard_(monitor_),
      isolate_(Isolate::Create(engine, clock_)),
      engine_(engine) {}

std::string WorkerDriver::Load(const std::vector<registry::Module>& modules,
                               const registry::Version& version) {
  const std::string file =
      registry::WriteBundle(modules.front().name, modules).value();
  const base::Fd fd = base::SealedMemoryFile("bundle", file).value();
  return isolate_
      ->Load(
          std::make_shared<registry::Bundle>(registry::Bundle::Map(fd).value()),
          version, code_cache_, guard_.guard())
      .error;
}

void WorkerDriver::Renew() { isolate_ = Isolate::Create(engine_, clock_); }

InvocationId WorkerDriver::Arrive(const std::string& target,
                                  const std::string& method) {
  RequestArrived request;
  request.invocation = last_id_ += 2;
  request.head = std::make_unique<net::RequestHead>();
  request.head->method = method;
  request.head->scheme = "http";
  request.head->authority = "test.localhost";
  request.head->target = target;
  inbox_.emplace_back(std::move(request));
  return last_id_;
}

InvocationId WorkerDriver::ArriveWithBody(const std::string& target) {
  const InvocationId id = Arrive(target, "POST");
  std::get<RequestArrived>(inbox_.back()).has_body = true;
  return id;
}

InvocationId WorkerDriver::ArriveForWebSocket(const std::string& target) {
  const InvocationId id = Arrive(target);
  net::RequestHead& head = *std::get<RequestArrived>(inbox_.back()).head;
  head.upgrade = "websocket";
  head.headers.Add("upgrade", "websocket");
  head.headers.Add("sec-websocket-version", "13");
  head.headers.Add("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
  return id;
}

void WorkerDriver::Turn() { isolate_->Turn(inbox_, outbox_, guard_.guard()); }

void WorkerDriver::TurnUntilQuiet() {
  Turn();
  for (;;) {
    const std::vector<StartTimer> timers = Asked<StartTimer>();
    if (timers.size() == timers_seen_) return;
    while (timers_seen_ < timers.size()) {
      Arrive(TimerFired{timers[timers_seen_++].timer});
    }
    Turn();
  }
}

void WorkerDriver::ClearOutbox() {
  isolate_->TakeBack(outbox_);
  timers_seen_ = 0;
}

std::string WorkerDriver::Answer(InvocationId id) const {
  for (const OutboxEntry& entry : outbox_) {
    if (entry.invocation != id) continue;
    if (const auto* whole = std::get_if<Respond>(&entry.action)) {
      return fmt::format("{} {}", whole->head.status, whole->body);
    }
    if (const auto* error = std::get_if<RespondError>(&entry.action)) {
      return fmt::format("error {}", error->number);
    }
  }
  return {};
}

}  // namespace caravel::runtime

#include "runtime/testing/isolate_fixture.h"

#include "runtime/testing/js_test.h"

namespace caravel::runtime {

IsolateFixture::IsolateFixture()
    : monitor_(log_),
      guard_(monitor_),
      isolate_(Isolate::Create(EngineEnvironment::Shared(), clock_)) {}

std::string IsolateFixture::Load(const std::string& source,
                                 registry::Limits limits) {
  return Load({{"index.js", registry::ModuleType::kEsModule, source}}, limits);
}

std::string IsolateFixture::Load(std::vector<registry::Module> modules,
                                 registry::Limits limits) {
  const std::string file =
      registry::WriteBundle(modules.front().name, modules).value();
  const base::Fd fd = base::SealedMemoryFile("bundle", file).value();
  registry::Version version;
  version.limits = limits;
  version.compatibility_date = compatibility_date_;
  version.bindings = {{"TEXT", registry::BindingType::kPlainText, "text"},
                      {"VALUE", registry::BindingType::kJson, R"({"a":[1]})"}};
  return isolate_
      ->Load(
          std::make_shared<registry::Bundle>(registry::Bundle::Map(fd).value()),
          version, {}, guard_.guard())
      .error;
}

InvocationId IsolateFixture::Arrive(const std::string& target,
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

InvocationId IsolateFixture::ArriveWithBody(const std::string& target) {
  const InvocationId id = Arrive(target, "POST");
  std::get<RequestArrived>(inbox_.back()).has_body = true;
  return id;
}

void IsolateFixture::Turn() { isolate_->Turn(inbox_, outbox_, guard_.guard()); }

void IsolateFixture::TurnUntilQuiet() {
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

std::string IsolateFixture::Answer(InvocationId id) const {
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

const InvocationEnded* IsolateFixture::End(InvocationId id) const {
  for (const OutboxEntry& entry : outbox_) {
    if (entry.invocation != id) continue;
    if (const auto* ended = std::get_if<InvocationEnded>(&entry.action)) {
      return ended;
    }
  }
  return nullptr;
}

const registry::LogEvent* IsolateFixture::Event(InvocationId id) const {
  const InvocationEnded* ended = End(id);
  return ended == nullptr ? nullptr : ended->event.get();
}

std::string IsolateFixture::Outcome(InvocationId id) const {
  const InvocationEnded* ended = End(id);
  if (ended == nullptr) return "";
  return ended->event == nullptr ? "ok" : ended->event->outcome;
}

}  // namespace caravel::runtime

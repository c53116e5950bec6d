#include "runtime/testing/isolate_fixture.h"

#include "runtime/testing/js_test.h"

namespace caravel::runtime {

IsolateFixture::IsolateFixture() : WorkerDriver(EngineEnvironment::Shared()) {}

std::string IsolateFixture::Load(const std::string& source,
                                 registry::Limits limits) {
  return Load({{"index.js", registry::ModuleType::kEsModule, source}}, limits);
}

std::string IsolateFixture::Load(const std::vector<registry::Module>& modules,
                                 registry::Limits limits) {
  registry::Version version;
  version.limits = limits;
  version.compatibility_date = compatibility_date_;
  version.compatibility_flags = compatibility_flags_;
  version.bindings = bindings_;
  return WorkerDriver::Load(modules, version);
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

#include "host/checker.h"

#include <memory>
#include <utility>

#include "registry/bundle.h"
#include "registry/exports.h"

namespace caravel::host {
namespace {

// A report is one packet: what a tenant can make long is cut.
constexpr size_t kMaxErrorBytes = 16 * 1024;

void CutReport(registry::BundleChecked& checked) {
  if (checked.error.size() > kMaxErrorBytes) {
    checked.error.resize(kMaxErrorBytes);
    checked.error += " …";
  }
  registry::CutExports(checked.exports);
}

}  // namespace

Checker::Checker(IsolatePool& pool, runtime::Monitor& monitor)
    : pool_(pool), monitor_(monitor), thread_([this] { Run(); }) {}

Checker::~Checker() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void Checker::Check(registry::CheckBundle check, base::Fd bundle, Link& link) {
  const base::MutexLock lock(mutex_);
  jobs_.push_back({std::move(check), std::move(bundle), &link});
  changed_.NotifyAll();
}

void Checker::Run() {
  runtime::MonitoredGuard guard(monitor_);
  for (;;) {
    Job job;
    {
      const base::MutexLock lock(mutex_);
      while (!stopping_ && jobs_.empty()) changed_.Wait(mutex_);
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    Do(std::move(job), guard.guard());
  }
}

void Checker::Do(Job job, runtime::RunGuard& guard) {
  registry::BundleChecked checked;
  checked.request = job.check.request;
  std::vector<base::Fd> fds;
  Result<registry::Bundle> bundle = registry::Bundle::Map(job.bundle);
  if (!bundle) {
    checked.error = bundle.error().ToText();
  } else {
    const std::unique_ptr<runtime::Isolate> isolate = pool_.Take();
    runtime::Loaded loaded =
        isolate->Load(std::make_shared<registry::Bundle>(std::move(*bundle)),
                      job.check.version, {}, guard);
    checked.error = std::move(loaded.error);
    checked.handlers = std::move(loaded.handlers);
    checked.exports = std::move(loaded.exports);
    checked.startup_ms = static_cast<uint32_t>(loaded.startup_us / 1000);
    if (checked.error.empty()) {
      Result<base::Fd> cache =
          base::SealedMemoryFile("code_cache", isolate->CodeCache());
      if (cache) {
        fds.push_back(std::move(*cache));
        checked.has_code_cache = true;
      }
    }
  }
  CutReport(checked);
  job.link->Report(std::move(checked), std::move(fds));
}

}  // namespace caravel::host

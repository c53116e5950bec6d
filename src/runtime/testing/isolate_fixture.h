#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/testing/worker_driver.h"

namespace caravel::runtime {

// A fixture with one isolate that runs one Worker.
class IsolateFixture : public ::testing::Test, protected WorkerDriver {
 protected:
  IsolateFixture();

  // What a Worker has whose limits are not what is tested: sanitizers and a
  // loaded machine take several times the CPU time.
  static constexpr registry::Limits kLimits{.cpu_ms = 500};

  // Loads a Worker of one module, "index.js"; the error, or "".
  std::string Load(const std::string& source,
                   registry::Limits limits = kLimits);
  // The same with further modules.
  std::string Load(const std::vector<registry::Module>& modules,
                   registry::Limits limits = kLimits);

  // Of the Worker that is loaded next.
  std::string compatibility_date_;
  std::vector<std::string> compatibility_flags_;
  std::vector<registry::Binding> bindings_ = {
      {"TEXT", registry::BindingType::kPlainText, "text"},
      {"VALUE", registry::BindingType::kJson, R"({"a":[1]})"}};

  // How it ended, or "" while it runs.
  std::string Outcome(InvocationId id) const;
  const InvocationEnded* End(InvocationId id) const;
  // nullptr while it runs, and for a plain success without log lines.
  const registry::LogEvent* Event(InvocationId id) const;
};

}  // namespace caravel::runtime

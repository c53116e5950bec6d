#pragma once

#include <gtest/gtest.h>
#include <v8.h>

#include <memory>
#include <string>
#include <string_view>

#include "runtime/engine.h"
#include "runtime/isolate_state.h"
#include "runtime/memory_account.h"
#include "runtime/task_queue.h"

namespace caravel::runtime {

// A fixture with an isolate from the startup snapshot, in which no Worker was
// loaded and no turn runs: for native ops that need neither. V8 is only in the
// Node binary, so these tests are an addon (js_test_main.cc) that Node loads.
class JsTest : public ::testing::Test {
 protected:
  JsTest();
  ~JsTest() override;

  // What the script comes to, as String() has it; "TypeError: …" where it
  // throws. The script sees the global scope of a Worker, and `native`.
  std::string Evaluate(std::string_view script);

  // Collects all garbage, so that objects without a reference are destroyed.
  void CollectGarbage();

  v8::Isolate* isolate() const { return isolate_; }
  IsolateState& state() { return state_; }

  const std::shared_ptr<MemoryAccount> memory_;  // of the isolate

 private:
  const std::shared_ptr<TaskQueue> tasks_;
  IsolateState state_;
  v8::Isolate* const isolate_;  // owned: disposed of by the platform
  v8::Global<v8::Context> context_;
};

// The engine that all tests share, from before the first until after the last.
class EngineEnvironment final : public ::testing::Environment {
 public:
  explicit EngineEnvironment(std::unique_ptr<Engine> engine);
  ~EngineEnvironment() override;
  static const Engine& Shared();
};

}  // namespace caravel::runtime

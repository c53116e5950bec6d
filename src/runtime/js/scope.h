#pragma once

#include <v8.h>

#include <string_view>

#include "base/lifetime.h"

namespace caravel::runtime {
class IsolateState;
}

namespace caravel::js {

// Proof that this thread holds an isolate and has entered its context. It opens
// no handle scope: V8 has one open around each callback, and who enters an
// isolate opens one itself. Native code that needs the isolate takes a Scope&;
// what does not take one cannot touch the isolate by accident. Lives on the
// stack.
class Scope {
 public:
  // Requires: the isolate is locked and its context entered by this thread, and
  // a handle scope is open.
  explicit Scope(v8::Isolate* isolate)
      : isolate_(isolate), context_(isolate->GetCurrentContext()) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  v8::Isolate* isolate() const { return isolate_; }
  v8::Local<v8::Context> context() const { return context_; }

  // What belongs to this isolate: its inbox, outbox and tables. Requires: the
  // isolate is one of the platform's (not the snapshot creator's).
  runtime::IsolateState& state() const {
    return *static_cast<runtime::IsolateState*>(isolate_->GetData(kStateSlot));
  }
  static constexpr uint32_t kStateSlot = 0;

  // The literal as an internalized string, for property names.
  v8::Local<v8::String> Name(std::string_view text) const;

 private:
  v8::Isolate* isolate_;
  v8::Local<v8::Context> context_;
};

}  // namespace caravel::js

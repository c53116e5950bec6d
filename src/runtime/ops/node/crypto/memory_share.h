#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/js/class.h"
#include "runtime/js/scope.h"
#include "runtime/memory_account.h"

namespace caravel::runtime {

// What one native object of node:crypto weighs, counted against the isolate's
// memory until it goes: OpenSSL's state is outside of all that V8 counts.
//
// Threads: the one that is in the isolate.
class MemoryShare {
 public:
  // Collects garbage first where there is no room. Nothing: RangeError was
  // thrown, which names `what`.
  static std::optional<MemoryShare> Take(js::Scope& scope, size_t size,
                                         std::string_view what);

  MemoryShare(MemoryShare&& other) noexcept
      : account_(std::exchange(other.account_, nullptr)), size_(other.size_) {}
  MemoryShare& operator=(MemoryShare&&) = delete;
  ~MemoryShare() {
    if (account_ != nullptr) account_->Release(size_);
  }

  size_t size() const { return size_; }

 private:
  MemoryShare(MemoryAccount* account, size_t size)
      : account_(account), size_(size) {}

  MemoryAccount* account_;  // nullptr once moved from
  size_t size_;
};

// A T for JS that has a share of T::kWeight, its constructor's first argument.
template <typename T, typename... Arguments>
js::Result<v8::Value> WrapCounted(js::Scope& scope, std::string_view what,
                                  Arguments&&... arguments) {
  auto share = MemoryShare::Take(scope, T::kWeight, what);
  if (!share) return {};
  return js::Wrap(scope,
                  std::make_unique<T>(std::move(*share),
                                      std::forward<Arguments>(arguments)...));
}

}  // namespace caravel::runtime

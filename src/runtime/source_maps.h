#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/lifetime.h"
#include "registry/bundle.h"
#include "runtime/js/scope.h"
#include "runtime/source_map.h"

namespace caravel::runtime {

// The source maps of a bundle's modules, each read when it is first asked for:
// most Workers never throw.
//
// Threads: the one that is in the isolate.
class SourceMaps {
 public:
  explicit SourceMaps(std::shared_ptr<const registry::Bundle> bundle)
      : bundle_(std::move(bundle)) {}

  // nullptr for a module without a map, or whose map cannot be read. V8 reads a
  // map in one call that nothing ends, so that all together have a bound.
  const SourceMap* Find(js::Scope& scope,
                        std::string_view module) CARAVEL_LIFETIME_BOUND;

 private:
  // Brackets, commas and colons outside of texts, which take V8 some 3 us each
  // at worst. Maps have long texts and few values.
  static constexpr size_t kMostMarks = 500'000;

  std::shared_ptr<const registry::Bundle> bundle_;
  // By their files in the bundle: a stack may name modules that are nowhere,
  // any number of them.
  std::unordered_map<const registry::Bundle::ModuleView*,
                     std::unique_ptr<SourceMap>>
      maps_;
  size_t marks_left_ = kMostMarks;
};

}  // namespace caravel::runtime

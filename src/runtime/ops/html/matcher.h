#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/ops/html/open_elements.h"
#include "runtime/ops/html/selector.h"
#include "runtime/ops/html/tokenizer.h"

namespace caravel::runtime::html {

// Which of many selectors an element matches. Each prefix of a selector ("a",
// "a b", "a b > c") is a step; beside an open element stands which steps it
// matches, and which it or one around it does, so that no ancestor is looked at
// again.
//
// Threads: one at a time.
class Matcher {
 public:
  // Elements that match any of `selectors` are told as `owner`.
  void Add(std::vector<Selector> selectors, uint32_t owner);
  size_t steps() const { return steps_.size(); }

  // Words that OpenElements keeps beside an element.
  size_t words() const { return 2 * half(); }
  bool counts_types() const { return counts_types_; }

  // Begins with a start tag whose parent is the innermost of `open`; all are
  // valid until Run() is done. `name` is in lower case.
  void Begin(std::string_view name, uint64_t hash,
             const std::vector<Attribute>& attributes,
             OpenElements::Places places);
  // Goes on until done, or until some time has passed: false. What matches is
  // then in owners().
  bool Run(OpenElements& open);
  // In ascending order, each once.
  const std::vector<uint32_t>& owners() const { return owners_; }
  // Stores what the element matched, now the innermost of `open`.
  void Store(OpenElements& open) const;

 private:
  static constexpr size_t kNone = SIZE_MAX;
  struct Step {
    Compound compound;
    uint64_t hash = 0;      // of the type
    size_t before = kNone;  // the step of the prefix
    bool child = false;
    bool last = false;
    uint32_t owner = 0;
  };

  size_t half() const { return (steps_.size() + 63) / 64; }
  bool Matches(const Compound& compound, uint64_t type_hash);
  bool MatchesAttributes(const Compound& compound);
  const Attribute* Find(std::string_view name);

  std::vector<Step> steps_;
  bool counts_types_ = false;

  // Of the element that is looked at.
  std::string_view name_;
  uint64_t hash_ = 0;
  const std::vector<Attribute>* attributes_ = nullptr;
  // The first of each name, where there are many.
  std::unordered_map<uint64_t, const Attribute*> index_;
  OpenElements::Places places_;
  size_t next_ = 0;
  size_t work_ = 0;  // in bytes looked at
  std::vector<uint64_t> matched_;
  std::vector<uint32_t> owners_;
};

}  // namespace caravel::runtime::html

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/lifetime.h"
#include "base/result.h"

namespace caravel::api {

// The place of a value in a document, kept on the stack of who walks it:
// "rules[2].pattern". Each step points to the one around it, which outlives it.
class Where {
 public:
  // The document itself; `name` as errors call it ("the body", "metadata").
  explicit Where(std::string_view name) : name_(name) {}

  Where Key(std::string_view key) const CARAVEL_LIFETIME_BOUND {
    return Where(this, key, 0);
  }
  Where Item(size_t index) const CARAVEL_LIFETIME_BOUND {
    return Where(this, {}, index);
  }

  // "rules[2].pattern"; of the document itself its name.
  std::string Text() const;

  // kInvalid: "rules[2].pattern: <what>".
  Error Wrong(std::string_view what) const;

 private:
  Where(const Where* around, std::string_view name, size_t index)
      : around_(around), name_(name), index_(index) {}

  const Where* around_ = nullptr;
  std::string_view name_;  // empty: an item of a list
  size_t index_ = 0;
};

}  // namespace caravel::api

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/lifetime.h"

namespace caravel::net {

// The header fields of one message, in order, in one block of memory: adding
// costs no allocation once the block has grown, and a reused list keeps it.
// A value type. Names compare without case; they are kept as they came.
class Headers {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  Headers() = default;
  Headers(const Headers&) = default;
  Headers& operator=(const Headers&) = default;
  Headers(Headers&&) = default;
  // Exchanges the two lists, so that the memory of both is used again.
  Headers& operator=(Headers&& other) noexcept;

  // Requires: `name` is a token and `value` a field value (RFC 9110, section
  // 5), already checked by who parsed or received them.
  void Add(std::string_view name, std::string_view value);
  [[clang::reinitializes]] void Clear();

  size_t size() const { return spans_.size(); }
  bool empty() const { return spans_.empty(); }
  size_t bytes() const { return block_.size(); }  // of all names and values
  // Bytes of memory beside the object itself.
  size_t held() const {
    return block_.capacity() + spans_.capacity() * sizeof(Span);
  }
  // Requires: i < size(). The views live until the list changes.
  Field operator[](size_t i) const CARAVEL_LIFETIME_BOUND;
  // The first field of that name, or nothing.
  std::optional<std::string_view> Find(std::string_view name) const
      CARAVEL_LIFETIME_BOUND;

  static constexpr auto Fields() {
    return base::Fields(&Headers::block_, &Headers::spans_);
  }

  // False for a list from another process that the rules above do not hold for:
  // spans that leave the block, names or values that could not stand in HTTP.
  // Nothing else may be asked of a decoded list before.
  bool IsSound() const;

  // Whether a name or a value holds CR, LF or NUL, which would end its line in
  // HTTP/1.1. One pass over the block.
  bool BreaksLines() const;

 private:
  struct Span {
    uint32_t begin = 0;
    uint32_t name_size = 0;
    uint32_t value_size = 0;  // the value stands right behind the name
    static constexpr auto Fields() {
      return base::Fields(&Span::begin, &Span::name_size, &Span::value_size);
    }
  };

  std::string block_;
  std::vector<Span> spans_;
};

// Whether two names of header fields are the same: ASCII letters without case.
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace caravel::net

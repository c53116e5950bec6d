// Tests: headers_test.cc.
#include "net/headers.h"

#include "base/check.h"
#include "net/http_syntax.h"

namespace caravel::net {

void Headers::Add(std::string_view name, std::string_view value) {
  const auto begin = static_cast<uint32_t>(block_.size());
  block_.append(name).append(value);
  spans_.push_back({begin, static_cast<uint32_t>(name.size()),
                    static_cast<uint32_t>(value.size())});
}

Headers& Headers::operator=(Headers&& other) noexcept {
  block_.swap(other.block_);
  spans_.swap(other.spans_);
  return *this;
}

void Headers::Clear() {
  block_.clear();
  spans_.clear();
}

Headers::Field Headers::operator[](size_t i) const {
  CARAVEL_CHECK(i < spans_.size(), i, spans_.size());
  const Span& span = spans_[i];
  const std::string_view block = block_;
  return {block.substr(span.begin, span.name_size),
          block.substr(span.begin + span.name_size, span.value_size)};
}

std::optional<std::string_view> Headers::Find(std::string_view name) const {
  for (size_t i = 0; i < size(); ++i) {
    if (spans_[i].name_size != name.size()) continue;
    const Field field = (*this)[i];
    if (EqualsIgnoringCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

bool Headers::IsSound() const {
  for (size_t i = 0; i < spans_.size(); ++i) {
    const Span& span = spans_[i];
    const uint64_t end =
        uint64_t{span.begin} + span.name_size + span.value_size;
    if (end > block_.size()) return false;
    const Field field = (*this)[i];
    if (!IsToken(field.name) || !IsFieldValue(field.value)) return false;
  }
  return true;
}

bool Headers::BreaksLines() const {
  // No early end, and no branch: so the compiler compares many at once.
  unsigned char found = 0;
  for (const char c : block_) {
    found |= static_cast<unsigned char>(c == '\r') |
             static_cast<unsigned char>(c == '\n') |
             static_cast<unsigned char>(c == '\0');
  }
  return found != 0;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<unsigned char>(a[i]);
    const auto y = static_cast<unsigned char>(b[i]);
    if (x == y) continue;
    const unsigned char lower = x | 0x20;
    if (lower != (y | 0x20) || lower < 'a' || lower > 'z') return false;
  }
  return true;
}

}  // namespace caravel::net

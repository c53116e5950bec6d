#include <charconv>

#include "cli/command.h"

namespace caravel::cli {

std::optional<std::string> Arguments::Text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second.back();
}

std::optional<unsigned> Arguments::Number(std::string_view name) const {
  const std::optional<std::string> text = Text(name);
  if (!text) return std::nullopt;
  unsigned number = 0;  // the parser has accepted digits only
  std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::vector<std::string> Arguments::List(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

void Arguments::Add(std::string_view name, std::string value) {
  values_[std::string(name)].push_back(std::move(value));
}

}  // namespace caravel::cli

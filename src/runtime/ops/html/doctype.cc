#include "runtime/ops/html/doctype.h"

#include <algorithm>

#include "runtime/ops/html/tokenizer.h"

namespace caravel::runtime::html {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Doctype Parse() {
    Doctype doctype;
    SkipSpace();
    std::string name;
    while (!text_.empty() && !IsSpace(text_.front())) {
      name += ToLower(text_.front());
      text_.remove_prefix(1);
    }
    if (!name.empty()) doctype.name = std::move(name);
    SkipSpace();
    if (TakeWord("public")) {
      SkipSpace();
      doctype.public_id = TakeQuoted();
      SkipSpace();
      if (doctype.public_id) doctype.system_id = TakeQuoted();
    } else if (TakeWord("system")) {
      SkipSpace();
      doctype.system_id = TakeQuoted();
    }
    return doctype;
  }

 private:
  void SkipSpace() {
    while (!text_.empty() && IsSpace(text_.front())) text_.remove_prefix(1);
  }
  bool TakeWord(std::string_view word) {
    if (!EqualsIgnoringCase(text_.substr(0, word.size()), word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  std::optional<std::string> TakeQuoted() {
    if (text_.empty() || (text_.front() != '"' && text_.front() != '\'')) {
      return std::nullopt;
    }
    const size_t end = std::min(text_.find(text_.front(), 1), text_.size());
    std::string value(text_.substr(1, end - 1));
    text_.remove_prefix(std::min(end + 1, text_.size()));
    return value;
  }

  std::string_view text_;
};

}  // namespace

Doctype ParseDoctype(std::string_view raw) {
  constexpr std::string_view kStart = "<!doctype";
  raw.remove_prefix(std::min(raw.size(), kStart.size()));
  if (raw.ends_with('>')) raw.remove_suffix(1);
  return Parser(raw).Parse();
}

}  // namespace caravel::runtime::html

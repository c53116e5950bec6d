#include "runtime/ops/html/selector.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <limits>

#include "runtime/ops/html/tokenizer.h"

namespace caravel::runtime::html {
namespace {

constexpr size_t kMaxDepthOfNot = 8;

bool IsNameByte(char c) {
  return IsAlpha(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (ToLower(c) >= 'a' && ToLower(c) <= 'f');
}

void Lower(std::string& text) {
  for (char& c : text) c = ToLower(c);
}

bool Contains(std::string_view text, std::string_view part) {
  // In linear time, whatever the two are; std::string_view::find() is not.
  return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

void AppendUtf8(uint32_t code_point, std::string& out) {
  const auto add = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    add(code_point);
  } else if (code_point < 0x800) {
    add(0xC0 | code_point >> 6);
    add(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    add(0xE0 | code_point >> 12);
    add(0x80 | (code_point >> 6 & 0x3F));
    add(0x80 | (code_point & 0x3F));
  } else {
    add(0xF0 | code_point >> 18);
    add(0x80 | (code_point >> 12 & 0x3F));
    add(0x80 | (code_point >> 6 & 0x3F));
    add(0x80 | (code_point & 0x3F));
  }
}

class SelectorParser {
 public:
  explicit SelectorParser(std::string_view text) : text_(text) {}

  Result<std::vector<Selector>> Parse() {
    std::vector<Selector> selectors;
    do {
      CARAVEL_TRY(Selector selector, ParseSelector());
      selectors.push_back(std::move(selector));
    } while (Take(','));
    if (!AtEnd()) return Wrong(fmt::format("\"{}\" is not expected", Here()));
    return selectors;
  }

 private:
  Error Wrong(std::string_view why) const {
    return Error(ErrorCode::kInvalid,
                 fmt::format("selector \"{}\": {}", text_, why));
  }

  bool AtEnd() const { return at_ == text_.size(); }
  char Here() const { return AtEnd() ? '\0' : text_[at_]; }
  char Ahead(size_t count) const {
    return at_ + count < text_.size() ? text_[at_ + count] : '\0';
  }
  bool Take(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool SkipSpace() {
    const size_t before = at_;
    while (!AtEnd() && IsSpace(Here())) ++at_;
    return at_ > before;
  }

  Result<Selector> ParseSelector() {
    Selector selector;
    bool child = false;
    SkipSpace();
    for (;;) {
      CARAVEL_TRY(Compound compound, ParseCompound(0));
      selector.steps.push_back({child, std::move(compound)});
      const bool space = SkipSpace();
      if (AtEnd() || Here() == ',') return selector;
      child = Take('>');
      if (child) {
        SkipSpace();
      } else if (Here() == '+' || Here() == '~') {
        return Wrong(fmt::format(
            "the combinator \"{}\" is not supported; there are \">\" and the "
            "blank",
            Here()));
      } else if (!space) {
        return Wrong(fmt::format("\"{}\" is not expected", Here()));
      }
    }
  }

  // An identifier with its escapes (CSS Syntax, sections 4.3.7 and 4.3.11).
  Result<std::string> ParseName() {
    std::string name;
    const bool starts = IsNameByte(Here()) || Here() == '\\';
    const bool digit = Here() >= '0' && Here() <= '9';
    if (!starts || digit ||
        (Here() == '-' && Ahead(1) >= '0' && Ahead(1) <= '9')) {
      if (AtEnd()) return Wrong("it ends where a name is expected");
      return Wrong(fmt::format("\"{}\" does not begin a name", Here()));
    }
    while (!AtEnd()) {
      if (Take('\\')) {
        CARAVEL_TRY(ParseEscape(name));
      } else if (IsNameByte(Here())) {
        name += text_[at_++];
      } else {
        break;
      }
    }
    return name;
  }

  Status ParseEscape(std::string& out) {
    if (AtEnd()) return Wrong("it ends in \"\\\"");
    if (!IsHexDigit(Here())) {
      out += text_[at_++];
      return {};
    }
    uint32_t code_point = 0;
    for (int i = 0; i < 6 && IsHexDigit(Here()); ++i) {
      const char c = ToLower(text_[at_++]);
      code_point = code_point * 16 +
                   static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    if (IsSpace(Here())) ++at_;
    const bool none = code_point == 0 || code_point > 0x10FFFF ||
                      (code_point >= 0xD800 && code_point < 0xE000);
    AppendUtf8(none ? 0xFFFD : code_point, out);
    return {};
  }

  Result<std::string> ParseString(char quote) {
    std::string value;
    while (!Take(quote)) {
      if (AtEnd()) return Wrong("a string is not closed");
      if (Take('\\')) {
        CARAVEL_TRY(ParseEscape(value));
      } else {
        value += text_[at_++];
      }
    }
    return value;
  }

  Result<Compound> ParseCompound(size_t depth) {
    Compound compound;
    const size_t begin = at_;
    if (Take('*')) {
      // any type
    } else if (IsNameByte(Here()) || Here() == '\\') {
      CARAVEL_TRY(std::string type, ParseName());
      Lower(type);
      compound.type = std::move(type);
    }
    if (Here() == '|' && Ahead(1) != '=') {
      return Wrong("namespaces are not supported");
    }
    for (;;) {
      if (Take('.')) {
        CARAVEL_TRY(std::string name, ParseName());
        compound.attributes.push_back(
            {"class", AttributeTest::Operator::kHasWord, std::move(name)});
      } else if (Take('#')) {
        CARAVEL_TRY(std::string name, ParseHash());
        compound.attributes.push_back(
            {"id", AttributeTest::Operator::kEquals, std::move(name)});
      } else if (Take('[')) {
        CARAVEL_TRY(AttributeTest test, ParseAttribute());
        compound.attributes.push_back(std::move(test));
      } else if (Take(':')) {
        CARAVEL_TRY(ParsePseudoClass(compound, depth));
      } else {
        break;
      }
    }
    if (at_ > begin) return compound;
    if (text_.find_first_not_of(" \t\r\n\f") == std::string_view::npos) {
      return Wrong("it is empty");
    }
    if (AtEnd()) return Wrong("it ends where an element is expected");
    return Wrong(fmt::format("\"{}\" does not begin an element", Here()));
  }

  Result<std::string> ParseHash() {
    std::string name;
    while (!AtEnd() && (IsNameByte(Here()) || Here() == '\\')) {
      if (Take('\\')) {
        CARAVEL_TRY(ParseEscape(name));
      } else {
        name += text_[at_++];
      }
    }
    if (name.empty()) return Wrong("a \"#\" has no name behind it");
    return name;
  }

  Result<AttributeTest> ParseAttribute() {
    using Operator = AttributeTest::Operator;
    AttributeTest test;
    SkipSpace();
    CARAVEL_TRY(test.name, ParseName());
    Lower(test.name);
    SkipSpace();
    if (Take(']')) return test;
    switch (Here()) {
      case '=':
        test.op = Operator::kEquals;
        break;
      case '~':
        test.op = Operator::kHasWord;
        break;
      case '^':
        test.op = Operator::kStartsWith;
        break;
      case '$':
        test.op = Operator::kEndsWith;
        break;
      case '*':
        test.op = Operator::kContains;
        break;
      case '|':
        test.op = Operator::kDashMatch;
        break;
      default:
        return Wrong(
            AtEnd()
                ? "a \"[\" is not closed"
                : fmt::format("\"{}\" is no operator of an attribute", Here()));
    }
    if (test.op != Operator::kEquals) ++at_;
    if (!Take('=')) return Wrong("an operator of an attribute lacks its \"=\"");
    SkipSpace();
    if (Here() == '"' || Here() == '\'') {
      const char quote = text_[at_++];
      CARAVEL_TRY(test.value, ParseString(quote));
    } else {
      CARAVEL_TRY(test.value, ParseName());
    }
    SkipSpace();
    if (ToLower(Here()) == 'i' || ToLower(Here()) == 's') {
      test.ignore_case = ToLower(text_[at_++]) == 'i';
      SkipSpace();
    }
    if (!Take(']')) return Wrong("a \"[\" is not closed");
    return test;
  }

  Status ParsePseudoClass(Compound& compound, size_t depth) {
    if (Here() == ':') return Wrong("pseudo-elements are not supported");
    CARAVEL_TRY(std::string name, ParseName());
    Lower(name);
    if (name == "first-child" || name == "first-of-type") {
      compound.places.push_back({0, 1, name == "first-of-type"});
      return {};
    }
    const bool place = name == "nth-child" || name == "nth-of-type";
    if (!place && name != "not") {
      return Wrong(
          fmt::format("the pseudo-class \":{}\" is not supported", name));
    }
    if (!Take('(')) return Wrong(fmt::format("\":{}\" lacks its \"(\"", name));
    if (place) {
      CARAVEL_TRY(Nth nth, ParseNth());
      nth.of_type = name == "nth-of-type";
      compound.places.push_back(nth);
      return {};
    }
    if (depth == kMaxDepthOfNot)
      return Wrong("too many \":not()\" in each other");
    do {
      SkipSpace();
      CARAVEL_TRY(Compound excluded, ParseCompound(depth + 1));
      compound.excluded.push_back(std::move(excluded));
      SkipSpace();
    } while (Take(','));
    if (!Take(')')) {
      return Wrong("\":not()\" takes single elements, without combinators");
    }
    return {};
  }

  // An+B (CSS Syntax, section 6), up to its ")".
  Result<Nth> ParseNth() {
    const size_t end = text_.find(')', at_);
    if (end == std::string_view::npos) return Wrong("a \"(\" is not closed");
    std::string_view text = text_.substr(at_, end - at_);
    at_ = end + 1;
    const auto trim = [&text] {
      while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
      while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
    };
    trim();
    if (EqualsIgnoringCase(text, "odd")) return Nth{2, 1, false};
    if (EqualsIgnoringCase(text, "even")) return Nth{2, 0, false};
    const auto wrong = [&] {
      return Wrong("a place is \"odd\", \"even\", or as in \"3\" and \"2n+1\"");
    };
    Nth nth;
    const size_t n = text.find_first_of("nN");
    if (n == std::string_view::npos) {
      if (!ToNumber(text, nth.offset)) return wrong();
      return nth;
    }
    const std::string_view step = text.substr(0, n);
    if (step.empty() || step == "+") {
      nth.step = 1;
    } else if (step == "-") {
      nth.step = -1;
    } else if (!ToNumber(step, nth.step)) {
      return wrong();
    }
    text.remove_prefix(n + 1);
    trim();
    if (text.empty()) return nth;
    if (text.front() != '+' && text.front() != '-') return wrong();
    std::string offset(1, text.front());
    text.remove_prefix(1);
    trim();
    if (text.empty() || text.front() < '0' || text.front() > '9')
      return wrong();
    offset += text;
    if (!ToNumber(offset, nth.offset)) return wrong();
    return nth;
  }

  static bool ToNumber(std::string_view text, int64_t& out) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return false;
    out = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return false;
      out = std::min<int64_t>(out * 10 + (c - '0'),
                              std::numeric_limits<int32_t>::max());
    }
    if (negative) out = -out;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

bool AttributeTest::Matches(std::string_view actual) const {
  if (op == Operator::kExists) return true;
  std::string lowered;
  std::string_view wanted = value;
  std::string lowered_value;
  if (ignore_case) {
    lowered = actual;
    Lower(lowered);
    actual = lowered;
    lowered_value = value;
    Lower(lowered_value);
    wanted = lowered_value;
  }
  switch (op) {
    case Operator::kExists:
      return true;
    case Operator::kEquals:
      return actual == wanted;
    case Operator::kStartsWith:
      return !wanted.empty() && actual.starts_with(wanted);
    case Operator::kEndsWith:
      return !wanted.empty() && actual.ends_with(wanted);
    case Operator::kContains:
      return !wanted.empty() && Contains(actual, wanted);
    case Operator::kDashMatch:
      return actual.starts_with(wanted) &&
             (actual.size() == wanted.size() || actual[wanted.size()] == '-');
    case Operator::kHasWord:
      break;
  }
  if (wanted.empty() || wanted.size() > actual.size()) return false;
  constexpr std::string_view kSpaces = " \t\n\r\f";
  for (size_t begin = actual.find_first_not_of(kSpaces);
       begin != std::string_view::npos;) {
    const size_t end =
        std::min(actual.find_first_of(kSpaces, begin), actual.size());
    if (actual.substr(begin, end - begin) == wanted) return true;
    begin = actual.find_first_not_of(kSpaces, end);
  }
  return false;
}

bool Nth::Matches(int64_t place) const {
  if (step == 0) return place == offset;
  const int64_t distance = place - offset;
  return distance % step == 0 && distance / step >= 0;
}

bool Compound::CountsTypes() const {
  return std::ranges::any_of(places, &Nth::of_type) ||
         std::ranges::any_of(excluded, &Compound::CountsTypes);
}

Result<std::vector<Selector>> ParseSelectors(std::string_view text) {
  return SelectorParser(text).Parse();
}

}  // namespace caravel::runtime::html

// Text is skipped with memchr(); markup goes through a state for each byte, so
// that it can stop and go on anywhere. Where text becomes markup a handful of
// bytes decide, which are looked at again when they have all come. The bytes of
// an unfinished token stay in input_; tokenizer_test.cc and
// html_rewriter_fuzz.cc cut documents everywhere.
#include "runtime/ops/html/tokenizer.h"

#include <algorithm>

namespace caravel::runtime::html {
namespace {

constexpr std::string_view kCdataEnd = "]]>";

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, ToLower, ToLower);
}

const Attribute* FindAttributeIn(std::span<const Attribute> attributes,
                                 std::string_view name) {
  const auto found =
      std::ranges::find_if(attributes, [name](const Attribute& attribute) {
        return EqualsIgnoringCase(attribute.name, name);
      });
  return found == attributes.end() ? nullptr : &*found;
}

size_t Tokenizer::Push(std::string_view bytes) {
  // Nothing moves while a token goes on: it may have come in many pieces.
  const size_t moved = start_ == 0 ? 0 : MoveToFront();
  input_.append(bytes);
  return moved + bytes.size();
}

size_t Tokenizer::MoveToFront() {
  input_.erase(0, start_);
  pos_ -= start_;
  name_end_ -= std::min(name_end_, start_);
  text_begin_ -= std::min(text_begin_, start_);
  for (Range& range : ranges_) {
    for (size_t* place : {&range.name_begin, &range.name_end,
                          &range.value_begin, &range.value_end, &range.end}) {
      *place -= std::min(*place, start_);
    }
  }
  start_ = 0;
  return input_.size() + ranges_.size();
}

void Tokenizer::SetMode(TextMode mode, std::string_view name) {
  mode_ = mode;
  script_ = Script::kPlain;
  dashes_ = 0;
  text_end_ = "</";
  text_end_ += name;
}

const Token& Tokenizer::Emit(Token::Kind kind, size_t end) {
  token_.kind = kind;
  token_.raw = At(start_, end);
  start_ = end;
  pos_ = end;
  state_ = State::kText;
  return token_;
}

const Token& Tokenizer::NeedsInput() {
  token_.kind = ended_ && start_ == input_.size() ? Token::Kind::kEnd
                                                  : Token::Kind::kNeedsInput;
  token_.raw = {};
  return token_;
}

const Token& Tokenizer::Next() {
  token_ = {};
  if (state_ != State::kText) return NextMarkup();
  return NextText();
}

Tokenizer::Found Tokenizer::Has(size_t at, std::string_view what) const {
  const std::string_view there =
      At(at, std::min(at + what.size(), input_.size()));
  if (!EqualsIgnoringCase(there, what.substr(0, there.size()))) {
    return Found::kNo;
  }
  if (there.size() == what.size()) return Found::kYes;
  return ended_ ? Found::kNo : Found::kNotYet;
}

Tokenizer::Found Tokenizer::HasWord(size_t at, std::string_view what) const {
  const Found found = Has(at, what);
  if (found != Found::kYes) return found;
  const size_t behind = at + what.size();
  if (behind == input_.size()) return ended_ ? Found::kNo : Found::kNotYet;
  return EndsTagName(input_[behind]) ? Found::kYes : Found::kNo;
}

Tokenizer::Found Tokenizer::HasEndTag(size_t at) const {
  return HasWord(at, text_end_);
}

const Token& Tokenizer::NextText() {
  bool markup = false;
  size_t end = input_.size();
  switch (mode_) {
    case TextMode::kData:
      end = ScanData(markup);
      break;
    case TextMode::kRcdata:
    case TextMode::kRawtext:
      end = ScanUntilEndTag(markup);
      break;
    case TextMode::kScript:
      end = ScanScript(markup);
      break;
    case TextMode::kCdata:
      end = ScanCdata(markup);
      break;
    case TextMode::kPlaintext:
      break;
  }
  if (end > start_) return Emit(Token::Kind::kText, end);
  if (!markup) return NeedsInput();
  if (mode_ == TextMode::kCdata) {
    mode_ = TextMode::kData;
    return Emit(Token::Kind::kMarkup, start_ + kCdataEnd.size());
  }
  return OpenMarkup();
}

size_t Tokenizer::ScanData(bool& markup) {
  for (size_t at = input_.find('<', pos_);; at = input_.find('<', at + 1)) {
    if (at == std::string::npos) return input_.size();
    if (at + 1 == input_.size()) return ended_ ? input_.size() : at;
    const char next = input_[at + 1];
    if (next == '/') {
      if (at + 2 == input_.size()) return ended_ ? input_.size() : at;
      markup = true;
      return at;
    }
    if (IsAlpha(next) || next == '!' || next == '?') {
      markup = true;
      return at;
    }
  }
}

size_t Tokenizer::ScanUntilEndTag(bool& markup) {
  for (size_t at = input_.find('<', pos_);; at = input_.find('<', at + 1)) {
    if (at == std::string::npos) return input_.size();
    const Found found = HasEndTag(at);
    if (found == Found::kNo) continue;
    markup = found == Found::kYes;
    return at;
  }
}

// Sections 13.2.5.15 to 13.2.5.31. What follows "<!--" is escaped, up to "-->";
// in it <script> and </script> hide an end tag.
size_t Tokenizer::ScanScript(bool& markup) {
  for (size_t at = pos_; at < input_.size(); pos_ = at) {
    const char c = input_[at];
    if (script_ == Script::kPlain) {
      if (c != '<') {
        at = std::min(input_.find('<', at), input_.size());
        continue;
      }
      const Found end = HasEndTag(at);
      const Found comment = Has(at, kCommentStart);
      if (end == Found::kYes) {
        markup = true;
        return at;
      }
      if (comment == Found::kYes) {
        script_ = Script::kEscaped;
        dashes_ = 2;
        at += kCommentStart.size();
      } else if (end == Found::kNotYet || comment == Found::kNotYet) {
        return at;
      } else {
        at++;
      }
      continue;
    }
    if (c == '-') {
      dashes_ = std::min(dashes_ + 1, 2);
      at++;
      continue;
    }
    const bool closes = c == '>' && dashes_ == 2;
    if (closes) script_ = Script::kPlain;
    if (c != '<') {
      dashes_ = 0;
      at++;
      continue;
    }
    if (script_ == Script::kEscaped) {
      const Found end = HasEndTag(at);
      const Found start = HasWord(at, "<script");
      if (end == Found::kYes) {
        markup = true;
        return at;
      }
      if (end == Found::kNotYet || start == Found::kNotYet) return at;
      if (start == Found::kYes) script_ = Script::kDoubleEscaped;
      at += start == Found::kYes ? 8 : 1;
    } else {
      const Found end = HasWord(at, "</script");
      if (end == Found::kNotYet) return at;
      if (end == Found::kYes) script_ = Script::kEscaped;
      at += end == Found::kYes ? 9 : 1;
    }
    dashes_ = 0;
  }
  return input_.size();
}

size_t Tokenizer::ScanCdata(bool& markup) {
  for (size_t at = input_.find(']', pos_);; at = input_.find(']', at + 1)) {
    if (at == std::string::npos) return input_.size();
    const Found found = Has(at, kCdataEnd);
    if (found == Found::kNo) continue;
    markup = found == Found::kYes;
    return at;
  }
}

}  // namespace caravel::runtime::html

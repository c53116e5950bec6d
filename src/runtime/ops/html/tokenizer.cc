// Text is skipped with memchr(); markup goes through a state for each byte, so
// that it can stop and go on anywhere. Where text becomes markup a handful of
// bytes decide, which are looked at again when they have all come. The bytes of
// an unfinished token stay in input_; tokenizer_test.cc and
// html_rewriter_fuzz.cc cut documents everywhere.
#include "runtime/ops/html/tokenizer.h"

#include <algorithm>

namespace caravel::runtime::html {
namespace {

constexpr std::string_view kCommentStart = "<!--";
constexpr std::string_view kDoctypeStart = "<!doctype";
constexpr std::string_view kCdataStart = "<![CDATA[";
constexpr std::string_view kCdataEnd = "]]>";

bool EndsTagName(char c) { return IsSpace(c) || c == '/' || c == '>'; }

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

// ---- text ----

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

// ---- markup ----

// At a "<" of which ScanData() or HasEndTag() knows that it is more than text.
const Token& Tokenizer::OpenMarkup() {
  const char next = input_[start_ + 1];
  text_begin_ = start_ + 2;
  if (next == '!') return OpenDeclaration();
  if (next == '?') {
    text_begin_ = start_ + 1;
    pos_ = text_begin_;
    state_ = State::kBogusComment;
    return NextMarkup();
  }
  end_tag_ = next == '/';
  const size_t name = start_ + (end_tag_ ? 2 : 1);
  if (input_[name] == '>') return Emit(Token::Kind::kMarkup, name + 1);
  pos_ = name;
  ranges_.clear();
  state_ = IsAlpha(input_[name]) ? State::kTagName : State::kBogusComment;
  return NextMarkup();
}

const Token& Tokenizer::OpenDeclaration() {
  const Found comment = Has(start_, kCommentStart);
  const Found doctype = Has(start_, kDoctypeStart);
  const Found cdata =
      cdata_allowed_ &&
              At(start_, input_.size()).substr(0, kCdataStart.size()) ==
                  kCdataStart.substr(0, input_.size() - start_)
          ? Has(start_, kCdataStart)
          : Found::kNo;
  if (comment == Found::kYes) {
    text_begin_ = start_ + kCommentStart.size();
    pos_ = text_begin_;
    dashes_ = 2;  // "<!-->" and "<!--->" are whole
    bang_ = false;
    state_ = State::kComment;
  } else if (doctype == Found::kYes) {
    pos_ = start_ + kDoctypeStart.size();
    state_ = State::kDoctype;
  } else if (cdata == Found::kYes) {
    mode_ = TextMode::kCdata;
    return Emit(Token::Kind::kMarkup, start_ + kCdataStart.size());
  } else if (comment == Found::kNotYet || doctype == Found::kNotYet ||
             cdata == Found::kNotYet) {
    return NeedsInput();
  } else {
    pos_ = text_begin_;
    state_ = State::kBogusComment;
  }
  return NextMarkup();
}

const Token& Tokenizer::NextMarkup() {
  switch (state_) {
    case State::kComment:
      return ScanComment();
    case State::kBogusComment:
      return ScanUntilBracket(Token::Kind::kComment);
    case State::kDoctype:
      return ScanUntilBracket(Token::Kind::kDoctype);
    default:
      return ScanTag();
  }
}

const Token& Tokenizer::CutShort() {
  if (!ended_) return NeedsInput();
  // Sections 13.2.5.41 and following: a comment or a doctype is what it got to,
  // a tag is nothing.
  Token::Kind kind = Token::Kind::kMarkup;
  if (state_ == State::kComment || state_ == State::kBogusComment) {
    kind = Token::Kind::kComment;
    size_t end = input_.size();
    if (state_ == State::kComment) {
      if (bang_) {
        end -= 3;
      } else {
        end -= static_cast<size_t>(std::min(dashes_, 2));
      }
    }
    token_.text = At(text_begin_, std::max(end, text_begin_));
  } else if (state_ == State::kDoctype) {
    kind = Token::Kind::kDoctype;
  }
  return Emit(kind, input_.size());
}

const Token& Tokenizer::ScanComment() {
  while (pos_ < input_.size()) {
    if (dashes_ == 0 && !bang_) {
      pos_ = std::min(input_.find('-', pos_), input_.size());
      if (pos_ == input_.size()) break;
    }
    const char c = input_[pos_++];
    if (c == '>' && (dashes_ == 2 || bang_)) {
      const size_t end = pos_ - (bang_ ? 4 : 3);
      token_.text = At(text_begin_, std::max(end, text_begin_));
      return Emit(Token::Kind::kComment, pos_);
    }
    if (c == '-') {
      dashes_ = bang_ ? 1 : std::min(dashes_ + 1, 2);
      bang_ = false;
      continue;
    }
    // "<!--" has its two dashes for ">" and "->" alone.
    bang_ = c == '!' && dashes_ == 2 && pos_ - 1 >= text_begin_ + 2;
    dashes_ = 0;
  }
  return CutShort();
}

const Token& Tokenizer::ScanUntilBracket(Token::Kind kind) {
  pos_ = std::min(input_.find('>', pos_), input_.size());
  if (pos_ == input_.size()) return CutShort();
  token_.text = At(text_begin_, pos_);
  return Emit(kind, pos_ + 1);
}

void Tokenizer::BeginAttribute() {
  ranges_.push_back({pos_, pos_, pos_, pos_, pos_});
  state_ = State::kAttributeName;
}

// Sections 13.2.5.8 and 13.2.5.32 to 13.2.5.40.
const Token& Tokenizer::ScanTag() {
  for (; pos_ < input_.size(); ++pos_) {
    const char c = input_[pos_];
    Range* const attribute = ranges_.empty() ? nullptr : &ranges_.back();
    switch (state_) {
      case State::kTagName:
        if (!EndsTagName(c)) continue;
        name_end_ = pos_;
        state_ = c == '/' ? State::kSelfClosing : State::kBeforeAttribute;
        break;
      case State::kSelfClosing:
        if (c == '>') {
          token_.self_closing = true;
          break;
        }
        [[fallthrough]];
      case State::kAfterQuoted:
      case State::kBeforeAttribute:
        state_ = State::kBeforeAttribute;
        if (IsSpace(c) || c == '>') break;
        if (c == '/') {
          state_ = State::kSelfClosing;
        } else {
          BeginAttribute();
        }
        continue;
      case State::kAttributeName:
        if (!EndsTagName(c) && c != '=') continue;
        attribute->name_end = pos_;
        attribute->value_begin = attribute->value_end = attribute->end = pos_;
        state_ = State::kAfterAttributeName;
        [[fallthrough]];
      case State::kAfterAttributeName:
        if (IsSpace(c) || c == '>') break;
        if (c == '/') {
          state_ = State::kSelfClosing;
        } else if (c == '=') {
          state_ = State::kBeforeValue;
        } else {
          BeginAttribute();
        }
        continue;
      case State::kBeforeValue:
        if (IsSpace(c)) continue;
        attribute->value_begin = attribute->value_end = pos_;
        attribute->end = pos_;
        if (c == '>') break;
        if (c == '"' || c == '\'') {
          attribute->value_begin = pos_ + 1;
          state_ = c == '"' ? State::kDoubleQuoted : State::kSingleQuoted;
        } else {
          state_ = State::kUnquoted;
        }
        continue;
      case State::kDoubleQuoted:
      case State::kSingleQuoted: {
        const char quote = state_ == State::kDoubleQuoted ? '"' : '\'';
        pos_ = input_.find(quote, pos_);
        if (pos_ == std::string::npos) {
          pos_ = input_.size();
          return CutShort();
        }
        attribute->value_end = pos_;
        attribute->end = pos_ + 1;
        state_ = State::kAfterQuoted;
        continue;
      }
      case State::kUnquoted:
        if (!IsSpace(c) && c != '>') continue;
        attribute->value_end = attribute->end = pos_;
        state_ = State::kBeforeAttribute;
        break;
      default:
        break;
    }
    if (c != '>') continue;
    attributes_.clear();
    for (const Range& range : ranges_) {
      attributes_.push_back({At(range.name_begin, range.name_end),
                             At(range.value_begin, range.value_end),
                             At(range.name_begin, range.end)});
    }
    token_.name = At(start_ + (end_tag_ ? 2 : 1), name_end_);
    if (end_tag_) {
      mode_ = TextMode::kData;
      return Emit(Token::Kind::kEndTag, pos_ + 1);
    }
    return Emit(Token::Kind::kStartTag, pos_ + 1);
  }
  return CutShort();
}

}  // namespace caravel::runtime::html

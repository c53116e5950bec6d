// Tags, comments and declarations: a state for each byte.
#include "runtime/ops/html/tokenizer.h"

namespace caravel::runtime::html {
namespace {

constexpr std::string_view kDoctypeStart = "<!doctype";
constexpr std::string_view kCdataStart = "<![CDATA[";

}  // namespace

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

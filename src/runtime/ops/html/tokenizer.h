#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/lifetime.h"

namespace caravel::runtime::html {

// Where text ends, and what in it is markup (HTML, section 13.2.5).
enum class TextMode : uint8_t {
  kData,
  kRcdata,
  kRawtext,
  kScript,
  kPlaintext,
  kCdata
};

struct Attribute {
  std::string_view name;
  std::string_view value;
  std::string_view raw;  // with "=" and quotes
};

// The first of a name, without case; or nullptr.
const Attribute* FindAttributeIn(std::span<const Attribute> attributes,
                                 std::string_view name);

// A piece of the document. All tokens' `raw` in a row are the document.
struct Token {
  enum class Kind : uint8_t {
    kNeedsInput,
    kText,  // a part of a text: as much as there is
    kStartTag,
    kEndTag,
    kComment,
    kDoctype,
    kMarkup,  // means nothing: "</>", the borders of CDATA, a tag cut short
    kEnd
  };
  Kind kind = Kind::kNeedsInput;
  std::string_view raw;
  std::string_view name;  // of a tag, as it is written
  std::string_view text;  // of a comment
  bool self_closing = false;
};

// Cuts a document into tokens as HTML's tokenizer does (section 13.2.5),
// whatever the pieces it comes in. Bytes mean ASCII or are passed on: the
// encoding is one in which each byte of "<", ">", quotes, "=" and "/" means
// just that. No byte is looked at more than a few times.
//
// Threads: one at a time.
class Tokenizer {
 public:
  // Requires: the last token was kNeedsInput, or there was none. Returns what
  // that took: bytes that were copied or moved, and attributes found so far
  // that moved with them. All calls together take a few times the document's
  // bytes, whatever the pieces.
  size_t Push(std::string_view bytes);
  // No more follows.
  void End() { ended_ = true; }

  // The next token. It and attributes() are valid until the next call of Next()
  // or Push().
  const Token& Next();
  // Of the start or end tag that Next() gave.
  const std::vector<Attribute>& attributes() const CARAVEL_LIFETIME_BOUND {
    return attributes_;
  }

  // What the tree builder says after a start tag. Rcdata, rawtext and script
  // end with the end tag of `name`, in lower case.
  void SetMode(TextMode mode, std::string_view name);
  // Whether "<![CDATA[" begins a CDATA section: in foreign content.
  void AllowCdata(bool allow) { cdata_allowed_ = allow; }

  // Bytes of memory.
  size_t held() const {
    return input_.capacity() + ranges_.capacity() * sizeof(Range) +
           attributes_.capacity() * sizeof(Attribute);
  }

 private:
  enum class State : uint8_t {
    kText,
    kTagName,
    kBeforeAttribute,
    kAttributeName,
    kAfterAttributeName,
    kBeforeValue,
    kDoubleQuoted,
    kSingleQuoted,
    kUnquoted,
    kAfterQuoted,
    kSelfClosing,
    kComment,
    kBogusComment,
    kDoctype
  };
  enum class Script : uint8_t { kPlain, kEscaped, kDoubleEscaped };
  // Whether text has `what` at a place.
  enum class Found : uint8_t { kNo, kYes, kNotYet };
  struct Range {
    size_t name_begin, name_end, value_begin, value_end, end;
  };

  // Drops what is before the token; returns what moved, as Push() does.
  size_t MoveToFront();

  Found Has(size_t at, std::string_view what) const;
  Found HasEndTag(size_t at) const;
  Found HasWord(size_t at, std::string_view what) const;

  const Token& NextText();
  // Finds where the text from pos_ on ends; `markup`: something other than text
  // begins there.
  size_t ScanData(bool& markup);
  size_t ScanUntilEndTag(bool& markup);
  size_t ScanScript(bool& markup);
  size_t ScanCdata(bool& markup);
  const Token& NextMarkup();
  const Token& OpenMarkup();
  const Token& OpenDeclaration();
  const Token& ScanTag();
  const Token& ScanComment();
  const Token& ScanUntilBracket(Token::Kind kind);
  void BeginAttribute();

  std::string_view At(size_t begin, size_t end) const {
    return std::string_view(input_).substr(begin, end - begin);
  }
  const Token& Emit(Token::Kind kind, size_t end);
  const Token& NeedsInput();
  // What is left when the document ends within markup.
  const Token& CutShort();

  std::string input_;
  size_t start_ = 0;  // of the token
  size_t pos_ = 0;    // all before it was looked at
  State state_ = State::kText;
  TextMode mode_ = TextMode::kData;
  Script script_ = Script::kPlain;
  int dashes_ = 0;  // in a row, before pos_, of a comment or an escaped script
  bool bang_ = false;  // "--!" stands before pos_, of a comment
  bool end_tag_ = false;
  bool cdata_allowed_ = false;
  bool ended_ = false;
  size_t name_end_ = 0;
  size_t text_begin_ = 0;  // of a comment
  std::string text_end_;   // "</" and the name that ends the text
  std::vector<Range> ranges_;
  std::vector<Attribute> attributes_;
  Token token_;
};

inline constexpr std::string_view kCommentStart = "<!--";

inline bool IsSpace(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}
inline bool EndsTagName(char c) { return IsSpace(c) || c == '/' || c == '>'; }
inline bool IsAlpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
}
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace caravel::runtime::html

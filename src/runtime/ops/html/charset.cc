#include "runtime/ops/html/charset.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/ops/encoding_label.h"
#include "runtime/ops/utf8.h"

namespace caravel::runtime::html {
namespace {

// What stands for a character that would be markup.
std::string_view ReferenceTo(char c) {
  switch (c) {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '&':
      return "&amp;";
    default:
      return {};
  }
}

}  // namespace

Result<DocumentCharset> DocumentCharset::Of(std::string_view label) {
  const auto name = EncodingOfLabel(label);
  if (!name) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("HTMLRewriter: \"{}\" is not an encoding", label));
  }
  if (name->starts_with("utf-16") || *name == "iso-2022-jp") {
    return Error(
        ErrorCode::kInvalid,
        fmt::format(
            "HTMLRewriter: a document in {} cannot be rewritten, as its "
            "bytes are not those of ASCII",
            *name));
  }
  if (*name == "utf-8") {
    return DocumentCharset(Rewriter::Charset::kUtf8, nullptr);
  }
  const bool multibyte = NewMultibyteDecoder(*name) != nullptr;
  return DocumentCharset(multibyte ? Rewriter::Charset::kMultibyte
                                   : Rewriter::Charset::kSingleByte,
                         NewByteDecoder(*name));
}

std::u16string DocumentCharset::Decode(std::string_view bytes) const {
  std::u16string text;
  decoder_->Decode(bytes, true, text);
  return text;
}

std::string DocumentCharset::Encode(std::string text) const {
  if (is_utf8()) return text;
  std::u16string units;
  DecodeUtf8Lossy(text, units);
  std::string out;
  for (size_t i = 0; i < units.size(); ++i) {
    uint32_t code_point = units[i];
    if (code_point < 0x80) {
      out += static_cast<char>(code_point);
      continue;
    }
    if (code_point >= 0xD800 && code_point < 0xDC00 && i + 1 < units.size()) {
      code_point =
          0x10000 + ((code_point - 0xD800) << 10) + (units[++i] - 0xDC00U);
    }
    fmt::format_to(std::back_inserter(out), "&#{};", code_point);
  }
  return out;
}

size_t DocumentCharset::CostOfEncoding(std::string_view text) const {
  if (is_utf8()) return 0;
  // "&#128;" to "&#1114111;" for two to four bytes, in a string that doubles.
  const auto beyond = static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
  return text.size() * sizeof(char16_t) + 2 * (text.size() + 3 * beyond);
}

std::string EscapeText(std::string_view text) {
  std::string escaped;
  escaped.reserve(EscapedSize(text));
  for (const char c : text) {
    const std::string_view reference = ReferenceTo(c);
    if (reference.empty()) {
      escaped += c;
    } else {
      escaped += reference;
    }
  }
  return escaped;
}

size_t EscapedSize(std::string_view text) {
  size_t size = 0;
  for (const char c : text) {
    size += std::max<size_t>(ReferenceTo(c).size(), 1);
  }
  return size;
}

}  // namespace caravel::runtime::html

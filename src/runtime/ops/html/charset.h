#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/ops/byte_decoder.h"
#include "runtime/ops/html/rewriter.h"

namespace caravel::runtime::html {

// Between the bytes of a document and text.
//
// Threads: one at a time.
class DocumentCharset {
 public:
  // Of a label of the Encoding Standard. kInvalid for an unknown one, and for
  // encodings in which a byte of "<" may be something else: UTF-16,
  // ISO-2022-JP.
  static Result<DocumentCharset> Of(std::string_view label);

  Rewriter::Charset kind() const { return kind_; }
  bool is_utf8() const { return decoder_ == nullptr; }

  // Requires: not UTF-8.
  std::u16string Decode(std::string_view bytes) const;
  // What stands for UTF-8 text in the document; as no encoder is here for other
  // encodings than UTF-8, characters beyond ASCII become references to them
  // there.
  std::string Encode(std::string text) const;
  // Bytes that Encode() takes at most, beside the text.
  size_t CostOfEncoding(std::string_view text) const;

 private:
  DocumentCharset(Rewriter::Charset kind, std::unique_ptr<ByteDecoder> decoder)
      : kind_(kind), decoder_(std::move(decoder)) {}

  Rewriter::Charset kind_;
  std::unique_ptr<ByteDecoder> decoder_;
};

// Text that is not to be markup: "<", ">" and "&" as references.
std::string EscapeText(std::string_view text);
// Bytes of that.
size_t EscapedSize(std::string_view text);

}  // namespace caravel::runtime::html

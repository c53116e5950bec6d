// V8 keeps a string in one byte a character (Latin-1) or in two. Each function
// looks which it is and hands simdutf the whole of it: nothing goes by single
// characters.
//
// Tests: encoding_ops_test.cc, buffer_binding_test.cc.
#include "runtime/ops/encodable_text.h"

#include <algorithm>
#include <cstring>

#include "runtime/ops/simdutf.h"
#include "runtime/ops/utf16.h"

namespace caravel::runtime {

EncodableText::EncodableText(js::Scope& scope, v8::Local<v8::String> text,
                             size_t limit)
    : view_(scope.isolate(), text) {
  size_ = std::min<size_t>(limit, view_.length());
  if (view_.is_one_byte()) return;
  units_ = reinterpret_cast<const char16_t*>(view_.data16());
  if (size_ > 0 && size_ < view_.length() && CutsPair(size_)) ++size_;
}

bool EncodableText::Repair() {
  if (units_ == nullptr || simdutf::validate_utf16le(units_, size_)) {
    return false;
  }
  repaired_.resize(size_);
  simdutf::to_well_formed_utf16le(units_, size_, repaired_.data());
  units_ = repaired_.data();
  return true;
}

bool EncodableText::WriteAscii(char* out) const {
  if (units_ != nullptr || !simdutf::validate_ascii(latin1(), size_)) {
    return false;
  }
  std::memcpy(out, latin1(), size_);
  return true;
}

bool EncodableText::CutsPair(size_t at) const {
  return units_ != nullptr && IsSurrogatePair(units_[at - 1], units_[at]);
}

bool EncodableText::Fits(size_t from, size_t count, size_t room) const {
  const size_t most = count * (units_ == nullptr ? 2 : 3);
  return most <= room || Utf8Size(from, count) <= room;
}

size_t EncodableText::Utf8Size(size_t from, size_t count) const {
  return units_ == nullptr
             ? simdutf::utf8_length_from_latin1(latin1() + from, count)
             : simdutf::utf8_length_from_utf16le(units_ + from, count);
}

size_t EncodableText::WriteUtf8(size_t from, size_t count, char* out) const {
  return units_ == nullptr
             ? simdutf::convert_latin1_to_utf8(latin1() + from, count, out)
             : simdutf::convert_utf16le_to_utf8(units_ + from, count, out);
}

EncodedPart EncodeInto(js::Scope& scope, v8::Local<v8::String> text,
                       std::span<char> room) {
  // A unit comes to a byte at least, so that no more units than that can fit.
  EncodableText encodable(scope, text, room.size());
  encodable.Repair();
  EncodedPart part;
  size_t count = encodable.size();
  if (count > 0 && encodable.WriteAscii(room.data())) return {count, count};
  while (count > 0) {
    const std::span<char> left = room.subspan(part.written);
    if (encodable.Fits(part.read, count, left.size())) {
      part.written += encodable.WriteUtf8(part.read, count, left.data());
      part.read += count;
    } else if (count == 1 ||
               (count == 2 && encodable.CutsPair(part.read + 1))) {
      break;
    }
    // It comes to three bytes at most: take what is sure to fit.
    const size_t rest = encodable.size() - part.read;
    count =
        std::min(rest, std::max<size_t>((room.size() - part.written) / 3, 1));
    if (count < rest && encodable.CutsPair(part.read + count)) {
      count = count > 1 ? count - 1 : 2;
    }
  }
  return part;
}

}  // namespace caravel::runtime

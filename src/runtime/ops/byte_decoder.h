#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace caravel::runtime {

// A streaming decoder of one encoding other than UTF-8, as the Encoding
// Standard describes it (sections 9 to 14). Knows nothing of byte order marks.
//
// Threads: one at a time.
class ByteDecoder {
 public:
  virtual ~ByteDecoder() = default;

  // Appends the text of `bytes`, U+FFFD for what is malformed, to `out`. With
  // `end` no more bytes follow, and the decoder is then as new; else a
  // character that is cut short at the end waits for the next call. False when
  // something was malformed.
  virtual bool Decode(std::string_view bytes, bool end,
                      std::u16string& out) = 0;
};

// A decoder for the encoding of that name (see EncodingOfLabel); nullptr when
// there is none: for UTF-8 and for what is no encoding's name.
std::unique_ptr<ByteDecoder> NewByteDecoder(std::string_view encoding);

// As above, for the encodings whose characters have several bytes: gb18030,
// gbk, big5, euc-jp, iso-2022-jp, shift_jis, euc-kr.
std::unique_ptr<ByteDecoder> NewMultibyteDecoder(std::string_view encoding);

}  // namespace caravel::runtime

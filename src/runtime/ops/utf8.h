#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// UTF-8 as the Encoding Standard decodes it, section 8.1.1. Any thread may
// call.
namespace caravel::runtime {

// The bytes at the end of `bytes` that begin a character and lack the rest: 0
// to
// 3. A streaming decoder keeps them for the next piece.
size_t IncompleteUtf8Tail(std::string_view bytes);

// Appends the text to `out`; each maximal ill-formed part becomes one U+FFFD.
void DecodeUtf8Lossy(std::string_view bytes, std::u16string& out);

}  // namespace caravel::runtime

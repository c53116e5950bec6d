#pragma once

#include <cstddef>
#include <string_view>

// Hexadecimal as Node's buffers write it, and both it and base64 as they read
// them: what is no digit is passed over in base64, and ends the reading in
// hexadecimal.
//
// Source: Node's documentation, "Buffers and character encodings".
// Any thread may call.
namespace caravel::runtime {

// Two digits a byte; `out` has room for them and lies apart from `bytes`.
void WriteHex(std::string_view bytes, char* out);

// Both write at most `room` bytes and answer how many; `out` lies apart from
// `text`.
size_t ReadHex(std::string_view text, char* out, size_t room);
size_t ReadBase64(std::string_view text, char* out, size_t room);

}  // namespace caravel::runtime

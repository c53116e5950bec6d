#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Base64 and hexadecimal as Node's buffers write and read them: what is no
// digit is passed over in base64, and ends the reading in hexadecimal.
//
// Source: Node's documentation, "Buffers and character encodings".
// Any thread may call.
namespace caravel::runtime {

std::string HexOf(std::string_view bytes);
std::string Base64Of(std::string_view bytes, bool for_urls);

// Both write at most `room` bytes and answer how many.
size_t ReadHex(std::string_view text, char* out, size_t room);
size_t ReadBase64(std::string_view text, char* out, size_t room);

}  // namespace caravel::runtime

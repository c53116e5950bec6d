#pragma once

#include <cstddef>
#include <cstdint>

// The part of simdutf that we call. simdutf is in the Node binary that loads us
// and its symbols are exported there, but no header of it comes with the
// binary. These signatures are simdutf's public interface since its version 5,
// 6 for to_well_formed_utf16le and base64_default_or_url; they hold no type of
// the standard library, so that its version does not matter.
//
// Lengths are in units of the input. Any thread may call.
namespace simdutf {

bool validate_ascii(const char* input, size_t length) noexcept;
bool validate_utf8(const char* input, size_t length) noexcept;
bool validate_utf16le(const char16_t* input, size_t length) noexcept;

// Bytes of the text in UTF-8. Requires: the input is valid.
size_t utf8_length_from_latin1(const char* input, size_t length) noexcept;
size_t utf8_length_from_utf16le(const char16_t* input, size_t length) noexcept;

// Units written; 0 where the input is not valid.
size_t convert_latin1_to_utf8(const char* input, size_t length,
                              char* output) noexcept;
size_t convert_utf16le_to_utf8(const char16_t* input, size_t length,
                               char* output) noexcept;
// `output` has room for `length` units.
size_t convert_utf8_to_utf16le(const char* input, size_t length,
                               char16_t* output) noexcept;
size_t convert_utf8_to_latin1(const char* input, size_t length,
                              char* output) noexcept;

// Lone surrogates become U+FFFD.
void to_well_formed_utf16le(const char16_t* input, size_t length,
                            char16_t* output) noexcept;

// Base64: 4 characters for each 3 bytes begun, with padding by default and
// without it in the alphabet for URLs. `default_or_url` reads both alphabets.
enum base64_options : uint64_t {
  base64_default = 0,
  base64_url = 1,
  base64_default_or_url = 8,
};
size_t binary_to_base64(const char* input, size_t length, char* output,
                        base64_options options) noexcept;

// The forgiving decoder of the Infra Standard, section 7. `error` is 0 on
// success, and `count` the bytes written; `output` has room for 3 bytes to each
// 4 characters begun.
enum error_code : int {};
struct result {
  error_code error;
  size_t count;
};
enum last_chunk_handling_options : uint64_t { loose = 0 };
result base64_to_binary(const char* input, size_t length, char* output,
                        base64_options options,
                        last_chunk_handling_options last_chunk) noexcept;
result base64_to_binary(const char16_t* input, size_t length, char* output,
                        base64_options options,
                        last_chunk_handling_options last_chunk) noexcept;

}  // namespace simdutf

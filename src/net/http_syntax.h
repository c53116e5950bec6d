#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// The characters and names of HTTP (RFC 9110, sections 5 and 15) that parsing
// and writing share. Any thread may call.
namespace caravel::net {

// What a byte may be part of.
enum CharacterClass : uint8_t {
  kTokenCharacter = 1,   // RFC 9110, 5.6.2
  kFieldCharacter = 2,   // in a field value: VCHAR, SP, HTAB, obs-text
  kTargetCharacter = 4,  // in a request target: VCHAR but "#", and obs-text
  kHostCharacter = 8,    // in a host without brackets: RFC 3986, reg-name
  kHexDigit = 16,
  kDigit = 32,
};
extern const std::array<uint8_t, 256> kCharacters;

inline bool Is(CharacterClass kind, char c) {
  return (kCharacters[static_cast<unsigned char>(c)] & kind) != 0;
}

bool IsToken(std::string_view text);
// Without white space at its ends, as it is after parsing. May be empty.
bool IsFieldValue(std::string_view text);
bool IsRequestTarget(std::string_view text);
// host or host:port, the host not empty (RFC 3986, 3.2.2 and 3.2.3).
bool IsAuthority(std::string_view text);

// `text` without SP and HTAB at its ends.
std::string_view TrimWhitespace(std::string_view text);

// The first element of a comma-separated list, trimmed; `list` becomes what is
// behind it. Empty elements are skipped (RFC 9110, 5.6.1); an empty result
// means that the list is at its end.
std::string_view NextListElement(std::string_view& list);

// The fields on which the protocol itself acts.
enum class FieldKind : uint8_t {
  kOrdinary,
  kHost,
  kConnection,
  kContentLength,
  kTransferEncoding,
  kExpect,
  kDate,
  kUpgrade,
  kHopByHop,  // concerns one connection only, and nothing here reads it
};
FieldKind KindOf(std::string_view field_name);

// "Not Found" for 404; empty for a status without a phrase of its own.
std::string_view ReasonPhrase(uint16_t status);

}  // namespace caravel::net

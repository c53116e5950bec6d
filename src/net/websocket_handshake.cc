// Tests: websocket_handshake_test.cc.
#include "net/websocket_handshake.h"

#include <openssl/evp.h>

#include <array>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "net/http_syntax.h"

namespace caravel::net {
namespace {

constexpr std::string_view kKeyField = "sec-websocket-key";
constexpr std::string_view kAcceptField = "sec-websocket-accept";
constexpr std::string_view kVersionField = "sec-websocket-version";
constexpr std::string_view kExtensionsField = "sec-websocket-extensions";
constexpr std::string_view kVersion = "13";
constexpr std::string_view kDeflate = "permessage-deflate";
constexpr size_t kKeyBytes = 16;

std::string Base64(const uint8_t* bytes, size_t size) {
  std::string text((size + 2) / 3 * 4 + 1, '\0');
  const int written =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes,
                      static_cast<int>(size));
  text.resize(static_cast<size_t>(written));
  return text;
}

// RFC 6455, 4.2.2, step 5.4.
std::string AcceptFor(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  CARAVEL_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size,
                           EVP_sha1(), nullptr) == 1);
  return Base64(digest.data(), size);
}

// Sixteen bytes in base64: 22 digits, of which the last has four bits, and the
// padding.
bool IsKey(std::string_view key) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr size_t kWhole = 21;
  return key.size() == kWhole + 3 && key.ends_with("==") &&
         key.find_first_not_of(kDigits) == kWhole + 1 &&
         std::string_view("AQgw").find(key[kWhole]) != std::string_view::npos;
}

// One element of Sec-WebSocket-Extensions, taken apart piece by piece. Quoted
// values may hold separators, which none of those that are known here do: they
// make the parameter one that is not.
std::string_view NextPiece(std::string_view& text) {
  const size_t end = std::min(text.find(';'), text.size());
  const std::string_view piece = TrimWhitespace(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

std::optional<uint8_t> ReadBits(std::string_view value) {
  if (value.size() > 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  if (value == "8" || value == "9") return static_cast<uint8_t>(value[0] - '0');
  if (value.size() == 2 && value[0] == '1' && value[1] >= '0' &&
      value[1] <= '5') {
    return static_cast<uint8_t>(10 + (value[1] - '0'));
  }
  return std::nullopt;
}

struct Parameters {
  bool server_takeover_off = false;
  bool client_takeover_off = false;
  std::optional<uint8_t> server_bits;
  // Set without a number where an offer only says that it understands it.
  bool has_client_bits = false;
  std::optional<uint8_t> client_bits;
};

// The parameters of permessage-deflate in `element`; nothing when it is another
// extension or has what RFC 7692, 7.1 does not allow. `is_offer`: of a client.
std::optional<Parameters> ReadParameters(std::string_view element,
                                         bool is_offer) {
  if (!EqualsIgnoringCase(NextPiece(element), kDeflate)) return std::nullopt;
  Parameters read;
  while (!element.empty()) {
    const std::string_view piece = NextPiece(element);
    const size_t equals = std::min(piece.find('='), piece.size());
    const std::string_view name = TrimWhitespace(piece.substr(0, equals));
    const bool has_value = equals < piece.size();
    const std::string_view value =
        has_value ? TrimWhitespace(piece.substr(equals + 1))
                  : std::string_view();
    const auto set = [&](bool& flag) {
      if (has_value || flag) return false;
      return flag = true;
    };
    bool good = false;
    if (name == "server_no_context_takeover") {
      good = set(read.server_takeover_off);
    } else if (name == "client_no_context_takeover") {
      good = set(read.client_takeover_off);
    } else if (name == "server_max_window_bits") {
      good = !read.server_bits.has_value();
      read.server_bits = ReadBits(value);
      good = good && read.server_bits.has_value();
    } else if (name == "client_max_window_bits") {
      good = !read.has_client_bits;
      read.has_client_bits = true;
      read.client_bits = ReadBits(value);
      good = good && (has_value ? read.client_bits.has_value() : is_offer);
    }
    if (!good) return std::nullopt;
  }
  return read;
}

}  // namespace

std::optional<WebSocketRefusal> CheckWebSocketRequest(const Headers& request) {
  if (request.Find(kVersionField) != kVersion) {
    return WebSocketRefusal{
        426, Error(ErrorCode::kInvalid,
                   "Sec-WebSocket-Version of the request is not 13")};
  }
  const auto key = request.Find(kKeyField);
  if (!key.has_value() || !IsKey(*key)) {
    return WebSocketRefusal{
        400, Error(ErrorCode::kInvalid,
                   "Sec-WebSocket-Key of the request is not 16 bytes in "
                   "base64")};
  }
  return std::nullopt;
}

std::optional<WebSocketDeflateParameters> ChooseWebSocketDeflate(
    const Headers& request) {
  for (size_t i = 0; i < request.size(); ++i) {
    if (!EqualsIgnoringCase(request[i].name, kExtensionsField)) continue;
    std::string_view list = request[i].value;
    for (std::string_view element = NextListElement(list); !element.empty();
         element = NextListElement(list)) {
      const std::optional<Parameters> offer = ReadParameters(element, true);
      // zlib has no window of 256 bytes to compress with.
      if (!offer || offer->server_bits == 8) continue;
      WebSocketDeflateParameters chosen;
      chosen.server_no_context_takeover = offer->server_takeover_off;
      chosen.client_no_context_takeover = offer->client_takeover_off;
      chosen.server_max_window_bits = offer->server_bits.value_or(15);
      chosen.client_max_window_bits = offer->client_bits.value_or(15);
      return chosen;
    }
  }
  return std::nullopt;
}

void AddWebSocketAnswer(const Headers& request,
                        const std::optional<WebSocketDeflateParameters>& chosen,
                        Headers& answer) {
  answer.Add("Sec-WebSocket-Accept",
             AcceptFor(request.Find(kKeyField).value_or("")));
  if (!chosen) return;
  std::string text(kDeflate);
  if (chosen->server_no_context_takeover)
    text += "; server_no_context_takeover";
  if (chosen->client_no_context_takeover)
    text += "; client_no_context_takeover";
  if (chosen->server_max_window_bits < 15) {
    text += fmt::format("; server_max_window_bits={}",
                        chosen->server_max_window_bits);
  }
  if (chosen->client_max_window_bits < 15) {
    text += fmt::format("; client_max_window_bits={}",
                        chosen->client_max_window_bits);
  }
  answer.Add("Sec-WebSocket-Extensions", text);
}

std::string MakeWebSocketKey() {
  std::array<uint8_t, kKeyBytes> bytes;
  base::FillRandom(bytes.data(), bytes.size());
  return Base64(bytes.data(), bytes.size());
}

void AddWebSocketRequest(std::string_view key, bool deflate, Headers& request) {
  request.Add("Sec-WebSocket-Version", kVersion);
  request.Add("Sec-WebSocket-Key", key);
  if (deflate) {
    request.Add("Sec-WebSocket-Extensions",
                fmt::format("{}; client_max_window_bits", kDeflate));
  }
}

Result<std::optional<WebSocketDeflateParameters>> ReadWebSocketAnswer(
    const Headers& answer, std::string_view key, bool deflate) {
  const auto accept = answer.Find(kAcceptField);
  if (accept != AcceptFor(key)) {
    return Error(ErrorCode::kUnavailable,
                 "the server's Sec-WebSocket-Accept does not fit the key");
  }
  std::optional<WebSocketDeflateParameters> agreed;
  for (size_t i = 0; i < answer.size(); ++i) {
    if (!EqualsIgnoringCase(answer[i].name, kExtensionsField)) continue;
    std::string_view list = answer[i].value;
    for (std::string_view element = NextListElement(list); !element.empty();
         element = NextListElement(list)) {
      const std::optional<Parameters> read = ReadParameters(element, false);
      if (!deflate || !read || agreed) {
        return Error(ErrorCode::kUnavailable,
                     fmt::format("the server chose \"{}\" of extensions, which "
                                 "was not offered",
                                 element));
      }
      if (read->client_bits == 8) {
        return Error(ErrorCode::kUnavailable,
                     "the server asks for a window of 8 bits, which cannot be "
                     "compressed with");
      }
      agreed.emplace();
      agreed->server_no_context_takeover = read->server_takeover_off;
      agreed->client_no_context_takeover = read->client_takeover_off;
      agreed->server_max_window_bits = read->server_bits.value_or(15);
      agreed->client_max_window_bits = read->client_bits.value_or(15);
    }
  }
  return agreed;
}

}  // namespace caravel::net

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/headers.h"
#include "net/websocket_deflate.h"

// The opening handshake of a WebSocket (RFC 6455, section 4), and what it says
// of permessage-deflate (RFC 7692, section 7.1). Upgrade and Connection are the
// connection's own: exchange.h, "Upgrade".
namespace caravel::net {

// The Upgrade field of a WebSocket, and the scheme of a request that may have
// one.
constexpr std::string_view kWebSocketUpgrade = "websocket";

// ---- the server's side ----

// Whether a request that asks for a WebSocket says so as it must (4.2.1): what
// is wrong and which status tells it, 400 or 426 (4.2.2).
struct WebSocketRefusal {
  uint16_t status = 400;
  Error why;
};
std::optional<WebSocketRefusal> CheckWebSocketRequest(const Headers& request);

// What of the client's offers is taken, the first that can be had; nothing
// where there is none.
std::optional<WebSocketDeflateParameters> ChooseWebSocketDeflate(
    const Headers& request);

// Adds to the head of an answer with status 101 what agrees to `request`.
void AddWebSocketAnswer(const Headers& request,
                        const std::optional<WebSocketDeflateParameters>& chosen,
                        Headers& answer);

// ---- the client's side ----

// A key for one handshake, random (4.1).
std::string MakeWebSocketKey();

// Adds to the head of a request what asks for a WebSocket, with an offer of
// permessage-deflate if `deflate`.
void AddWebSocketRequest(std::string_view key, bool deflate, Headers& request);

// Reads an answer with status 101 to a request with that key: what was agreed
// on, or what is wrong with it (4.1, "must fail"). `deflate`: it was offered.
Result<std::optional<WebSocketDeflateParameters>> ReadWebSocketAnswer(
    const Headers& answer, std::string_view key, bool deflate);

}  // namespace caravel::net

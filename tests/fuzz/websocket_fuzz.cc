// Bytes as a hostile peer of a WebSocket sends them, in pieces, with and
// without compression: no crash, the same events however they are cut, no
// message beyond the bound, no text that is not UTF-8. What comes in is sent
// back, and the far end reads it as it was.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "net/http_syntax.h"
#include "net/utf8_check.h"
#include "net/websocket_handshake.h"
#include "net/websocket_session.h"

namespace {

using namespace caravel::net;
using Kind = WebSocketEvent::Kind;

constexpr size_t kMost = 64 * 1024;

void CheckSame(const std::vector<WebSocketEvent>& a,
               const std::vector<WebSocketEvent>& b) {
  CARAVEL_CHECK(a.size() == b.size(), a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    CARAVEL_CHECK(a[i].kind == b[i].kind && a[i].bytes == b[i].bytes &&
                  a[i].code == b[i].code);
  }
}

void Echo(const std::vector<WebSocketEvent>& events,
          const std::optional<WebSocketDeflateParameters>& deflate,
          WebSocketRole role) {
  WebSocketSession near(role, deflate);
  WebSocketSession far(role == WebSocketRole::kServer ? WebSocketRole::kClient
                                                      : WebSocketRole::kServer,
                       deflate);
  std::vector<WebSocketEvent> messages;
  for (const WebSocketEvent& event : events) {
    if (event.kind != Kind::kText && event.kind != Kind::kBinary) continue;
    near.Send(event.kind == Kind::kText, event.bytes);
    messages.push_back(event);
  }
  std::vector<WebSocketEvent> back;
  while (near.HasOutput()) far.Receive(std::exchange(near.Output(), {}), back);
  CheckSame(messages, back);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const auto role =
      (data[0] & 1) != 0 ? WebSocketRole::kServer : WebSocketRole::kClient;
  std::optional<WebSocketDeflateParameters> deflate;
  if ((data[0] & 2) != 0) {
    deflate.emplace();
    deflate->server_no_context_takeover = (data[0] & 4) != 0;
    deflate->client_no_context_takeover = (data[0] & 8) != 0;
    deflate->server_max_window_bits = static_cast<uint8_t>(9 + data[1] % 7);
    deflate->client_max_window_bits = static_cast<uint8_t>(9 + data[1] / 7 % 7);
  }
  const size_t step = 1 + data[2];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3,
                               size - 3);
  WebSocketSession whole(role, deflate, kMost);
  std::vector<WebSocketEvent> events;
  whole.Receive(bytes, events);
  WebSocketSession pieces(role, deflate, kMost);
  std::vector<WebSocketEvent> in_pieces;
  for (size_t i = 0; i < bytes.size(); i += step) {
    pieces.Receive(bytes.substr(i, step), in_pieces);
  }
  CheckSame(events, in_pieces);
  for (size_t i = 0; i < events.size(); ++i) {
    const WebSocketEvent& event = events[i];
    CARAVEL_CHECK(event.bytes.size() <= kMost);
    if (event.kind != Kind::kBinary) CARAVEL_CHECK(IsUtf8(event.bytes));
    if (event.kind == Kind::kClose || event.kind == Kind::kFailed) {
      CARAVEL_CHECK(i + 1 == events.size());
    }
  }
  Echo(events, deflate, role);

  if (IsFieldValue(bytes)) {
    Headers request;
    request.Add("sec-websocket-extensions", bytes);
    const auto chosen = ChooseWebSocketDeflate(request);
    Headers answer;
    AddWebSocketAnswer(request, chosen, answer);
    CARAVEL_CHECK(answer.IsSound());
    if (chosen) CARAVEL_CHECK(chosen->server_max_window_bits >= 9);
  }
  return 0;
}

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {

// A Worker with WebSockets, whose clients and origins are the test.
class WebSocketFixture : public IsolateFixture {
 protected:
  WebSocketFixture() { compatibility_date_ = "2026-05-01"; }

  // Begins a request for a WebSocket; the handler has that body.
  void Handle(const std::string& body, registry::Limits limits = {}) {
    ASSERT_EQ(
        Load("const pair = (use) => {"
             "  const { 0: client, 1: server } = new WebSocketPair();"
             "  use(server);"
             "  return new Response(null, { status: 101, webSocket: client });"
             "};"
             "export default { async fetch(request, env, ctx) {" +
                 body + "} }",
             limits),
        "");
    id_ = Ask();
    Turn();
  }
  InvocationId Ask() {
    const InvocationId id = ArriveForWebSocket("/");
    std::get<RequestArrived>(inbox_.back())
        .head->headers.Add("sec-websocket-extensions", "permessage-deflate");
    return id;
  }
  void Say(const std::string& text) {
    Arrive(WebSocketMessage{id_, true, text});
    Turn();
  }
  void End(uint16_t code, bool clean) {
    Arrive(WebSocketClosed{id_, code, "why", clean});
    Turn();
  }
  std::vector<std::string> Sent() const {
    std::vector<std::string> all;
    for (const WebSocketSend& each : Asked<WebSocketSend>()) {
      all.push_back((each.text ? "text:" : "binary:") + each.bytes);
    }
    return all;
  }
  // The origin answers with a WebSocket.
  void Opened(FetchId fetch) {
    FetchAnswered answered{fetch, {}};
    answered.head.status = 101;
    Arrive(std::move(answered));
    Turn();
  }
  InvocationId id_ = 0;
};

}  // namespace caravel::runtime

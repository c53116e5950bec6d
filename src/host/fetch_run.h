#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "host/invocation_count.h"
#include "host/waiting_bytes.h"
#include "host/web_socket_run.h"
#include "net/exchange.h"
#include "runtime/inbox.h"

namespace caravel::host {

class Slot;

// An outbound request as its shard sees it: the asker of its exchange with the
// origin. What the origin says goes to the slot.
//
// Threads: the one that drives the shard. Owned by its slot.
class FetchRun final : public net::Asker, private WebSocketRun::Connection {
 public:
  // Bytes of an answer that may wait for the isolate to take them.
  static constexpr uint64_t kAnswerWindow = 256 * 1024;
  // Bytes of a request's body that may wait for the origin without counting
  // against the isolate's memory limit, once it takes any: there are as many
  // such origins as connections, but any number of fetches that wait for one.
  static constexpr size_t kBodyWindow = 128 * 1024;

  FetchRun(Slot& slot, runtime::FetchId id);
  ~FetchRun() override;

  // Of a call of a Worker; given back when its answer is whole.
  void set_place(std::optional<InvocationPlace> place) {
    place_ = std::move(place);
  }

  // Begins, with the whole body or with one that follows.
  void Start(net::Target& origin, net::RequestHead& head, std::string body,
             bool body_follows);

  // Begins to ask for a WebSocket, with an offer to compress if `compress`.
  void StartWebSocket(net::Target& origin, net::RequestHead& head,
                      bool compress);
  // What the answer became, if it did.
  WebSocketRun* socket() const { return socket_.get(); }

  // ---- from the isolate ----
  void SendBody(std::string bytes);
  void SendEnd();
  void Abort();
  // The same of one that may have become a WebSocket: who is handed what
  // arrives there, or hands on to it, goes on.
  void Cancel();
  // The isolate (or the client behind it) has taken `bytes` of the answer.
  void Grant(uint64_t bytes);
  // Passes on what waits, as far as the origin has granted.
  void Flush();

  bool over() const { return origin_ == nullptr; }
  // Not all of the request's body was sent.
  bool uploading() const { return !sent_end_; }

  // ---- from the origin ----
  void Respond(const net::ResponseHead& head, std::string_view body) override;
  void RespondStart(const net::ResponseHead& head) override;
  void RespondBody(std::string_view bytes) override;
  void RespondEnd() override;
  void RespondAbort(const Error& why) override;
  void GrantRequestBody(uint64_t bytes) override;

 private:
  // WebSocketRun::Connection
  uint64_t& SendCredit() override { return credit_; }
  void SendBytes(std::string_view bytes) override;
  void GrantBytes(uint64_t bytes) override;
  void EndBytes() override;
  void CutBytes() override;

  void BeginWebSocket(const net::ResponseHead& head);
  void Begin(net::Target& origin, net::RequestHead& head);
  // The exchange is over: tells the isolate when that means to send more.
  void RefuseBody();
  // The origin has the head, or nobody will.
  void DropHead();

  Slot& slot_;
  const runtime::FetchId id_;
  net::Answerer* origin_ = nullptr;  // nullptr: not begun, or over
  std::optional<InvocationPlace> place_;
  bool answered_ = false;
  size_t head_bytes_ = 0;  // in the slot's waiting bytes
  uint64_t credit_ = 0;
  WaitingBytes waiting_;  // beyond the credit
  bool end_waiting_ = false;
  bool sent_end_ = false;
  std::string
      key_;  // of the handshake of a WebSocket; empty: none is asked for
  bool compress_ = false;
  std::unique_ptr<WebSocketRun> socket_;
};

}  // namespace caravel::host

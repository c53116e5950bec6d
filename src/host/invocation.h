#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/lifetime.h"
#include "host/invocation_count.h"
#include "host/onward_request.h"
#include "host/waiting_bytes.h"
#include "host/web_socket_run.h"
#include "net/exchange.h"
#include "runtime/inbox.h"
#include "runtime/outbox.h"

namespace caravel::host {

class Slot;

// A running invocation as its shard sees it: the answerer of its exchange. What
// the asker says goes to the isolate's inbox; what the isolate answers goes to
// the asker as fast as that takes it, and waits here until then.
//
// One object serves one invocation after the other.
//
// Threads: the one that drives the shard. Owned by its slot.
class Invocation final : public net::Answerer,
                         private WebSocketRun::Connection,
                         private OnwardRequest::Owner {
 public:
  // A whole answer up to this size goes to the asker at once; a larger one
  // waits here, as far as the client has no room, and counts against the
  // isolate's memory limit.
  static constexpr size_t kWholeAnswer = 64 * 1024;
  // Bytes of a request's body that may wait in the isolate.
  static constexpr uint64_t kBodyWindow = 64 * 1024;

  explicit Invocation(Slot& slot);

  // Of one that a Worker makes.
  struct Caller {
    bool hears_why = false;  // of a failure, in place of the page for clients
    std::shared_ptr<InvocationCount> count = {};  // nullptr: of no Worker
  };
  // Begins the next one. Requires: the last one has ended, and was cleared.
  void Begin(runtime::InvocationId id, net::Asker& asker,
             base::SteadyTime start, uint64_t reference, bool has_body,
             Caller caller);

  // Lets go of what it holds.
  void Clear() {
    waiting_.Clear();
    socket_.reset();
    onward_.reset();
    place_.reset();
    caller_ = {};
  }

  runtime::InvocationId id() const { return id_; }
  base::SteadyTime start() const { return start_; }
  // The exchange is over: answered wholly, or nobody waits any more.
  bool answered() const { return asker_ == nullptr; }
  // How many invocations its request has come to; nullptr until one is called.
  std::shared_ptr<InvocationCount>& count() CARAVEL_LIFETIME_BOUND {
    return caller_.count;
  }
  // The isolate has ended its side.
  bool ended() const { return ended_; }
  void set_ended() {
    ended_ = true;
    place_.reset();
  }
  // Of the answer, once it was begun; 0 before.
  uint16_t status() const { return status_; }
  uint64_t number() const { return reference_; }
  // The same as 16 hexadecimal digits, which name the request in error pages
  // and in the log.
  std::string reference() const;

  // ---- from the isolate ----
  // `body` is moved from where it has to wait, and else only read.
  void Respond(const net::ResponseHead& head, std::string&& body);
  void RespondStart(const net::ResponseHead& head);
  void RespondBody(std::string bytes);
  void RespondEnd();
  // The same from within a call of an exchange: passed on by the next Flush().
  void QueueBody(std::string_view bytes) {
    waiting_.Append(std::string(bytes));
  }
  void QueueEnd() { end_waiting_ = true; }
  // Whether an end, or more, is still to come from where it is pumped.
  bool pumped() const {
    return pumped_.has_value() || end_waiting_ || onward_ != nullptr;
  }
  void RespondAbort(const Error& why);
  // The Worker gave no answer: a client gets the error page of that number, a
  // Worker that called it is told `why`.
  void Fail(int number, const std::string& why);
  // Nor shall it: the request goes on to `origin`. `head` is the client's.
  void PassOn(net::Target& origin, runtime::RespondError::PassOn& request);
  void GrantBody(uint64_t bytes);
  // Where the answer's bytes come from, when they are pumped past the isolate:
  // asked for more as the client takes them.
  void PumpFrom(runtime::BodyId body);
  // Makes a WebSocket of the connection.
  void Accept(runtime::AcceptWebSocket accept);
  // What the answer became, if it did.
  WebSocketRun* socket() const { return socket_.get(); }
  // Passes on what waits, as far as the client has granted; once the exchange
  // is over, tells who still reads the request's body that no more of it comes.
  void Flush();

  // ---- from the asker ----
  void OnRequestBody(std::string_view bytes) override;
  void OnRequestEnd() override;
  void OnResponseCredit(uint64_t bytes) override;
  void OnCancel(const Error& why) override;

 private:
  // WebSocketRun::Connection
  uint64_t& SendCredit() override { return credit_; }
  void SendBytes(std::string_view bytes) override;
  void GrantBytes(uint64_t bytes) override;
  void EndBytes() override;
  void CutBytes() override;

  // OnwardRequest::Owner
  net::Asker* client() override { return asker_; }
  void OnOver() override;
  void FlushSoon() override;

  // The asker, to be told that the exchange is over.
  net::Asker& TakeAsker();
  // Whoever asked has its own place no longer.
  net::Asker* DropAsker();
  void LeaveBody();

  Slot& slot_;
  runtime::InvocationId id_ = 0;
  net::Asker* asker_ = nullptr;  // nullptr: the exchange is over
  base::SteadyTime start_;
  uint64_t credit_ = 0;   // that the asker has granted and we have not used
  WaitingBytes waiting_;  // beyond the credit
  bool end_waiting_ = false;
  bool body_open_ = false;  // the request's, of which more may come
  std::optional<runtime::BodyId> pumped_;
  std::unique_ptr<WebSocketRun> socket_;
  std::unique_ptr<OnwardRequest> onward_;
  bool ended_ = false;
  Caller caller_;
  bool is_called_ = false;                // by a Worker
  std::optional<InvocationPlace> place_;  // of a called one, once answered
  uint16_t status_ = 0;
  uint64_t reference_ = 0;
};

}  // namespace caravel::host

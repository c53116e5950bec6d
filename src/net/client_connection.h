#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "net/client_parser.h"
#include "net/client_stream.h"
#include "net/event_loop.h"
#include "net/exchange.h"
#include "net/http1_chunked.h"

namespace caravel::net {

// A client's connection to an HTTP/1.1 server, as the target of one exchange
// after the other. Bodies stream both ways within the credit that exchange.h
// describes: it reads from the socket only what the asker has room for, and
// grants the asker what the socket takes.
//
// Threads: the one that drives the loop.
class ClientConnection final : public Target,
                               private Answerer,
                               private EventLoop::Watcher {
 public:
  // Who keeps the connection; may destroy it from within either call.
  class Owner {
   public:
    virtual ~Owner() = default;
    // The exchange is over, and another one may be started.
    virtual void OnIdle(ClientConnection& connection) = 0;
    // The connection is of no more use: it failed, was cancelled, or the server
    // closed it. Comes after the exchange was told.
    virtual void OnClosed(ClientConnection& connection) = 0;
  };

  struct Options {
    // Without a byte in either direction while the server is to act.
    std::chrono::milliseconds stall_timeout{100'000};
    // Bytes of a request's body that may wait for the socket.
    size_t request_window = 256 * 1024;
  };

  // `loop` and `owner` outlive the connection.
  static Result<std::unique_ptr<ClientConnection>> Create(EventLoop& loop,
                                                          ClientStream stream,
                                                          Owner& owner,
                                                          Options options);
  // Closes; an exchange under way is told nothing.
  ~ClientConnection() override;

  // Requires: idle(). The request may be started before TLS is established.
  Answerer& Start(RequestHead& head, Asker& asker) override;

  bool idle() const { return phase_ == Phase::kIdle; }
  // Whether a byte of the answer to the present or last request came.
  bool response_begun() const { return response_begun_; }
  // Whether an idle connection is still open, asked of the socket itself.
  bool IsQuiet() const { return idle() && stream_.IsQuiet(); }

 private:
  enum class Phase : uint8_t { kIdle, kHead, kBody, kClosed };
  // What a look at the input led to. kOver: the exchange is over, and `this`
  // may be destroyed.
  enum class Step : uint8_t { kNeedsInput, kNeedsCredit, kAgain, kOver };

  ClientConnection(EventLoop& loop, ClientStream stream, Owner& owner,
                   const Options& options);

  void OnRequestBody(std::string_view bytes) override;
  void OnRequestEnd() override;
  void OnResponseCredit(uint64_t bytes) override;
  void OnCancel(const Error& why) override;

  void OnEvents(uint32_t events) override;
  void PumpSoon();
  void Pump();
  void FailSoon(Error why);
  // Those that return false may have destroyed `this`.
  bool PumpInput();
  bool CheckIdle();
  void GrantRequestBody();
  Step TakeInput();
  Step TakeHead();
  Step BeginUpgrade(ResponseHead& head);
  Step TakeBody();
  Step TakeEnd();
  Step Deliver(size_t size);
  void FinishBody();
  void Retire();
  void Abort(const Error& why);
  void CloseNow();

  Status UpdateWatch();
  void ArmStallTimer();
  void OnStallTimer();
  bool ServerIsToAct() const;

  EventLoop& loop_;
  ClientStream stream_;
  Owner& owner_;
  const Options options_;
  Phase phase_ = Phase::kIdle;
  Asker* asker_ = nullptr;        // while an exchange is under way
  std::optional<Error> failure_;  // told from the loop, not from within a call
  EventLoop::TimerId pump_timer_;
  uint32_t watched_ = 0;  // EPOLL* bits; 0: not watched

  // The request.
  bool to_head_ = false;
  bool asks_upgrade_ = false;
  bool request_chunked_ = false;
  bool request_done_ = true;
  bool cannot_send_ = false;
  uint64_t request_left_ = 0;     // of a body of known length
  uint64_t request_granted_ = 0;  // and not yet received from the asker

  // The response.
  bool response_begun_ = false;
  bool needs_credit_ = false;
  int interim_heads_ = 0;
  ResponseHeadReader head_reader_;
  ResponseFraming framing_;
  ChunkedDecoder chunked_;
  uint64_t body_left_ = 0;  // of a body of known length
  uint64_t credit_ = 0;     // granted by the asker and not used

  base::SteadyTime last_progress_;
  EventLoop::TimerId stall_timer_;
};

}  // namespace caravel::net

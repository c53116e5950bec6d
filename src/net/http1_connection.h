#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/fd.h"
#include "net/exchange.h"
#include "net/http1_chunked.h"
#include "net/http1_context.h"
#include "net/http1_request.h"

namespace caravel::net {

// One client's connection, as the asker of one exchange after the other. Made
// once and opened again for each socket: it belongs to an Http1Server, which
// calls Step() at the end of a round for each connection that has put itself
// into `context.pending`.
//
// What the answerer says changes only the state and the output buffer; writing,
// granting and the next request happen in Step() or when the socket is ready.
class Http1Connection final : private EventLoop::Watcher, private Asker {
 public:
  explicit Http1Connection(Http1Context& context) : context_(context) {}
  ~Http1Connection() override = default;

  // Requires: !open(). `client` is the numeric address of the peer.
  Status Open(base::Fd socket, std::string client);
  bool open() const { return state_ != State::kClosed; }

  // Ends the request that is being read or answered: with an error page where
  // no answer has begun, else by cutting the connection. An answerer at work
  // hears of `why`.
  void FailRequest(uint16_t status, const Error& why);

  void Step();
  void CheckDeadlines(base::SteadyTime now);

  // Closes when no request has begun; else the next answer is the last one.
  void Drain();
  // Closes; an answerer at work hears of `why`.
  void Cut(const Error& why);

 private:
  enum class State : unsigned char {
    kClosed,
    kIdle,      // before the first byte of a head
    kHead,      // within one
    kExchange,  // a request is being answered
    kDiscard,   // answered, its body not wholly read
    kFlush,     // the last answer is being written
    kLinger,    // written; the client's end is awaited, so that it can read it
  };
  struct Body {
    bool done = true;
    uint64_t received = 0;
    uint64_t seen = 0;  // of `received`, when deadlines were last checked
    uint64_t credit = 0;
  };
  struct Answer {
    bool started = false;
    bool without_body = false;  // HEAD, 204, 304
    bool broken = false;        // cannot be finished
    Http1ResponseFraming framing;
    uint64_t sent = 0;
    uint64_t credit = 0;
  };

  // EventLoop::Watcher
  void OnEvents(uint32_t events) override;
  // Asker
  void Respond(const ResponseHead& head, std::string_view body) override;
  bool RespondFile(const ResponseHead& head, const FileRange& body) override;
  void RespondStart(const ResponseHead& head) override;
  void RespondBody(std::string_view bytes) override;
  void RespondEnd() override;
  void RespondAbort(const Error& why) override;
  void GrantRequestBody(uint64_t bytes) override;

  // Reading: http1_connection_read.cc.
  void Receive();
  void ReceiveAgain();
  void EndOfInput();
  void ConsumeInput();
  size_t Consume(char* data, size_t size);
  size_t TakeHead(std::string_view data);
  size_t TakeBody(char* data, size_t size);
  size_t TakeUpgraded(std::string_view data);
  void RefuseRequest(const Http1Refusal& refusal);
  void StartExchange();
  void StartDiscard();
  bool IsBodyWorthReading() const;
  size_t ReadLimit() const;

  // Writing: http1_connection_write.cc.
  std::string& Output();
  void WriteHead(const ResponseHead& head, std::optional<uint64_t> length);
  void WriteErrorPage(uint16_t status, const Error& why);
  void FinishAnswer();
  void BreakOff();
  void Flush();
  void SendOutput();
  void SendFile();
  void FinishFlush();
  void GrantResponse();

  // Whether the bytes of another protocol go both ways.
  bool IsUpgraded() const {
    return state_ == State::kExchange && answer_.started && framing_.upgrade;
  }
  void CheckUpgraded(base::SteadyTime now);
  void QueueStep();
  void UpdateInterest();
  void Close();
  size_t buffered() const { return input_.size() - input_begin_; }
  size_t unsent() const { return output_.size() - output_begin_; }
  // Whether something is still to be written, of the buffer or of the file.
  bool HasUnsent() const { return unsent() > 0 || file_.size > 0; }

  Http1Context& context_;
  base::Fd socket_;
  std::string client_;
  State state_ = State::kClosed;
  uint32_t interest_ = 0;
  bool queued_ = false;
  bool blocked_ = false;       // the socket takes no more for now
  bool input_closed_ = false;  // the client has ended its side

  std::string input_;  // what has been read and not dealt with
  size_t input_begin_ = 0;
  Http1HeadProgress head_progress_;
  std::string output_;
  size_t output_begin_ = 0;
  FileRange file_;  // what goes out behind the output

  Answerer* answerer_ = nullptr;  // in kExchange
  Http1Framing framing_;
  bool is_head_request_ = false;
  uint64_t id_ = 0;  // of the request; 0: it has none
  Body body_;
  uint64_t discard_left_ = 0;
  ChunkedDecoder chunks_;
  Answer answer_;

  base::SteadyTime read_deadline_;
  base::SteadyTime write_deadline_;
};

}  // namespace caravel::net

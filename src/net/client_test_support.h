#pragma once

// For the tests of the client: an asker that writes down what it is told, and
// the server's end of a connection, played by the test itself on the same
// thread.

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/fd.h"
#include "net/event_loop.h"
#include "net/exchange.h"

namespace caravel::net {

class RecordingAsker final : public Asker {
 public:
  void Respond(const ResponseHead& response, std::string_view bytes) override {
    RespondStart(response);
    body += bytes;
    Finish();
  }
  void RespondStart(const ResponseHead& response) override {
    CARAVEL_CHECK(!head.has_value() && !over);
    head = response;
  }
  void RespondBody(std::string_view bytes) override {
    CARAVEL_CHECK(head.has_value() && !over);
    CARAVEL_CHECK(!bytes.empty() && bytes.size() <= credit, bytes.size());
    credit -= bytes.size();
    body += bytes;
  }
  void RespondEnd() override {
    CARAVEL_CHECK(head.has_value());
    Finish();
  }
  void RespondAbort(const Error& why) override {
    error = why.ToText();
    Finish();
  }
  void GrantRequestBody(uint64_t bytes) override {
    CARAVEL_CHECK(!over);
    granted += bytes;
  }

  // Grants through `answerer`, and checks that no more is used.
  void Grant(Answerer& answerer, uint64_t bytes) {
    credit += bytes;
    answerer.OnResponseCredit(bytes);
  }

  std::optional<ResponseHead> head;
  std::string body;
  std::string error;
  uint64_t granted = 0;
  uint64_t credit = 0;
  bool over = false;

 private:
  void Finish() {
    CARAVEL_CHECK(!over);
    over = true;
  }
};

// The other end of a connection.
class FarEnd {
 public:
  explicit FarEnd(base::Fd socket) : socket_(std::move(socket)) {}

  // Two ends of a stream, both non-blocking.
  static std::pair<base::Fd, FarEnd> Pair() {
    std::array<int, 2> ends;
    CARAVEL_CHECK(::socketpair(AF_UNIX,
                               SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                               ends.data()) == 0);
    return {base::Fd(ends[0]), FarEnd(base::Fd(ends[1]))};
  }

  // Adds what has come to `received`.
  void Read() {
    std::array<char, 16 * 1024> bytes;
    while (true) {
      const ssize_t got =
          ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (got == 0) closed = true;
      if (got <= 0) return;
      received.append(bytes.data(), static_cast<size_t>(got));
    }
  }
  // As much of `bytes` as the socket takes; returns how much.
  size_t Send(std::string_view bytes) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<size_t>(sent);
  }
  void Close() { socket_.Reset(); }
  base::Fd& socket() { return socket_; }

  std::string received;
  bool closed = false;

 private:
  base::Fd socket_;
};

inline RequestHead MakeRequest(std::string_view method, std::string_view target,
                               int64_t body_size = 0) {
  RequestHead head;
  head.method = method;
  head.scheme = "http";
  head.authority = "example.com";
  head.target = target;
  head.body_size = body_size;
  return head;
}

template <typename Condition>
void PollUntil(EventLoop& loop, Condition condition) {
  while (!condition()) loop.Poll(std::chrono::milliseconds(10));
}

}  // namespace caravel::net

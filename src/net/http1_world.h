#pragma once

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/exchange_world.h"
#include "net/http1_chunked.h"
#include "net/http1_fixture.h"

// For tests: HTTP/1.1 over a socket as a way from asker to target.
namespace caravel::net {

// A client that sends one request and reads one response.
class Http1Call final : public ExchangeCall {
 public:
  // Is in `calls` as long as it lives.
  Http1Call(uint16_t port, const RequestHead& request,
            std::vector<Http1Call*>& calls)
      : client_(port),
        chunked_(request.body_size < 0 && request.upgrade.empty()),
        is_head_request_(request.method == "HEAD"),
        calls_(calls) {
    calls_.push_back(this);
    waiting_ = request.method + " " + request.target + " HTTP/1.1\r\n";
    for (size_t i = 0; i < request.headers.size(); ++i) {
      const Headers::Field field = request.headers[i];
      waiting_.append(field.name).append(": ").append(field.value);
      waiting_ += "\r\n";
    }
    if (!request.upgrade.empty()) {
      waiting_ += "Connection: Upgrade\r\nUpgrade: WebSocket\r\n";
    }
    if (chunked_) waiting_ += "Transfer-Encoding: chunked\r\n";
    if (request.body_size > 0) {
      waiting_ += fmt::format("Content-Length: {}\r\n", request.body_size);
    }
    waiting_ += "\r\n";
  }

  ~Http1Call() override { std::erase(calls_, this); }

  size_t SendBody(std::string_view bytes) override {
    Flush();
    if (!waiting_.empty() || bytes.empty()) return 0;
    if (!chunked_) return client_.Send(bytes);
    constexpr size_t kChunk = 40'000;
    bytes = bytes.substr(0, kChunk);
    waiting_ = fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
    Flush();
    return bytes.size();
  }
  void EndBody() override {
    if (chunked_) waiting_ += "0\r\n\r\n";
    Flush();
  }
  void Take(uint64_t bytes) override { may_take_ += bytes; }
  void Cancel() override { client_.Close(); }

  // Sends and reads what can be sent and read now.
  void Round() {
    Flush();
    if (ended || !aborted.empty()) return;
    // A head is read byte by byte so that no more of the body is taken.
    while (!head.has_value() && ReceiveUpTo(1)) ReadHead();
    if (head.has_value() && !ended) ReadBody();
    if (client_.closed && !ended) aborted = "cut";
  }

 private:
  void Flush() { waiting_.erase(0, client_.Send(waiting_)); }
  bool ReceiveUpTo(size_t limit) {
    const size_t before = client_.received.size();
    client_.Receive(limit);
    return client_.received.size() > before;
  }
  void ReadHead() {
    std::string_view text = client_.received;
    if (!text.ends_with("\r\n\r\n")) return;
    head.emplace();
    head->status = 0;
    constexpr size_t kStatus = 9;  // behind "HTTP/1.1 "
    std::from_chars(text.data() + kStatus, text.data() + kStatus + 3,
                    head->status);
    text.remove_prefix(text.find("\r\n") + 2);
    while (text != "\r\n") {
      const std::string_view line = text.substr(0, text.find("\r\n"));
      const size_t colon = line.find(": ");
      const std::string_view name = line.substr(0, colon);
      const std::string_view value = line.substr(colon + 2);
      if (name == "Content-Length") {
        std::from_chars(value.data(), value.data() + value.size(),
                        head->body_size);
      } else if (name == "Transfer-Encoding") {
        answer_is_chunked_ = true;
      } else {
        head->headers.Add(name, value);
      }
      text.remove_prefix(line.size() + 2);
    }
    client_.received.clear();
    is_upgraded_ = head->status == 101;
    if (is_upgraded_) return;
    const bool no_body = is_head_request_ || head->status == 204 ||
                         (head->body_size <= 0 && !answer_is_chunked_);
    if (no_body) ended = true;
  }
  void ReadBody() {
    const size_t wanted = static_cast<size_t>(may_take_) - body.size();
    if (is_upgraded_) {
      ReceiveUpTo(wanted);
      body += client_.received;
      client_.received.clear();
      ended = client_.closed;
      return;
    }
    if (!answer_is_chunked_) {
      ReceiveUpTo(wanted);
      body += client_.received;
      client_.received.clear();
      ended = body.size() == static_cast<size_t>(head->body_size);
      return;
    }
    // Framing is read as well, so a little more than the body may be taken.
    constexpr size_t kFraming = 16;
    ReceiveUpTo(wanted + kFraming);
    const ChunkedDecoder::Step step = decoder_.Decode(
        client_.received.data(), client_.received.size(), wanted);
    ASSERT_NE(step.outcome, ChunkedDecoder::Outcome::kRefused);
    body += step.body;
    ended = step.outcome == ChunkedDecoder::Outcome::kDone;
    client_.received.erase(0, step.consumed);
  }

  TestClient client_;
  const bool chunked_;
  const bool is_head_request_;
  std::vector<Http1Call*>& calls_;
  std::string waiting_;
  uint64_t may_take_ = 0;
  bool answer_is_chunked_ = false;
  bool is_upgraded_ = false;
  ChunkedDecoder decoder_;
};

class Http1World final : public ExchangeWorld {
 public:
  Http1World() {
    base::Fd listener = ListenTcp({}).value();
    port_ = LocalPort(listener).value();
    EXPECT_TRUE(server_.AdoptListener(std::move(listener)));
  }

  std::unique_ptr<ExchangeCall> Start(const RequestHead& head) override {
    return std::make_unique<Http1Call>(port_, head, calls_);
  }
  void Round() override {
    loop_->Poll(std::chrono::nanoseconds(0));
    server_.FlushPending();
    for (Http1Call* call : calls_) call->Round();
  }
  // The window, what is read ahead, and what the sockets of both sides hold.
  size_t MostUnderWay() const override { return 7'000'000; }
  bool AbortsByPage() const override { return true; }

 private:
  base::FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::Create(clock_).value();
  Http1Server server_{*loop_, clock_, target, Http1Options()};
  uint16_t port_ = 0;
  std::vector<Http1Call*> calls_;
};

}  // namespace caravel::net

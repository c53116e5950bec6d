#include "daemon/tail_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "control/tail_event.h"
#include "net/websocket_handshake.h"
#include "net/websocket_session.h"

namespace caravel::daemon {
namespace {

constexpr std::chrono::seconds kTailSweepInterval{5};
// What a reader says is a few words.
constexpr size_t kMostSaid = 4 << 10;
constexpr uint64_t kReadWindow = 16 << 10;
constexpr std::string_view kProtocol = "trace-v1";

api::Reply Refusal(uint16_t status, std::string why) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = std::move(why)};
}

}  // namespace

// One client that reads a tail.
class TailTarget::Reader final : public net::Answerer {
 public:
  Reader(TailTarget& target, api::TailSession session, net::RequestHead& head,
         net::Asker& asker)
      : target_(target),
        session_(std::move(session)),
        asker_(&asker),
        random_(std::random_device()()),
        web_socket_(net::WebSocketRole::kServer, std::nullopt, kMostSaid) {
    // wrangler does not mask its first frame.
    web_socket_.TakeUnmasked();
    answer_.status = 101;
    net::AddWebSocketAnswer(head.headers, std::nullopt, answer_.headers);
    answer_.headers.Add("sec-websocket-protocol", kProtocol);
  }

  ~Reader() override { target_.sessions_.Leave(session_.id); }

  const api::TailSession& session() const { return session_; }
  bool over() const { return asker_ == nullptr; }

  void Offer(const registry::LogEvent& event,
             const api::TailedRequest& request) {
    if (!session_.filter.Wants(event, request)) return;
    if (std::uniform_real_distribution<double>()(random_) >=
        session_.filter.sampling_rate()) {
      return;
    }
    if (web_socket_.output_size() > kMostWaiting) {
      ++dropped_;
      return;
    }
    TellDropped();
    web_socket_.Send(/*text=*/true,
                     api::TailEventJson(session_.worker_name, event, request));
  }

  // The tail was ended, or has expired.
  // A client that does not answer to that is left at the second call.
  void Close() {
    left_ = web_socket_.close_sent();
    web_socket_.Close(net::kWebSocketGoingAway, "the tail ended");
  }

  void Flush() {
    if (asker_ == nullptr) return;
    if (!std::exchange(answered_, true)) {
      asker_->RespondStart(answer_);
      asker_->GrantRequestBody(kReadWindow);
    }
    if (taken_ > 0) asker_->GrantRequestBody(std::exchange(taken_, 0));
    SendOutput();
    if (dropped_ > 0 && web_socket_.output_size() < kMostWaiting / 2) {
      TellDropped();
      SendOutput();
    }
    if ((web_socket_.over() || left_) && !web_socket_.HasOutput()) {
      std::exchange(asker_, nullptr)->RespondEnd();
    }
  }

  // ---- from the client ----
  void OnRequestBody(std::string_view bytes) override {
    std::vector<net::WebSocketEvent> events;
    web_socket_.Receive(bytes, events);
    for (const net::WebSocketEvent& event : events) {
      // What it says else, {"debug":false}, changes nothing.
      if (event.kind != net::WebSocketEvent::Kind::kClose) continue;
      web_socket_.Close(event.code == net::kWebSocketNoCode
                            ? std::nullopt
                            : std::optional(event.code),
                        "");
    }
    taken_ += bytes.size();
    target_.FlushLater();
  }
  void OnRequestEnd() override { Leave(); }
  void OnResponseCredit(uint64_t bytes) override {
    credit_ += bytes;
    target_.FlushLater();
  }
  void OnCancel(const Error&) override {
    asker_ = nullptr;
    target_.FlushLater();
  }

 private:
  void SendOutput() {
    std::string& output = web_socket_.Output();
    const size_t size = std::min<uint64_t>(credit_, output.size());
    if (size == 0) return;
    asker_->RespondBody(std::string_view(output).substr(0, size));
    output.erase(0, size);
    credit_ -= size;
  }

  void TellDropped() {
    if (dropped_ == 0) return;
    web_socket_.Send(/*text=*/true,
                     api::TailOverloadJson(std::exchange(dropped_, 0)));
  }

  // The client says nothing more, not even a Close frame.
  void Leave() {
    left_ = true;
    web_socket_.Close(net::kWebSocketGoingAway, "");
    target_.FlushLater();
  }

  TailTarget& target_;
  const api::TailSession session_;
  net::Asker* asker_;  // nullptr: the exchange is over
  std::minstd_rand random_;
  net::WebSocketSession web_socket_;
  net::ResponseHead answer_;
  bool answered_ = false;
  bool left_ = false;  // nothing more is waited for
  uint64_t credit_ = 0;
  uint64_t taken_ = 0;  // to be granted again
  uint64_t dropped_ = 0;
};

TailTarget::TailTarget(net::EventLoop& loop, net::Target& api,
                       api::TailSessions& sessions)
    : loop_(loop), api_(api), sessions_(sessions), answers_(loop) {
  Sweep();
}

TailTarget::~TailTarget() {
  loop_.Cancel(flush_timer_);
  loop_.Cancel(sweep_timer_);
}

net::Answerer& TailTarget::Start(net::RequestHead& head, net::Asker& asker) {
  const std::string_view path =
      std::string_view(head.target).substr(0, head.target.find('?'));
  if (!path.starts_with(api::kTailPath)) return api_.Start(head, asker);
  if (head.upgrade != net::kWebSocketUpgrade) {
    return answers_.Add(asker, [] {
      return Refusal(426, "a tail is read through a WebSocket\n");
    });
  }
  if (const auto refusal = net::CheckWebSocketRequest(head.headers)) {
    return answers_.Add(
        asker, [status = refusal->status, why = refusal->why.message()] {
          return Refusal(status, why + "\n");
        });
  }
  std::optional<api::TailSession> session =
      sessions_.Take(path.substr(api::kTailPath.size()));
  if (!session) {
    return answers_.Add(asker, [] {
      return Refusal(404,
                     "no such tail, or it is read already: begin another by "
                     "POST .../workers/scripts/NAME/tails\n");
    });
  }
  const std::string id = session->id;
  auto reader =
      std::make_unique<Reader>(*this, *std::move(session), head, asker);
  Reader& started = *reader;
  readers_[id] = std::move(reader);
  FlushLater();
  return started;
}

void TailTarget::Offer(const registry::LogEvent& event) {
  std::optional<api::TailedRequest> request;
  for (const auto& [id, reader] : readers_) {
    if (reader->session().worker != event.worker || reader->over()) continue;
    if (!request) request = api::ReadTailedRequest(event);
    reader->Offer(event, *request);
    FlushLater();
  }
}

void TailTarget::FlushLater() {
  if (std::exchange(flushing_, true)) return;
  flush_timer_ = loop_.After(std::chrono::nanoseconds(0), [this] {
    flushing_ = false;
    Flush();
  });
}

void TailTarget::Flush() {
  for (const auto& [id, reader] : readers_) reader->Flush();
  std::erase_if(readers_,
                [](const auto& reader) { return reader.second->over(); });
}

void TailTarget::Sweep() {
  sessions_.Sweep();
  for (const auto& [id, reader] : readers_) {
    if (sessions_.IsThere(id)) continue;
    reader->Close();
    FlushLater();
  }
  sweep_timer_ = loop_.After(kTailSweepInterval, [this] { Sweep(); });
}

}  // namespace caravel::daemon

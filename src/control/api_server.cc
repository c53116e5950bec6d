#include "control/api_server.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

// A call goes through three steps: admitted on a thread, collected on the loop,
// run on a thread. Between them only ids travel, so that a client who leaves
// takes the call with it and the late result finds nobody. What the asker has
// to hear is said from a task of its own, never from within a call of the asker
// (net/exchange.h). Test: api_server_test.cc.
namespace caravel::api {
namespace {

// How much of a body may be on its way at once.
constexpr uint64_t kBodyWindow = 256 << 10;

// What a body has of the memory for all, which goes back with it.
using BodyHolds = std::vector<net::ByteShares::Hold>;

Reply Busy(std::string_view what) {
  Reply reply = FailureReply(
      Error(ErrorCode::kUnavailable, fmt::format("the API is busy: {}", what))
          .Remedy("try again in a moment"),
      ErrorNumbers().unavailable);
  reply.headers.emplace_back("retry-after", "1");
  return reply;
}

Reply TooSlow(std::chrono::seconds limit) {
  Reply reply = FailureReply(
      Error(ErrorCode::kInvalid,
            fmt::format("the body did not arrive within {} seconds",
                        limit.count()))
          .Remedy("send it faster, or less of it"),
      ErrorNumbers().invalid);
  reply.status = 408;
  return reply;
}

Reply Stopping() {
  return FailureReply(Error(ErrorCode::kUnavailable, "caraveld is stopping")
                          .Remedy("try again"),
                      ErrorNumbers().unavailable);
}

Reply TooLarge(size_t limit) {
  if (limit == 0) {
    return FailureReply(Error(ErrorCode::kLimit, "the request takes no body")
                            .Remedy("send it without one"),
                        ErrorNumbers().limit);
  }
  return FailureReply(
      Error(ErrorCode::kLimit,
            fmt::format("the body is larger than {} bytes", limit))
          .Remedy("send less; a Worker's modules count together"),
      ErrorNumbers().limit);
}

}  // namespace

class ApiServer::Call final : public net::Answerer {
 public:
  Call(ApiServer& server, CallId id, net::RequestHead head, net::Asker& asker)
      : server_(server),
        id_(id),
        asker_(asker),
        head_(std::make_shared<const net::RequestHead>(std::move(head))),
        holds_(std::make_shared<BodyHolds>()) {}
  ~Call() override { server_.loop_.Cancel(deadline_); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void Admit() {
    server_.OnThread(
        id_,
        [&](std::function<void()> task) {
          return server_.admissions_.Post(std::move(task));
        },
        "too many requests wait for a thread",
        [&server = server_, id = id_, head = head_] {
          auto admission =
              std::make_shared<Admission>(server.handler_.Admit(*head));
          server.OnLoop(id, [admission](Call& call) {
            call.OnAdmission(std::move(*admission));
          });
        });
  }

  void OnRequestBody(std::string_view bytes) override {
    body_.append(bytes);
    if (body_.size() > limit_) {
      server_.OnLoop(id_, [](Call& call) { call.End(TooLarge(call.limit_)); });
    } else if (granted_ - body_.size() <= kBodyWindow / 2) {
      server_.OnLoop(id_, [](Call& call) { call.Grant(); });
    }
  }

  void OnRequestEnd() override {
    ended_ = true;
    server_.loop_.Cancel(deadline_);
    if (admitted_) Run();
  }

  void OnResponseCredit(uint64_t) override {}  // answers go out whole

  void OnCancel(const Error&) override { server_.calls_.erase(CallId(id_)); }

  // Ends the exchange, and this object with it. Requires: not called from
  // within a call of the asker.
  void End(const Reply& reply) { server_.Finish(id_, reply); }

  const net::RequestHead& head() const { return *head_; }
  net::Asker& asker() { return asker_; }

 private:
  void OnAdmission(Admission admission) {
    if (admission.refusal) return End(*admission.refusal);
    limit_ = admission.body_limit;
    const bool is_size_known = head_->body_size >= 0;
    // Of a body that does not say its size one byte more than the limit may
    // come, to tell that it is too large.
    most_ =
        is_size_known ? static_cast<uint64_t>(head_->body_size) : limit_ + 1;
    if (is_size_known && most_ > limit_) return End(TooLarge(limit_));
    admitted_ = std::make_shared<Admission>(std::move(admission));
    if (ended_) return Run();
    // So that it is not refused when most of it is there.
    if (is_size_known && !Hold(most_)) return;
    deadline_ = server_.loop_.After(server_.options_.body_patience, [this] {
      End(TooSlow(server_.options_.body_patience));
    });
    Grant();
  }

  // Has memory for so much more of the body; false: there is none, and the call
  // has ended.
  [[nodiscard]] bool Hold(uint64_t bytes) {
    auto hold = server_.body_memory_.TryHold(admitted_->account.value, bytes);
    if (hold == nullptr) {
      End(
          Busy("bodies of this account and of others fill the memory "
               "for them"));
      return false;
    }
    holds_->push_back(std::move(hold));
    held_ += bytes;
    return true;
  }

  void Grant() {
    const uint64_t wanted = std::min(body_.size() + kBodyWindow, most_);
    if (ended_ || wanted <= granted_) return;
    if (wanted > held_ && !Hold(wanted - held_)) return;
    asker_.GrantRequestBody(wanted - std::exchange(granted_, wanted));
  }

  void Run() {
    const Lane lane = admitted_->endpoint->lane;
    server_.OnThread(
        id_,
        [&](std::function<void()> task) {
          return server_.TurnsOf(lane).Post(admitted_->account,
                                            std::move(task));
        },
        lane == Lane::kGeneral
            ? "too many requests of this account wait for their turn"
            : "too many uploads of this account wait for their turn",
        [&server = server_, id = id_, head = head_, holds = holds_,
         admitted = admitted_,
         body = std::make_shared<std::string>(std::move(body_))] {
          auto reply = std::make_shared<Reply>(
              server.handler_.Run(*admitted, std::move(*body)));
          server.OnLoop(id, [reply](Call& call) { call.End(*reply); });
        });
  }

  ApiServer& server_;
  const CallId id_;
  net::Asker& asker_;
  const std::shared_ptr<const net::RequestHead> head_;
  const std::shared_ptr<BodyHolds> holds_;
  std::shared_ptr<Admission> admitted_;  // once the body may come
  std::string body_;
  uint64_t limit_ = 0;
  uint64_t most_ = 0;                 // of the body that may come
  uint64_t held_ = 0;                 // in the memory for bodies
  uint64_t granted_ = 0;              // that may be on its way, or has come
  net::EventLoop::TimerId deadline_;  // of the body
  bool ended_ = false;
};

ApiServer::ApiServer(const ApiHandler& handler, net::EventLoop& loop,
                     base::Log& log, Options options)
    : handler_(handler),
      loop_(loop),
      log_(log),
      options_(options),
      body_memory_(options.body_memory),
      self_(std::make_shared<ApiServer*>(this)),
      admissions_(options.admission_threads, options.longest_queue),
      requests_(options.threads, options.longest_queue, options.at_once),
      uploads_(options.upload_threads, options.longest_upload_queue),
      assets_(options.asset_threads, options.longest_upload_queue,
              options.assets_at_once) {}

ApiServer::~ApiServer() = default;

net::Answerer& ApiServer::Start(net::RequestHead& head, net::Asker& asker) {
  const CallId id = ++last_id_;
  auto call = std::make_unique<Call>(*this, id, std::move(head), asker);
  Call& started = *call;
  calls_.emplace(id, std::move(call));
  started.Admit();
  return started;
}

void ApiServer::OnLoop(CallId id, std::function<void(Call&)> step) {
  const bool posted =
      loop_.Post([self = std::weak_ptr(self_), id, step = std::move(step)] {
        const auto server = self.lock();
        if (server == nullptr) return;
        const auto call = (*server)->calls_.find(id);
        if (call != (*server)->calls_.end()) step(*call->second);
      });
  // A closed loop asks nobody any more; the askers are going too.
  (void)posted;
}

void ApiServer::OnThread(CallId id, const Post& post, std::string_view refusal,
                         std::function<void()> work) {
  if (closed_) {
    return OnLoop(id, [](Call& call) { call.End(Stopping()); });
  }
  auto task = [this, work = std::move(work)] {
    work();
    // Behind what the work itself has said.
    (void)loop_.Post([self = std::weak_ptr(self_)] {
      if (const auto server = self.lock()) --(*server)->at_work_;
    });
  };
  if (post(std::move(task))) {
    ++at_work_;
    return;
  }
  OnLoop(id, [refusal](Call& call) { call.End(Busy(refusal)); });
}

AccountTurns& ApiServer::TurnsOf(Lane lane) {
  switch (lane) {
    case Lane::kUploads:
      return uploads_;
    case Lane::kAssets:
      return assets_;
    case Lane::kGeneral:
      break;
  }
  return requests_;
}

void ApiServer::Finish(CallId id, const Reply& reply) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  const std::unique_ptr<Call> call = std::move(found->second);
  calls_.erase(found);
  const net::RequestHead& head = call->head();
  log_.Info("api request", {{"method", head.method},
                            {"target", head.target},
                            {"status", reply.status},
                            {"request", reply.request}});
  net::ResponseHead response;
  response.status = reply.status;
  response.body_size = static_cast<int64_t>(reply.body.size());
  response.headers.Add("content-type", reply.content_type);
  response.headers.Add("cache-control", "no-store");
  for (const auto& [name, value] : reply.headers) {
    response.headers.Add(name, value);
  }
  if (!reply.request.empty()) response.headers.Add("cf-ray", reply.request);
  call->asker().Respond(response, reply.body);
}

}  // namespace caravel::api

#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/lifetime.h"
#include "base/spares.h"
#include "host/driver.h"
#include "host/fetch_run.h"
#include "host/gate_queue.h"
#include "host/invocation.h"
#include "host/placement.h"
#include "host/raw_connections.h"
#include "host/socket_run.h"
#include "host/web_socket_room.h"
#include "net/event_loop.h"
#include "registry/bundle.h"
#include "registry/published.h"
#include "runtime/isolate.h"

namespace caravel::host {

// What a slot needs of its shard. Threads: the one that drives the shard.
class SlotOwner {
 public:
  virtual ~SlotOwner() = default;
  virtual net::EventLoop& loop() = 0;
  virtual uint64_t NextReference() = 0;
  // The slot has something for its isolate, or a step to make.
  virtual void Wake(Slot& slot) = 0;
  virtual void Ended(Slot& slot, Invocation& invocation,
                     runtime::InvocationEnded ended) = 0;
  // Heads of requests that are over, so that the next ones find memory that has
  // grown to what requests need.
  virtual std::unique_ptr<net::RequestHead> TakeHead() = 0;
  virtual void ReturnHead(std::unique_ptr<net::RequestHead> head) = 0;
  // Where a request to that origin goes; an error for a URL without one.
  // `asker` is nullptr where that is over. Of a Worker that is called, `place`
  // is what the call takes of the asker's request.
  virtual Result<net::Target*> Origin(
      Slot& slot, Invocation* asker, const runtime::StartFetch& fetch,
      net::RequestHead& head, std::optional<InvocationPlace>& place) = 0;
  // Where the request of a client goes that the slot's Worker got by a route
  // and failed to answer; nullptr: nowhere. What origins are told of clients is
  // added to `head`.
  virtual net::Target* OriginBehind(Slot& slot, net::RequestHead& head) = 0;
  // What the shard's Workers have of connections of their own.
  virtual RawConnections& Raw() = 0;
  // Has caraveld asked; the answer comes by Slot::OnNameAnswered().
  virtual void AskName(Slot& slot, runtime::AskName& ask) = 0;
  // Answers what the host has in memory, and has caraveld asked for the rest;
  // the answer comes by Slot::OnKvAnswered().
  virtual void AskKv(Slot& slot, runtime::AskKv& ask) = 0;
  // Whether one more call with that key is within the account's limit.
  virtual bool TakeFromRateLimit(const registry::AccountId& account,
                                 const runtime::RateLimit& limit,
                                 std::string_view key) = 0;
};

// A turn of one isolate: carries the isolate and its boxes away from the slot
// and brings them back.
class IsolateTurn final : public Turn {
 public:
  void Run(runtime::RunGuard& guard) override;

  uint64_t slot = 0;  // to come back to
  std::unique_ptr<runtime::Isolate> isolate;
  runtime::Inbox inbox;
  runtime::Outbox outbox;
  size_t waiting_bytes = 0;  // of this Worker, in the shard's hands
  bool shrink = false;       // the isolate, behind all else

  // To be done before the first turn.
  struct Load {
    std::shared_ptr<const registry::Bundle> bundle;
    registry::Version version;
    std::string code_cache;
  };
  std::optional<Load> load;
  runtime::Loaded loaded;
};

// The place of one version of a Worker on a shard: its isolate while it has
// one, and everything of it that runs. Values arrive here for the isolate's
// next turn; what the isolate asks for is carried out here.
//
// Threads: the one that drives the shard.
class Slot final : private WebSocketRoom::Owner {
 public:
  enum class State : unsigned char { kCold, kOpening, kReady, kRunning };

  // `number` is the shard's name for the slot, and never used for another.
  Slot(SlotOwner& owner, uint64_t number,
       const registry::PublishedWorker& worker,
       const registry::Version& version);
  ~Slot() override;
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  uint64_t number() const { return number_; }
  const registry::WorkerId& worker() const { return worker_; }
  const registry::AccountId& account() const { return account_; }
  const registry::Version& version() const { return version_; }
  State state() const { return state_; }

  // ---- requests ----
  Invocation& Begin(net::RequestHead& head, net::Asker& asker,
                    Invocation::Caller caller = {});
  // An entry for the next turn.
  void Deliver(runtime::InboxEntry entry) override;
  // Bytes of a body: to the isolate, or past it to the client.
  void OnBody(runtime::BodyId body, std::string_view bytes, bool end);
  void OnBodyFailed(runtime::BodyId body, std::string_view why);
  void GrantBody(runtime::BodyId body, uint64_t bytes);
  void CancelBody(runtime::BodyId body);
  void OnFetchAnswered(runtime::FetchId fetch, const net::ResponseHead& head);
  void OnFetchFailed(runtime::FetchId fetch, std::string why);
  // Has the invocation or fetch `id` pass on what waits, in the next Step():
  // a side of an exchange does not call back from within a call.
  void FlushLater(int32_t id) override;
  // The answer to a question of the isolate that has that number.
  void OnNameAnswered(uint64_t isolate, runtime::NameAnswered answered);
  void OnKvAnswered(uint64_t isolate, runtime::KvAnswered answered);
  // Bytes of questions to KV that are under way, and of answers that the
  // isolate has not come to read.
  const std::shared_ptr<std::atomic<size_t>>& kv_held() const
      CARAVEL_LIFETIME_BOUND {
    return kv_held_;
  }
  uint64_t isolate_number() const { return isolate_number_; }
  WebSocketRoom& web_sockets() CARAVEL_LIFETIME_BOUND { return web_sockets_; }
  // The exchange of a fetch is over: it goes in the next Step().
  void ForgetLater(runtime::FetchId fetch);
  // The same of one that is not, which is then cancelled.
  void CancelLater(runtime::BodyId body);
  // Ends its exchanges with other slots, before these go.
  void DropFetches() { const auto doomed = std::exchange(fetches_, {}); }
  // Ends its WebSockets: those of clients hear that the server goes away.
  void CloseWebSockets();
  // The connection is over and goes in the next Step().
  void ForgetSocket(runtime::SocketId socket);
  void Step();

  // ---- the isolate ----
  void set_opening() { state_ = State::kOpening; }
  // The bundle is there: the next turn loads it.
  void Opened(std::unique_ptr<runtime::Isolate> isolate,
              IsolateTurn::Load load);
  // It cannot be had: every waiting invocation fails.
  void OpenFailed(const Error& why);
  // The bundle of an isolate that was here before; nullptr when none was.
  const std::shared_ptr<const registry::Bundle>& bundle() const
      CARAVEL_LIFETIME_BOUND {
    return bundle_;
  }
  // Drops the isolate; the next request loads the version anew.
  std::unique_ptr<runtime::Isolate> Evict();
  // Moves what has arrived into a turn. Requires: kReady.
  std::unique_ptr<IsolateTurn> TakeTurn();
  // Takes everything back and carries out what was asked for.
  void Finish(std::unique_ptr<IsolateTurn> turn);

  // Has the isolate give back memory in its next turn.
  // Requires: has_isolate(), IsIdle().
  void Shrink();
  // Whether it has had something to do since then.
  bool may_shrink() const { return may_shrink_; }

  bool HasTurn() const {
    return state_ == State::kReady && (!inbox_.empty() || woken_);
  }
  void set_woken() { woken_ = true; }
  // Nothing runs, so that the isolate can go.
  bool IsIdle() const {
    return state_ != State::kRunning && state_ != State::kOpening &&
           invocations_.empty() && inbox_.empty() && fetches_.empty() &&
           sockets_.empty();
  }
  base::SteadyTime last_used() const { return last_used_; }
  size_t memory_bytes() const {
    return waiting_bytes_ + web_sockets_.arriving() +
           (turn_ == nullptr || turn_->isolate == nullptr
                ? 0
                : turn_->isolate->memory_bytes());
  }
  // What waits here until clients and origins take it.
  size_t& waiting_bytes() CARAVEL_LIFETIME_BOUND override {
    return waiting_bytes_;
  }
  bool has_isolate() const {
    return state_ == State::kReady || state_ == State::kRunning;
  }
  Presence presence() const {
    if (state_ == State::kCold) return Presence::kNone;
    return has_isolate() && loaded_ ? Presence::kLoaded : Presence::kLoading;
  }

  net::EventLoop& loop() CARAVEL_LIFETIME_BOUND override {
    return owner_.loop();
  }

  // In the shard's list of slots with work.
  bool queued = false;

 private:
  void CarryOut(runtime::OutboxEntry& entry);
  // False for what concerns no answer, which CarryOutAlone() carries out.
  [[nodiscard]] bool CarryOutFor(Invocation& invocation,
                                 runtime::OutboxAction& action);
  void CarryOutAlone(runtime::OutboxEntry& entry);
  // Moves what of the body waits for the next turn into `request`.
  void TakeArrived(runtime::BodyId body,
                   runtime::RespondError::PassOn& request);
  void StartFetch(runtime::StartFetch& fetch, Invocation* asker);
  void OpenSocket(const runtime::OpenSocket& open);
  void CarryOutForSocket(runtime::OutboxAction& action);
  SocketRun* FindSocket(runtime::SocketId id);
  void StartTimer(const runtime::StartTimer& timer);
  void StopTimer(runtime::TimerId timer);
  // Ends all invocations, and what has arrived for them.
  void FailAll(std::string_view outcome, const std::string& why);
  Invocation* Find(runtime::InvocationId id);
  void Forget(runtime::InvocationId id);
  runtime::InvocationId NextInvocation();
  // The isolate is of no more use: with it goes all that belongs to it alone.
  void DropIsolate();

  SlotOwner& owner_;
  const uint64_t number_;
  const registry::WorkerId worker_;
  const registry::AccountId account_;
  const registry::Version version_;
  State state_ = State::kCold;
  bool loaded_ = false;  // the isolate has had its first turn
  std::shared_ptr<const registry::Bundle> bundle_;
  std::unique_ptr<IsolateTurn> turn_;  // away while kRunning
  runtime::Inbox inbox_;
  bool woken_ = false;
  GateQueue gates_;
  size_t waiting_bytes_ = 0;
  const std::shared_ptr<std::atomic<size_t>> kv_held_ =
      std::make_shared<std::atomic<size_t>>(0);
  WebSocketRoom web_sockets_{*this};
  runtime::InvocationId last_invocation_ = -1;
  uint64_t isolate_number_ = 0;  // of those that were here, one after the other
  boost::unordered_flat_map<runtime::InvocationId, std::unique_ptr<Invocation>>
      invocations_;
  base::Spares<Invocation> spare_invocations_{64};
  std::unordered_map<runtime::FetchId, std::unique_ptr<FetchRun>> fetches_;
  std::unordered_map<runtime::SocketId, std::unique_ptr<SocketRun>> sockets_;
  std::unordered_map<runtime::TimerId, net::EventLoop::TimerId> timers_;
  // Bodies that go to a client past the isolate.
  std::unordered_map<runtime::BodyId, runtime::InvocationId> pumps_;
  std::vector<int32_t> flushes_;
  std::vector<runtime::FetchId> forgotten_;
  std::vector<runtime::BodyId> canceled_;
  base::SteadyTime last_used_{};
  bool may_shrink_ = false;
};

}  // namespace caravel::host

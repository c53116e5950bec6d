#include "host/slot.h"

#include <map>
#include <utility>

#include "host/error_page.h"
#include "runtime/event_request.h"

namespace caravel::host {

void IsolateTurn::Run(runtime::RunGuard& guard) {
  if (load) {
    loaded =
        isolate->Load(load->bundle, load->version, load->code_cache, guard);
    if (!loaded.error.empty()) return;
  }
  isolate->SetWaitingBytes(waiting_bytes);
  isolate->Turn(inbox, outbox, guard);
  if (shrink && !isolate->condemned()) isolate->Shrink();
}

Slot::Slot(SlotOwner& owner, uint64_t number,
           const registry::PublishedWorker& worker,
           const registry::Version& version)
    : owner_(owner),
      number_(number),
      worker_(worker.id),
      account_(worker.account),
      version_(version),
      turn_(std::make_unique<IsolateTurn>()),
      gates_([this](runtime::OutboxEntry& entry) { CarryOut(entry); }) {
  turn_->slot = number_;
}

Slot::~Slot() {
  for (const auto& [id, timer] : timers_) owner_.loop().Cancel(timer);
}

runtime::InvocationId Slot::NextInvocation() {
  // Odd numbers, again from the start after half a billion of them.
  constexpr runtime::InvocationId kLast = (1 << 30) - 1;
  do {
    last_invocation_ = last_invocation_ >= kLast ? 1 : last_invocation_ + 2;
  } while (invocations_.contains(last_invocation_));
  return last_invocation_;
}

void Slot::DropIsolate() {
  turn_->isolate.reset();
  state_ = State::kCold;
  for (const auto& [id, timer] : timers_) owner_.loop().Cancel(timer);
  timers_.clear();
  // The next isolate numbers its fetches from the start again.
  // What they end may look for others of them.
  const auto doomed = std::exchange(fetches_, {});
  sockets_.clear();
  for (const auto& [body, id] : std::exchange(pumps_, {})) {
    Invocation* invocation = Find(id);
    if (invocation == nullptr) continue;
    if ((body & 1) != 0) {  // a request's own body needs no isolate
      pumps_.emplace(body, id);
      continue;
    }
    invocation->RespondAbort(
        Error(ErrorCode::kUnavailable, "the Worker was ended"));
    FlushLater(id);
  }
  // Requests that have arrived meanwhile, with their bodies, wait for it.
  std::erase_if(inbox_, [this](const runtime::InboxEntry& entry) {
    if (std::holds_alternative<runtime::RequestArrived>(entry)) return false;
    const auto* body = std::get_if<runtime::BodyArrived>(&entry);
    return body == nullptr || (body->body & 1) == 0 ||
           Find(body->body) == nullptr;
  });
}

Invocation& Slot::Begin(net::RequestHead& head, net::Asker& asker,
                        Invocation::Caller caller) {
  const runtime::InvocationId id = NextInvocation();
  last_used_ = owner_.loop().Now();
  std::unique_ptr<Invocation> invocation = spare_invocations_.Take();
  if (invocation == nullptr) invocation = std::make_unique<Invocation>(*this);
  Invocation& started = *invocation;
  // What comes behind a request for an upgrade is no body.
  const bool has_body = head.body_size != 0 && head.upgrade.empty();
  started.Begin(id, asker, last_used_,
                head.draw != 0 ? head.draw : owner_.NextReference(), has_body,
                std::move(caller));
  invocations_.emplace(id, std::move(invocation));
  if (has_body) flushes_.push_back(-id);
  std::unique_ptr<net::RequestHead> taken = owner_.TakeHead();
  *taken = std::move(head);
  inbox_.emplace_back(runtime::RequestArrived{id, std::move(taken), has_body});
  owner_.Wake(*this);
  return started;
}

void Slot::Forget(runtime::InvocationId id) {
  const auto found = invocations_.find(id);
  if (found == invocations_.end()) return;
  found->second->Clear();
  spare_invocations_.Return(std::move(found->second));
  invocations_.erase(found);
}

void Slot::Deliver(runtime::InboxEntry entry) {
  inbox_.emplace_back(std::move(entry));
  owner_.Wake(*this);
}

void Slot::OnBody(runtime::BodyId body, std::string_view bytes, bool end) {
  const auto pump = pumps_.find(body);
  if (pump != pumps_.end()) {
    Invocation* invocation = Find(pump->second);
    if (invocation != nullptr && !invocation->answered()) {
      if (!bytes.empty()) invocation->QueueBody(bytes);
      if (end) invocation->QueueEnd();
      FlushLater(pump->second);
    } else if (!end) {
      CancelLater(body);  // nobody is there to take it
    }
    if (end) pumps_.erase(pump);
  } else {
    auto* last = inbox_.empty()
                     ? nullptr
                     : std::get_if<runtime::BodyArrived>(&inbox_.back());
    if (last != nullptr && last->body == body && !last->end) {
      last->bytes += bytes;
      last->end = end;
    } else {
      Deliver(runtime::BodyArrived{body, std::string(bytes), end});
    }
  }
  if (end) ForgetLater(body);
}

void Slot::OnBodyFailed(runtime::BodyId body, std::string_view why) {
  const auto pump = pumps_.find(body);
  if (pump == pumps_.end()) {
    Deliver(runtime::BodyFailed{body, std::string(why)});
  } else {
    Invocation* invocation = Find(pump->second);
    if (invocation != nullptr) {
      invocation->RespondAbort(
          Error(ErrorCode::kUnavailable, std::string(why)));
      FlushLater(pump->second);
    }
    pumps_.erase(pump);
  }
  ForgetLater(body);
}

void Slot::GrantBody(runtime::BodyId body, uint64_t bytes) {
  if ((body & 1) != 0) {
    if (Invocation* invocation = Find(body)) invocation->GrantBody(bytes);
  } else {
    const auto fetch = fetches_.find(body);
    if (fetch != fetches_.end()) return fetch->second->Grant(bytes);
    if (SocketRun* socket = FindSocket(body)) socket->Grant(bytes);
  }
}

void Slot::CancelBody(runtime::BodyId body) {
  pumps_.erase(body);
  if (SocketRun* socket = FindSocket(body)) return socket->DropInput();
  const auto fetch = fetches_.find(body);
  if (fetch == fetches_.end()) return;  // of a request: the asker discards it
  fetch->second->Cancel();
  if (fetch->second->uploading()) Deliver(runtime::FetchBodyRefused{body});
  fetches_.erase(fetch);
}

void Slot::OnFetchAnswered(runtime::FetchId fetch,
                           const net::ResponseHead& head) {
  Deliver(runtime::FetchAnswered{fetch, head});
}

void Slot::OnFetchFailed(runtime::FetchId fetch, std::string why) {
  Deliver(runtime::FetchFailed{fetch, std::move(why)});
  ForgetLater(fetch);
}

void Slot::ForgetLater(runtime::FetchId fetch) {
  if ((fetch & 1) != 0) return;  // of a request
  forgotten_.push_back(fetch);
  owner_.Wake(*this);
}

void Slot::OnNameAnswered(uint64_t isolate, runtime::NameAnswered answered) {
  if (isolate == isolate_number_ && has_isolate()) {
    Deliver(std::move(answered));
  }
}

void Slot::OnKvAnswered(uint64_t isolate, runtime::KvAnswered answered) {
  if (isolate == isolate_number_ && has_isolate()) {
    Deliver(std::move(answered));
  }
}

void Slot::ForgetSocket(runtime::SocketId socket) { ForgetLater(socket); }

SocketRun* Slot::FindSocket(runtime::SocketId id) {
  const auto found = sockets_.find(id);
  return found == sockets_.end() ? nullptr : found->second.get();
}

void Slot::CancelLater(runtime::BodyId body) {
  canceled_.push_back(body);
  owner_.Wake(*this);
}

void Slot::FlushLater(int32_t id) {
  flushes_.push_back(id);
  owner_.Wake(*this);
}

void Slot::Step() {
  for (const runtime::BodyId body : std::exchange(canceled_, {})) {
    CancelBody(body);
  }
  for (const runtime::FetchId fetch : std::exchange(forgotten_, {})) {
    const auto run = fetches_.find(fetch);
    if (run != fetches_.end() && run->second->over()) fetches_.erase(run);
    const SocketRun* socket = FindSocket(fetch);
    if (socket != nullptr && socket->over()) sockets_.erase(fetch);
  }
  for (const int32_t id : std::exchange(flushes_, {})) {
    if (id < 0) {  // a request that has just begun: its body may come
      if (Invocation* invocation = Find(-id)) {
        invocation->GrantBody(Invocation::kBodyWindow);
      }
    } else if ((id & 1) != 0) {
      Invocation* invocation = Find(id);
      if (invocation == nullptr) continue;
      invocation->Flush();
      if (invocation->ended() && invocation->answered()) Forget(id);
    } else {
      const auto fetch = fetches_.find(id);
      if (fetch != fetches_.end()) fetch->second->Flush();
    }
  }
}

void Slot::Opened(std::unique_ptr<runtime::Isolate> isolate,
                  IsolateTurn::Load load) {
  CARAVEL_CHECK(state_ == State::kOpening);
  turn_->isolate = std::move(isolate);
  ++isolate_number_;
  bundle_ = load.bundle;
  turn_->load = std::move(load);
  loaded_ = false;
  state_ = State::kReady;
  woken_ = true;
  owner_.Wake(*this);
}

void Slot::OpenFailed(const Error& why) {
  CARAVEL_CHECK(state_ == State::kOpening);
  state_ = State::kCold;
  FailAll("exception", why.message());
}

std::unique_ptr<runtime::Isolate> Slot::Evict() {
  CARAVEL_CHECK(IsIdle());
  state_ = State::kCold;
  for (const auto& [id, timer] : timers_) owner_.loop().Cancel(timer);
  timers_.clear();
  return std::move(turn_->isolate);
}

std::unique_ptr<IsolateTurn> Slot::TakeTurn() {
  CARAVEL_CHECK(state_ == State::kReady);
  state_ = State::kRunning;
  woken_ = false;
  // What V8 does for itself is no use of the isolate.
  if (!inbox_.empty() || turn_->load) {
    last_used_ = owner_.loop().Now();
    may_shrink_ = true;
  }
  std::swap(turn_->inbox, inbox_);
  web_sockets_.BeginTurn(turn_->inbox);
  turn_->waiting_bytes = waiting_bytes_;
  return std::move(turn_);
}

void Slot::Shrink() {
  turn_->shrink = true;
  may_shrink_ = false;
  woken_ = true;
  owner_.Wake(*this);
}

void Slot::Finish(std::unique_ptr<IsolateTurn> turn) {
  CARAVEL_CHECK(state_ == State::kRunning);
  turn_ = std::move(turn);
  turn_->shrink = false;
  state_ = State::kReady;
  if (turn_->load) {
    turn_->load.reset();
    if (!turn_->loaded.error.empty()) {
      const std::string why = turn_->loaded.error;
      turn_->isolate.reset();
      state_ = State::kCold;
      // What arrived since then is behind what the turn was to take.
      std::swap(turn_->inbox, inbox_);
      for (runtime::InboxEntry& entry : turn_->inbox) {
        inbox_.push_back(std::move(entry));
      }
      turn_->inbox.clear();
      FailAll("exception", why);
      return;
    }
    loaded_ = true;
  }
  for (runtime::OutboxEntry& entry : turn_->outbox) gates_.Push(entry);
  turn_->isolate->TakeBack(turn_->outbox);
  // What a large turn needed is not kept for those that follow.
  constexpr size_t kKeptEntries = 4096;
  if (turn_->outbox.capacity() > kKeptEntries) {
    turn_->outbox = runtime::Outbox();
  }
  web_sockets_.EndTurn();
  if (turn_->isolate->condemned()) {
    DropIsolate();
  }
  if (!inbox_.empty()) owner_.Wake(*this);
}

void Slot::CloseWebSockets() {
  for (const auto& [id, invocation] : invocations_) {
    WebSocketRun* socket = invocation->socket();
    if (socket != nullptr) socket->Close(net::kWebSocketGoingAway, "");
  }
}

Invocation* Slot::Find(runtime::InvocationId id) {
  const auto found = invocations_.find(id);
  return found == invocations_.end() ? nullptr : found->second.get();
}

void Slot::FailAll(std::string_view outcome, const std::string& why) {
  std::map<runtime::InvocationId, std::unique_ptr<net::RequestHead>> heads;
  for (runtime::InboxEntry& entry : inbox_) {
    if (auto* arrived = std::get_if<runtime::RequestArrived>(&entry)) {
      heads[arrived->invocation] = std::move(arrived->head);
    }
  }
  inbox_.clear();
  auto invocations = std::exchange(invocations_, {});
  for (auto& [id, invocation] : invocations) {
    if (invocation->ended()) {  // its answer is still on its way to the client
      invocations_.emplace(id, std::move(invocation));
      continue;
    }
    const ErrorAnswer page = WorkerError(1101, invocation->reference());
    runtime::InvocationEnded ended;
    ended.event = std::make_unique<registry::LogEvent>();
    ended.event->outcome = outcome;
    ended.event->status = page.head.status;
    ended.event->exceptions.push_back({"Error", why, "", 0});
    if (const auto head = heads.find(id);
        head != heads.end() && head->second != nullptr) {
      runtime::SetRequest(*ended.event, *head->second);
      ended.head = std::move(head->second);
    }
    invocation->Fail(1101, "Error: " + why);
    owner_.Ended(*this, *invocation, std::move(ended));
  }
}

}  // namespace caravel::host

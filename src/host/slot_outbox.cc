// What an isolate has asked for in a turn, carried out on its shard.
#include <utility>

#include "host/slot.h"

namespace caravel::host {

void Slot::CarryOut(runtime::OutboxEntry& entry) {
  Invocation* invocation = Find(entry.invocation);
  if (auto* ended = std::get_if<runtime::InvocationEnded>(&entry.action)) {
    if (invocation == nullptr) {
      owner_.ReturnHead(std::move(ended->head));
      return;
    }
    owner_.Ended(*this, *invocation, std::move(*ended));
    if (!invocation->answered()) {
      // What was begun and is pumped ends on its own, and is kept until then.
      invocation->set_ended();
      if (invocation->pumped()) return;
      if (invocation->socket() != nullptr) return invocation->socket()->Leave();
      invocation->RespondAbort(
          Error(ErrorCode::kInternal, "the Worker did not end its answer"));
    }
    Forget(entry.invocation);
    return;
  }
  if (invocation == nullptr) {
    const auto* forward = std::get_if<runtime::RespondForward>(&entry.action);
    if (forward != nullptr) return CancelBody(forward->body);
    return CarryOutAlone(entry);
  }
  const bool was_answer = CarryOutFor(*invocation, entry.action);
  if (invocation->ended() && invocation->answered()) Forget(entry.invocation);
  if (!was_answer) CarryOutAlone(entry);
}

bool Slot::CarryOutFor(Invocation& invocation, runtime::OutboxAction& action) {
  if (auto* whole = std::get_if<runtime::Respond>(&action)) {
    invocation.Respond(whole->head, std::move(whole->body));
  } else if (auto* start = std::get_if<runtime::RespondStart>(&action)) {
    invocation.RespondStart(start->head);
  } else if (auto* body = std::get_if<runtime::RespondBody>(&action)) {
    invocation.RespondBody(std::move(body->bytes));
  } else if (std::holds_alternative<runtime::RespondEnd>(action)) {
    invocation.RespondEnd();
  } else if (const auto* abort = std::get_if<runtime::RespondAbort>(&action)) {
    invocation.RespondAbort(Error(ErrorCode::kInternal, abort->why));
  } else if (auto* forward = std::get_if<runtime::RespondForward>(&action)) {
    if (invocation.answered()) {  // the client has left
      CancelBody(forward->body);
      return true;
    }
    pumps_[forward->body] = invocation.id();
    invocation.PumpFrom(forward->body);
    invocation.RespondStart(forward->head);
  } else if (auto* accept = std::get_if<runtime::AcceptWebSocket>(&action)) {
    invocation.Accept(std::move(*accept));
  } else if (const auto* error = std::get_if<runtime::RespondError>(&action)) {
    if (error->pass_on != nullptr) {
      net::Target* origin = owner_.OriginBehind(*this, error->pass_on->head);
      if (origin != nullptr) {
        TakeArrived(invocation.id(), *error->pass_on);
        invocation.PassOn(*origin, *error->pass_on);
        return true;
      }
    }
    invocation.Fail(error->number, error->why);
  } else {
    return false;
  }
  return true;
}

void Slot::TakeArrived(runtime::BodyId body,
                       runtime::RespondError::PassOn& request) {
  std::erase_if(inbox_, [&](const runtime::InboxEntry& entry) {
    const auto* arrived = std::get_if<runtime::BodyArrived>(&entry);
    if (arrived == nullptr || arrived->body != body) return false;
    request.body += arrived->bytes;
    request.body_ends = request.body_ends || arrived->end;
    return true;
  });
}

void Slot::CarryOutAlone(runtime::OutboxEntry& entry) {
  runtime::OutboxAction& action = entry.action;
  if (const auto* grant = std::get_if<runtime::GrantBody>(&action)) {
    GrantBody(grant->body, grant->bytes);
  } else if (const auto* cancel = std::get_if<runtime::CancelBody>(&action)) {
    CancelBody(cancel->body);
  } else if (auto* fetch = std::get_if<runtime::StartFetch>(&action)) {
    StartFetch(*fetch, Find(entry.invocation));
  } else if (auto* body = std::get_if<runtime::FetchBody>(&action)) {
    const auto run = fetches_.find(body->fetch);
    if (run != fetches_.end()) run->second->SendBody(std::move(body->bytes));
  } else if (const auto* end = std::get_if<runtime::FetchEnd>(&action)) {
    const auto run = fetches_.find(end->fetch);
    if (run != fetches_.end()) run->second->SendEnd();
  } else if (const auto* abort = std::get_if<runtime::FetchAbort>(&action)) {
    if (pumps_.contains(abort->fetch)) {
      OnBodyFailed(abort->fetch, "the Worker aborted the fetch");
    }
    CancelBody(abort->fetch);
  } else if (const auto* timer = std::get_if<runtime::StartTimer>(&action)) {
    StartTimer(*timer);
  } else if (const auto* stop = std::get_if<runtime::StopTimer>(&action)) {
    StopTimer(stop->timer);
  } else if (const auto* send = std::get_if<runtime::WebSocketSend>(&action)) {
    WebSocketRun* socket = web_sockets_.Find(send->socket);
    if (socket != nullptr) socket->Send(send->text, send->bytes);
  } else if (const auto* close =
                 std::get_if<runtime::WebSocketClose>(&action)) {
    WebSocketRun* socket = web_sockets_.Find(close->socket);
    if (socket != nullptr) socket->Close(close->code, close->reason);
  } else if (const auto* read = std::get_if<runtime::ReadWebSocket>(&action)) {
    WebSocketRun* socket = web_sockets_.Find(read->socket);
    if (socket != nullptr) socket->StartReading();
  } else if (const auto* join = std::get_if<runtime::JoinWebSockets>(&action)) {
    web_sockets_.Join(join->one, join->two);
  } else {
    CarryOutForSocket(action);
  }
}

void Slot::StartFetch(runtime::StartFetch& fetch, Invocation* asker) {
  net::RequestHead head;
  if (asker != nullptr && fetch.service == nullptr) {
    head.draw = asker->number();
  }
  head.method = fetch.method;
  head.headers = std::move(fetch.headers);
  head.body_size = fetch.body_follows ? -1
                   : fetch.has_body   ? static_cast<int64_t>(fetch.body.size())
                                      : 0;
  std::optional<InvocationPlace> place;
  const Result<net::Target*> origin =
      owner_.Origin(*this, asker, fetch, head, place);
  if (!origin) {
    Deliver(runtime::FetchFailed{fetch.fetch, origin.error().ToText()});
    return;
  }
  auto run = std::make_unique<FetchRun>(*this, fetch.fetch);
  FetchRun& started = *run;
  started.set_place(std::move(place));
  fetches_.emplace(fetch.fetch, std::move(run));
  if (fetch.web_socket) {
    return started.StartWebSocket(**origin, head, fetch.compress);
  }
  started.Start(**origin, head, std::move(fetch.body), fetch.body_follows);
}

void Slot::OpenSocket(const runtime::OpenSocket& open) {
  auto run = std::make_unique<SocketRun>(*this, owner_.Raw(), open.socket);
  SocketRun& started = *run;
  sockets_.emplace(open.socket, std::move(run));
  started.Open(worker_.value, open.host, open.port, open.tls);
}

void Slot::CarryOutForSocket(runtime::OutboxAction& action) {
  if (const auto* open = std::get_if<runtime::OpenSocket>(&action)) {
    OpenSocket(*open);
  } else if (auto* write = std::get_if<runtime::SocketWrite>(&action)) {
    SocketRun* run = FindSocket(write->socket);
    if (run != nullptr) run->Write(std::move(write->bytes));
  } else if (const auto* end = std::get_if<runtime::SocketEnd>(&action)) {
    if (SocketRun* run = FindSocket(end->socket)) run->End();
  } else if (const auto* close = std::get_if<runtime::CloseSocket>(&action)) {
    if (SocketRun* run = FindSocket(close->socket)) run->Close();
  } else if (auto* ask = std::get_if<runtime::AskName>(&action)) {
    owner_.AskName(*this, *ask);
  } else if (auto* kv = std::get_if<runtime::AskKv>(&action)) {
    owner_.AskKv(*this, *kv);
  } else if (const auto* limit = std::get_if<runtime::AskRateLimit>(&action)) {
    const bool success =
        owner_.TakeFromRateLimit(account_, *limit->limit, limit->key);
    Deliver(runtime::RateLimited{limit->question, success});
  } else if (auto* secure = std::get_if<runtime::SecureSocket>(&action)) {
    auto node = sockets_.extract(secure->socket);
    if (node.empty()) {
      Deliver(runtime::SocketClosed{secure->secured, "the connection is over"});
      return;
    }
    node.key() = secure->secured;
    SocketRun& run = *node.mapped();
    sockets_.insert(std::move(node));
    run.StartTls(secure->secured, std::move(secure->host));
  }
}

void Slot::StartTimer(const runtime::StartTimer& timer) {
  timers_[timer.timer] = owner_.loop().After(timer.delay, [this, timer] {
    timers_.erase(timer.timer);
    Deliver(runtime::TimerFired{timer.timer});
    if (timer.repeat) StartTimer(timer);
  });
}

void Slot::StopTimer(runtime::TimerId timer) {
  const auto found = timers_.find(timer);
  if (found == timers_.end()) return;
  owner_.loop().Cancel(found->second);
  timers_.erase(found);
}

}  // namespace caravel::host

// Each side has a port: a queue under a lock, and the receiver, which only the
// loop of that side touches. Who puts the first message into an empty queue
// posts the task that empties it. Tests: relay_test.cc, exchange_test.cc.
#include "net/relay_mailbox.h"

#include <vector>

#include "base/mutex.h"

namespace caravel::net {

struct RelayMailbox::Port {
  explicit Port(EventLoop& event_loop) : loop(event_loop) {}

  // From the loop of this port.
  void Deliver();
  void Close(const Error& why) {
    if (receiver != nullptr) std::exchange(receiver, nullptr)->OnClosed(why);
  }

  EventLoop& loop;
  RelayReceiver* receiver = nullptr;
  base::Mutex mutex;
  std::vector<RelayMessage> queue CARAVEL_GUARDED_BY(mutex);
  base::SteadyTime since CARAVEL_GUARDED_BY(mutex);  // of the first in it
};

void RelayMailbox::Port::Deliver() {
  std::vector<RelayMessage> messages;
  {
    const base::MutexLock lock(mutex);
    messages.swap(queue);
  }
  for (RelayMessage& message : messages) {
    if (receiver == nullptr) return;
    receiver->OnMessage(std::move(message));
  }
}

RelayMailbox::Pair RelayMailbox::Connect(EventLoop& first, EventLoop& second) {
  auto first_port = std::make_shared<Port>(first);
  auto second_port = std::make_shared<Port>(second);
  Pair pair;
  pair.first.reset(new RelayMailbox(first_port, second_port));
  pair.second.reset(new RelayMailbox(second_port, first_port));
  return pair;
}

RelayMailbox::RelayMailbox(std::shared_ptr<Port> own,
                           std::shared_ptr<Port> other)
    : own_(std::move(own)), other_(std::move(other)) {}

RelayMailbox::~RelayMailbox() {
  own_->receiver = nullptr;
  // A loop that takes no tasks any more has nobody to tell.
  [[maybe_unused]] const bool told = other_->loop.Post([port = other_] {
    port->Deliver();
    port->Close(
        Error(ErrorCode::kUnavailable, "the other end of the relay is gone"));
  });
}

void RelayMailbox::Attach(RelayReceiver* receiver) {
  own_->receiver = receiver;
}

void RelayMailbox::Send(RelayMessage message) {
  bool was_empty = false;
  {
    const base::MutexLock lock(other_->mutex);
    was_empty = other_->queue.empty();
    if (was_empty) other_->since = own_->loop.Now();
    other_->queue.push_back(std::move(message));
  }
  if (!was_empty) return;
  if (other_->loop.Post([port = other_] { port->Deliver(); })) return;
  own_->loop.At(own_->loop.Now(), [port = own_] {
    port->Close(Error(ErrorCode::kUnavailable,
                      "the event loop of the other end has stopped"));
  });
}

std::optional<base::SteadyTime> RelayMailbox::untaken_since() const {
  const base::MutexLock lock(other_->mutex);
  if (other_->queue.empty()) return std::nullopt;
  return other_->since;
}

}  // namespace caravel::net

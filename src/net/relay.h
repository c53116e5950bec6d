#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/event_loop.h"
#include "net/exchange.h"
#include "net/relay_message.h"

// A relay carries exchanges to a target that stands on another event loop, or
// in another process: the asking end is a Target here, the answering end an
// Asker there, and the calls between them travel as values.
//
//   asker -> RelayAskingEnd ~ transport ~ RelayAnsweringEnd -> target
//
// Transports: net/relay_mailbox.h, net/relay_channel.h. Neither end trusts the
// other. What breaks the rules of an exchange (more than was granted, the wrong
// order, a number twice) ends that exchange with an error on this side and a
// refusal on the other; a number that is not in use is ignored where the
// exchange may just have ended, and counted where there never was one.
namespace caravel::net {

// Receives from the other end. Called by a transport from its loop's Poll().
class RelayReceiver {
 public:
  virtual ~RelayReceiver() = default;
  virtual void OnMessage(RelayMessage message) = 0;
  // Nothing comes any more; called once, at last.
  virtual void OnClosed(const Error& why) = 0;
};

// Carries messages between the two ends, in order.
class RelayTransport {
 public:
  virtual ~RelayTransport() = default;
  // Gives what arrives to `receiver`; to nobody for nullptr. Each end attaches
  // itself for as long as it lives.
  virtual void Attach(RelayReceiver* receiver) = 0;
  // Calls nobody back from within. Once closed, messages are dropped.
  virtual void Send(RelayMessage message) = 0;
};

// Threads: the one that drives the loop, for both ends.
class RelayAskingEnd final : public Target, public RelayReceiver {
 public:
  // `loop` and `transport` outlive the end.
  RelayAskingEnd(EventLoop& loop, RelayTransport& transport);
  // Aborts what runs.
  ~RelayAskingEnd() override;

  Answerer& Start(RequestHead& head, Asker& asker) override;
  void OnMessage(RelayMessage message) override;
  void OnClosed(const Error& why) override;

  size_t running() const { return exchanges_.size(); }
  // Of these, those whose answer has not begun.
  size_t unanswered() const { return unanswered_; }
  uint64_t violations() const { return violations_; }  // by the other end

 private:
  class Exchange;
  using Map = std::unordered_map<uint64_t, std::unique_ptr<Exchange>>;

  Exchange* Find(RelayId id);
  std::unique_ptr<Exchange> Take(RelayId id);
  void Refuse(RelayId id, std::string_view what);
  void AbortSoon(RelayId id, Error why);

  void On(RelayGrantRequestBody& message);
  void On(RelayRespond& message);
  void On(RelayRespondStart& message);
  void On(RelayRespondBody& message);
  void On(RelayRespondEnd& message);
  void On(RelayRespondAbort& message);
  template <typename Other>
  void On(Other& message);  // those that only go the other way

  EventLoop& loop_;
  RelayTransport& transport_;
  Map exchanges_;
  size_t unanswered_ = 0;
  uint64_t last_id_ = 0;
  uint64_t violations_ = 0;
  std::optional<Error> closed_;
  std::vector<std::pair<RelayId, Error>> doomed_;
  EventLoop::TimerId doom_;
};

class RelayAnsweringEnd final : public RelayReceiver {
 public:
  // Exchanges at a time; above, they are refused with kLimit.
  static constexpr size_t kMaxRunning = 16 * 1024;

  // All references outlive the end.
  RelayAnsweringEnd(EventLoop& loop, RelayTransport& transport, Target& target);
  // Cancels what runs.
  ~RelayAnsweringEnd() override;

  void OnMessage(RelayMessage message) override;
  void OnClosed(const Error& why) override;

  size_t running() const { return exchanges_.size(); }
  uint64_t violations() const { return violations_; }

 private:
  class Exchange;
  using Map = std::unordered_map<uint64_t, std::unique_ptr<Exchange>>;

  Exchange* Find(RelayId id);
  void Refuse(RelayId id, std::string_view what);
  void CancelSoon(RelayId id);
  void CancelAll(const Error& why);

  void On(RelayStart& message);
  void On(RelayRequestBody& message);
  void On(RelayRequestEnd& message);
  void On(RelayResponseCredit& message);
  void On(RelayCancel& message);
  template <typename Other>
  void On(Other& message);

  EventLoop& loop_;
  RelayTransport& transport_;
  Target& target_;
  Map exchanges_;
  uint64_t last_id_ = 0;
  uint64_t violations_ = 0;
  std::vector<RelayId> oversized_;
  EventLoop::TimerId cancel_;
};

}  // namespace caravel::net

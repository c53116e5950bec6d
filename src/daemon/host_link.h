#pragma once

#include <memory>
#include <vector>

#include "daemon/host_record.h"
#include "net/channel.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {

// The channel to one host, with both sides proved by the key that was given to
// the host when it was started. Every packet is checked for its form here, so
// that the owner sees messages only; a host that breaks the form loses the
// link.
//
// Threads: the one that drives the loop.
class HostLink final : private net::Channel::Handler {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    // First, and once. `listeners`: as many as `hello.listeners` says.
    virtual void OnHello(registry::HostHello hello,
                         std::vector<base::Fd> listeners) = 0;
    virtual void OnMessage(registry::FromHost message,
                           std::vector<base::Fd> fds) = 0;
    // Once, at last. The link may be destroyed after it, not from within.
    virtual void OnLinkClosed(const Error& why) = 0;
  };

  // Connects and says hello; the host may answer much later, when it has
  // booted. `loop` and `owner` outlive the link.
  static Result<std::unique_ptr<HostLink>> Dial(net::EventLoop& loop,
                                                const HostRecord& record,
                                                Owner& owner);

  // Dropped once the link has closed.
  void Send(const registry::ToHost& message, std::vector<base::Fd> fds);

 private:
  HostLink(const HostRecord& record, Owner& owner)
      : key_(record.key), owner_(owner) {}

  void OnPacket(net::Packet packet) override;
  void OnClosed(const Error& why) override;
  Status TakeHello(registry::FromHost message, std::vector<base::Fd> fds);
  void Break(const Error& why);

  const std::string key_;
  Owner& owner_;
  std::unique_ptr<net::Channel> channel_;
  bool has_hello_ = false;
  bool closed_ = false;
};

}  // namespace caravel::daemon

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/log.h"
#include "net/channel.h"
#include "net/event_loop.h"

namespace caravel::host {

// Accepts on the host's unix socket and lets in who proves the host's key with
// its first packet (registry::DaemonHello). Whoever has not done so yet is a
// candidate: it is heard by nobody else, and there are few of them, each for a
// short time. So who is in already loses nothing to a newcomer without the key.
//
// Threads: the one that drives the loop.
class Door final : private net::EventLoop::Watcher {
 public:
  static constexpr size_t kMaxCandidates = 8;
  static constexpr std::chrono::seconds kProofLimit{5};

  // Gets the channel of somebody who has proved the key. It must give the
  // channel a handler, and answer its hello, before it returns.
  using Welcome = std::function<void(std::unique_ptr<net::Channel>)>;

  // `loop` and `log` outlive the door. Requires: `key` is not empty.
  Door(net::EventLoop& loop, base::Fd listener, std::string key, base::Log& log,
       Welcome welcome);
  ~Door() override;

  // Begins to accept.
  Status Open();

 private:
  class Candidate;

  void OnEvents(uint32_t events) override;
  // The candidate has said something, or its time is over; it is a candidate no
  // more.
  void Judge(Candidate& candidate, const net::Packet& packet);
  void Refuse(const Candidate& candidate, const std::string& why);
  std::unique_ptr<Candidate> Take(const Candidate& candidate);

  net::EventLoop& loop_;
  const base::Fd listener_;
  const std::string key_;
  base::Log& log_;
  const Welcome welcome_;
  bool open_ = false;
  std::vector<std::unique_ptr<Candidate>> candidates_;  // oldest first
};

}  // namespace caravel::host

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/log.h"
#include "daemon/host_link.h"
#include "daemon/host_port.h"
#include "daemon/host_record.h"
#include "net/event_loop.h"
#include "registry/host_launch.h"

namespace caravel::daemon {

// One host process from its start, or from being found again, to its burial:
// the link to it, the watch on its end, and what it is for at the moment.
//
// Threads: the one that drives the loop.
class Host final : public HostPort,
                   private HostLink::Owner,
                   private net::EventLoop::Watcher {
 public:
  enum class State {
    kBooting,   // started or found again, no hello yet
    kReady,     // said hello, has no listeners: the standby
    kServing,   // has the listeners
    kDraining,  // finishes what it has
    kEnded,     // dead or being killed; waits for its burial
  };

  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnHello(Host& host, registry::Sequence applied,
                         std::vector<base::Fd> listeners) = 0;
    virtual void OnMessage(Host& host, registry::FromHost message,
                           std::vector<base::Fd> fds) = 0;
    // The state is kEnded from here on. Called once.
    virtual void OnEnded(Host& host, State before, const std::string& why) = 0;
    // The process is gone from the system. Destroy the host later, not from
    // within.
    virtual void OnBuried(Host& host) = 0;
  };

  struct Places {
    registry::HostFiles files;
    std::string installation;  // see HostRecord
    std::string sockets;       // folder for the hosts' sockets
    std::string folders;       // folder for the hosts' data folders
    unsigned shards = 1;
    bool dies_with_us = false;
    registry::HostLog log;
    registry::HostEdge edge;
  };

  // `loop` and `owner` outlive the host.
  static Result<std::unique_ptr<Host>> Start(net::EventLoop& loop,
                                             const Places& places,
                                             Owner& owner);
  // kNotFound when the process of that record has ended.
  static Result<std::unique_ptr<Host>> Adopt(net::EventLoop& loop,
                                             const HostRecord& record,
                                             Owner& owner);
  // Forgets a process that still runs: it goes on and can be found again.
  ~Host() override;

  const std::string& id() const override { return record_.id; }
  const std::string& build() const override { return build_; }
  int pid() const override { return record_.pid; }
  bool serving() const override { return state_ == State::kServing; }
  void Send(const registry::ToHost& message,
            std::vector<base::Fd> fds) override;
  void Kill(std::string_view why) override;

  const HostRecord& record() const { return record_; }
  State state() const { return state_; }
  bool adopted() const { return adopted_; }
  bool was_killed() const { return was_killed_; }  // by Kill()
  // A call in it cannot be ended (registry::StuckCall): another should serve.
  bool stuck() const { return stuck_; }
  // False when it was known.
  [[nodiscard]] bool MarkStuck() { return !std::exchange(stuck_, true); }
  // How many such calls it has told of, this one included.
  [[nodiscard]] uint64_t CountStuckCall() { return ++stuck_calls_; }

  // Hands it duplicates of `listeners`. Requires: state kReady.
  Status Serve(const std::vector<base::Fd>& listeners);
  // Asks it to finish, then to exit, within `limit`.
  void Drain(std::chrono::milliseconds limit);
  // Kills it then, unless it has said hello (or, said already, ended) before.
  void KillAfter(std::chrono::milliseconds limit, std::string why);

 private:
  Host(net::EventLoop& loop, HostRecord record, base::Fd pidfd, bool adopted,
       Owner& owner)
      : loop_(loop),
        record_(std::move(record)),
        pidfd_(std::move(pidfd)),
        adopted_(adopted),
        owner_(owner) {}

  Status Join();
  void End(const std::string& why);

  void OnHello(registry::HostHello hello,
               std::vector<base::Fd> listeners) override;
  void OnMessage(registry::FromHost message,
                 std::vector<base::Fd> fds) override;
  void OnLinkClosed(const Error& why) override;
  void OnEvents(uint32_t events) override;  // the process has ended

  net::EventLoop& loop_;
  HostRecord record_;
  base::Fd pidfd_;
  const bool adopted_;
  Owner& owner_;
  std::unique_ptr<HostLink> link_;
  State state_ = State::kBooting;
  std::string build_;
  std::string link_failure_;
  net::EventLoop::TimerId limit_;
  bool watching_ = false;
  bool was_killed_ = false;
  bool stuck_ = false;
  uint64_t stuck_calls_ = 0;
};

}  // namespace caravel::daemon

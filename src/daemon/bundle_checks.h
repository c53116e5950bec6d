#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/mutex.h"
#include "control/services.h"
#include "daemon/host_port.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Checks bundles by a host, for the API: the standby starts the code once under
// start-up limits. The code is a stranger's and may take its host with it,
// which then costs no request. So a check waits where no standby is ready, and
// for the checks before it: what one does to its host is not told of another.
// Nor is it told of a check what others did: where caraveld ended the host, or
// code of others had come to run in it, the check begins again on another.
//
// Threads: Check() from any but the loop's; everything else on the loop's.
class BundleChecks final : public api::BundleChecker {
 public:
  // Which hosts there are. Called on the loop.
  class Hosts {
   public:
    virtual ~Hosts() = default;
    virtual HostPort* ForRiskyWork() = 0;             // nullptr: none is ready
    virtual HostPort* Find(std::string_view id) = 0;  // nullptr: it has left
    // Something still runs in it that nobody waits for.
    virtual void GiveUp(HostPort& host, std::string_view why) = 0;
  };

  // A host that has not answered by then is given up.
  static constexpr std::chrono::milliseconds kLimit{5'000};
  // How long the first check waits until a host begins with it: twice as long
  // as a host may take to boot (Supervisor::Options::boot_limit). Those behind
  // it wait for it, one of each account at most (api::BundleChecker).
  static constexpr std::chrono::milliseconds kPatience{20'000};

  // All outlive this, and this outlives every Check(): after Stop() the loop is
  // polled until each has returned.
  BundleChecks(net::EventLoop& loop, base::Log& log, Hosts& hosts);
  ~BundleChecks() override;

  Result<api::CheckedBundle> Check(const base::Fd& bundle,
                                   const registry::Version& version,
                                   std::string_view worker_name) override;

  void OnHostsChanged();  // one may be ready now
  void OnHostServing(HostPort& host);
  void OnChecked(HostPort& host, registry::BundleChecked answer,
                 std::vector<base::Fd> fds);
  void OnHostLeft(HostPort& host, HostEnd end);

  // Fails all checks, and from now on every further one: hosts are about to go.
  void Stop();

  // Checks that no host has begun with.
  size_t waiting() const;

 private:
  struct Pending;  // one Check(), shared by its thread and the loop

  void Begin(const std::shared_ptr<Pending>& pending);
  void BeginNext();
  // The check stays the first.
  void PutBack(Pending& running);
  Status Dispatch(HostPort& host, Pending& pending);
  // The check that a host has begun with; nullptr: none.
  Pending* Running() const;
  void GiveUp(uint64_t request);
  void Finish(uint64_t request, Result<api::CheckedBundle> result);
  void Settle(uint64_t request, Result<api::CheckedBundle> result);

  net::EventLoop& loop_;
  base::Log& log_;
  Hosts& hosts_;
  bool stopped_ = false;
  uint64_t last_request_ = 0;
  // In the order in which they came: the first is the one that runs, if any.
  std::map<uint64_t, std::shared_ptr<Pending>> pending_;
  // Tasks that are still on the loop when this is gone do nothing.
  std::shared_ptr<BundleChecks*> self_;
};

}  // namespace caravel::daemon

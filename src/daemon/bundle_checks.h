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
// start-up limits, or the serving host where no standby is ready. The code is a
// stranger's and may take its host with it: the supervisor has another.
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
  };

  // A host that has not answered by then is killed.
  static constexpr std::chrono::milliseconds kLimit{5'000};
  // How long a check waits for a host to be ready, within kLimit.
  static constexpr std::chrono::milliseconds kPatience{2'000};

  // All outlive this, and this outlives every Check().
  BundleChecks(net::EventLoop& loop, base::Log& log, Hosts& hosts);
  ~BundleChecks() override;

  Result<api::CheckedBundle> Check(const base::Fd& bundle,
                                   const registry::Version& version,
                                   std::string_view worker_name) override;

  void OnHostJoined();  // one may be ready now
  void OnChecked(HostPort& host, registry::BundleChecked answer,
                 std::vector<base::Fd> fds);
  void OnHostLeft(HostPort& host);

 private:
  struct Pending;  // one Check(), shared by its thread and the loop

  void Begin(const std::shared_ptr<Pending>& pending);
  void Dispatch(HostPort& host, const std::shared_ptr<Pending>& pending);
  void GiveUp(uint64_t request);
  void Finish(uint64_t request, Result<api::CheckedBundle> result);

  net::EventLoop& loop_;
  base::Log& log_;
  Hosts& hosts_;
  uint64_t last_request_ = 0;
  std::map<uint64_t, std::shared_ptr<Pending>> pending_;
  // Tasks that are still on the loop when this is gone do nothing.
  std::shared_ptr<BundleChecks*> self_;
};

}  // namespace caravel::daemon

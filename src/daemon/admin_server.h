#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/fd.h"
#include "base/log.h"
#include "daemon/client/admin_protocol.h"
#include "daemon/data_plane.h"
#include "daemon/log_store.h"
#include "net/channel.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Answers the command line on the unix socket DATA/run/admin.sock.
// Threads: the one that drives the loop.
class AdminServer final : private net::EventLoop::Watcher {
 public:
  struct Parts {
    net::EventLoop& loop;
    const base::Clock& clock;
    base::Log& log;
    DataPlane& plane;
    LogStore& logs;
    std::function<void(bool at_once)> stop;
    uint16_t worker_port = 0;
  };

  // Replaces the socket of a caraveld that is gone.
  static Result<std::unique_ptr<AdminServer>> Start(const std::string& path,
                                                    Parts parts);
  ~AdminServer() override;

 private:
  class Session;

  AdminServer(Parts parts, base::Fd listener);
  void OnEvents(uint32_t events) override;
  void Close(uint64_t session);
  void TellStatus(uint64_t session, const std::string& after);
  void RunCron(uint64_t session, const AskCronRun& question);
  void Tell(uint64_t session, const FromAdmin& message);
  StatusReport MakeStatus(const std::string& after) const;

  const Parts parts_;
  base::Fd listener_;
  const base::SteadyTime started_;
  uint64_t last_session_ = 0;
  std::map<uint64_t, std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Session>> closed_;  // destroyed from the loop
  net::EventLoop::TimerId close_timer_;
};

// Adds the published Workers behind `after`, as many as fit into a packet with
// the rest of `report`. `worker_port` is where they answer.
void AddWorkers(const PublishedState& state, const std::string& after,
                uint16_t worker_port, StatusReport& report);

}  // namespace caravel::daemon

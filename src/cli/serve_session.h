#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/installation.h"
#include "daemon/client/admin_protocol.h"
#include "daemon/client/child_process.h"
#include "daemon/client/serve_edit.h"
#include "net/channel.h"
#include "registry/published.h"

namespace caravel::cli {

// A caraveld in serve mode, child of this process, and the channel to it: it
// gets the Workers, gives back what they log, and ends when the channel closes,
// so that it never outlives this process.
//
// Threads: one, and that process should have no other: it changes the mask of
// signals.
class ServeSession final : private net::Channel::Handler {
 public:
  // Returns as soon as caraveld runs; it boots a host from then on.
  static Result<std::unique_ptr<ServeSession>> Start(
      const Installation& installation, std::vector<std::string> arguments);

  // Also in the place of the version that is served of the same Worker.
  // `bundle` are the bytes of a bundle file.
  Status Publish(const daemon::ServeEdit& edit, std::string_view bundle);

  // What RunUntilEnd() calls, on its thread.
  struct Callbacks {
    std::function<void(const daemon::LogEntry&)> log;
    // Once and first: requests come in under this URL.
    std::function<void(const std::string& url)> listening;
    // That version answers.
    std::function<void(const std::string& version)> served;
    // That version cannot start: what its Worker served before goes on. The
    // error has file and line.
    std::function<void(const std::string& version, const Error&)> refused;
    std::function<void()> changed;  // one of `watched` is readable
    std::vector<int> watched;       // not owned
  };

  // A signal that RunUntilEnd() ends at is there already; it may have ended
  // what runs beside us as well.
  bool IsAskedToEnd() const;

  // Until a signal (SIGINT, SIGTERM) or the end of caraveld; its exit code.
  // caraveld has said on standard error why it ended: a port in use, a file of
  // the installation that is missing.
  Result<int> RunUntilEnd(Callbacks callbacks);

 private:
  ServeSession() = default;
  void OnPacket(net::Packet packet) override;
  void OnClosed(const Error& why) override;
  // Reads of caraveld's ready line what there is: once it is whole, the error
  // that it may be.
  Status ReadReady();

  base::SystemClock clock_;
  std::unique_ptr<net::EventLoop> loop_;
  std::unique_ptr<net::Channel> channel_;
  daemon::ChildProcess caraveld_;
  base::Fd ready_;  // closed once it was read
  std::string ready_line_;
  base::Fd signals_;
  bool ending_ = false;  // of what caraveld tells, only the log counts
  bool closed_ = false;  // nothing comes from it any more
  Callbacks callbacks_;
};

}  // namespace caravel::cli

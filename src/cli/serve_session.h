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
// gets the Worker, gives back what that logs, and ends when the channel closes,
// so that it never outlives this process.
//
// Threads: one, and that process should have no other: it changes the mask of
// signals.
class ServeSession final : private net::Channel::Handler {
 public:
  // Returns as soon as caraveld runs; it boots a host from then on.
  static Result<std::unique_ptr<ServeSession>> Start(
      const Installation& installation, std::vector<std::string> arguments);

  // Also in the place of one that is served: of the same Worker, with another
  // version. `bundle` are the bytes of a bundle file.
  Status Publish(const daemon::ServeEdit& edit, std::string_view bundle);

  // What RunUntilEnd() calls, on its thread.
  struct Callbacks {
    std::function<void(const daemon::LogEntry&)> log;
    // Requests come in under this URL. They fail until ready() was called.
    std::function<void(const std::string& url)> listening;
    // The first version that can start answers, under the same URL.
    std::function<void(const std::string& url)> ready;
    // Another one answers, or one cannot start, the first one too: what was
    // ready before goes on. The error has file and line.
    std::function<void(const Status&)> served;
    std::function<void()> changed;  // one of `watched` is readable
    std::vector<int> watched;       // not owned
  };

  // Until a signal (SIGINT, SIGTERM) or the end of caraveld; its exit code.
  // caraveld has said on standard error why it ended: a port in use, a file of
  // the installation that is missing.
  Result<int> RunUntilEnd(Callbacks callbacks);

 private:
  ServeSession() = default;
  void OnPacket(net::Packet packet) override;
  void OnClosed(const Error& why) override;
  // Reads of caraveld's ready line what there is, and tells it once it is
  // whole.
  Status ReadReady();

  base::SystemClock clock_;
  std::unique_ptr<net::EventLoop> loop_;
  std::unique_ptr<net::Channel> channel_;
  daemon::ChildProcess caraveld_;
  base::Fd ready_;  // closed once it was told
  std::string ready_line_;
  base::Fd signals_;
  Callbacks callbacks_;
};

}  // namespace caravel::cli

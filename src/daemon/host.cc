#include "daemon/host.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/random.h"
#include "daemon/client/child_process.h"
#include "daemon/client/files.h"
#include "daemon/host_confinement.h"

namespace caravel::daemon {
namespace {

// A pipe whose reading end gives `secret` and then ends.
Result<base::Fd> SecretPipe(const std::string& secret) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoError("pipe", errno);
  base::Fd read_end(ends[0]);
  const base::Fd write_end(ends[1]);
  // A new pipe takes PIPE_BUF bytes without waiting.
  if (::write(write_end.get(), secret.data(), secret.size()) !=
      static_cast<ssize_t>(secret.size())) {
    return ErrnoError("write to a pipe", errno);
  }
  return read_end;
}

// Tenants' code may have left anything there.
void RemoveFolder(const std::string& folder) {
  std::error_code ignored;  // what cannot be removed is found by the next start
  std::filesystem::remove_all(folder, ignored);
}

}  // namespace

Result<std::unique_ptr<Host>> Host::Start(net::EventLoop& loop,
                                          const Places& places, Owner& owner) {
  HostRecord record;
  record.id = base::RandomHex(4);
  record.installation = places.installation;
  record.key = base::RandomHex(32);
  record.socket = fmt::format("{}/host-{}.sock", places.sockets, record.id);
  record.folder = fmt::format("{}/{}", places.folders, record.id);
  CARAVEL_TRY(MakeFolder(record.folder));
  CARAVEL_TRY(const base::Fd listener, net::ListenUnix(record.socket));
  CARAVEL_TRY(const base::Fd key, SecretPipe(record.key));
  const base::Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null.valid()) return ErrnoError("open /dev/null", errno);

  ChildOptions child;
  child.command = registry::HostCommand(places.files, places.shards, places.log,
                                        places.edge);
  child.environment = registry::HostEnvironment();
  child.folder = record.folder;
  // Its output is our error stream: standard output may be a person's.
  child.fds = {{0, null.get()},
               {1, STDERR_FILENO},
               {registry::kHostSocketFd, listener.get()},
               {registry::kHostKeyFd, key.get()}};
  child.own_session = true;
  child.no_new_privileges = true;
  child.no_core_file = true;  // it would hold tenants' secrets
  child.dies_with_parent = places.dies_with_us;
  CARAVEL_TRY(base::Landlock confinement,
              HostConfinement(places.files, record.folder));
  child.confinement = &confinement;
  CARAVEL_TRY(ChildProcess process, StartChild(child));
  record.pid = process.pid;
  CARAVEL_TRY(record.start_time, ProcessStartTime(process.pid));

  std::unique_ptr<Host> host(new Host(loop, std::move(record),
                                      std::move(process.pidfd),
                                      /*adopted=*/false, owner));
  Status joined = host->Join();
  if (!joined) {
    SignalProcess(host->pidfd_, SIGKILL);
    return std::move(joined).error();
  }
  return host;
}

Result<std::unique_ptr<Host>> Host::Adopt(net::EventLoop& loop,
                                          const HostRecord& record,
                                          Owner& owner) {
  Result<base::Fd> pidfd = FindProcess(record.pid, record.start_time);
  if (!pidfd) {
    ::unlink(record.socket.c_str());
    RemoveFolder(record.folder);
    return std::move(pidfd).error();
  }
  std::unique_ptr<Host> host(
      new Host(loop, record, std::move(*pidfd), /*adopted=*/true, owner));
  CARAVEL_TRY(host->Join());
  return host;
}

Host::~Host() {
  loop_.Cancel(limit_);
  if (watching_) loop_.Unwatch(pidfd_.get());
}

Status Host::Join() {
  CARAVEL_TRY(link_, HostLink::Dial(loop_, record_, *this));
  CARAVEL_TRY(loop_.Watch(pidfd_.get(), EPOLLIN, *this));
  watching_ = true;
  return {};
}

void Host::Send(const registry::ToHost& message, std::vector<base::Fd> fds) {
  link_->Send(message, std::move(fds));
}

void Host::Kill(std::string_view why) {
  was_killed_ = true;
  SignalProcess(pidfd_, SIGKILL);
  End(std::string(why));
}

Status Host::Serve(const std::vector<base::Fd>& listeners) {
  CARAVEL_CHECK(state_ == State::kReady);
  std::vector<base::Fd> duplicates;
  for (const base::Fd& listener : listeners) {
    CARAVEL_TRY(base::Fd duplicate, listener.Duplicate());
    duplicates.push_back(std::move(duplicate));
  }
  state_ = State::kServing;
  const auto count = static_cast<uint32_t>(duplicates.size());
  link_->Send(registry::Listen{count}, std::move(duplicates));
  return {};
}

void Host::Drain(std::chrono::milliseconds limit) {
  if (state_ == State::kEnded || state_ == State::kDraining) return;
  state_ = State::kDraining;
  link_->Send(registry::Drain{static_cast<uint32_t>(limit.count())}, {});
  constexpr std::chrono::seconds kGrace{1};  // above what it was granted
  KillAfter(limit + kGrace, "did not finish in time");
}

void Host::KillAfter(std::chrono::milliseconds limit, std::string why) {
  loop_.Cancel(limit_);
  limit_ = loop_.After(limit, [this, why = std::move(why)] { Kill(why); });
}

void Host::OnHello(registry::HostHello hello, std::vector<base::Fd> listeners) {
  loop_.Cancel(limit_);
  build_ = hello.build;
  if (state_ == State::kBooting) {
    state_ = listeners.empty() ? State::kReady : State::kServing;
  }
  owner_.OnHello(*this, hello.sequence, std::move(listeners));
}

void Host::OnMessage(registry::FromHost message, std::vector<base::Fd> fds) {
  if (state_ == State::kEnded) return;
  owner_.OnMessage(*this, std::move(message), std::move(fds));
}

void Host::OnLinkClosed(const Error& why) {
  // Dying, or it has broken a rule; without its link it is of no use. Its end
  // is told by OnEvents(), which follows at once and knows the reason.
  link_failure_ = why.message();
  if (state_ != State::kDraining) SignalProcess(pidfd_, SIGKILL);
}

void Host::OnEvents(uint32_t) {
  loop_.Unwatch(pidfd_.get());
  watching_ = false;
  const std::optional<Ending> ending = BuryChild(pidfd_);
  const bool by_us = !ending || ending->signal == SIGKILL;
  End(by_us && !link_failure_.empty() ? link_failure_
      : ending                        ? ending->ToText()
                                      : "ended");
  ::unlink(record_.socket.c_str());
  RemoveFolder(record_.folder);
  owner_.OnBuried(*this);
}

void Host::End(const std::string& why) {
  if (state_ == State::kEnded) return;
  const State before = state_;
  state_ = State::kEnded;
  owner_.OnEnded(*this, before, why);
}

}  // namespace caravel::daemon

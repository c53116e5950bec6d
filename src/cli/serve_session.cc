#include "cli/serve_session.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "daemon/client/run_info.h"

namespace caravel::cli {
namespace {

constexpr int kServeFd = 3;
constexpr int kReadyFd = 4;

// Sets a flag when its descriptor has something.
class FlagWatcher final : public net::EventLoop::Watcher {
 public:
  explicit FlagWatcher(bool& flag) : flag_(flag) {}
  void OnEvents(uint32_t) override { flag_ = true; }

 private:
  bool& flag_;
};

Result<base::Fd> TakeEndSignals() {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  ::sigaddset(&wanted, SIGINT);
  ::sigaddset(&wanted, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  base::Fd fd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return ErrnoError("signalfd", errno);
  return fd;
}

}  // namespace

Result<std::unique_ptr<ServeSession>> ServeSession::Start(
    const Installation& installation, std::vector<std::string> arguments) {
  CARAVEL_TRY(CheckProgram("caraveld", installation.caraveld));
  std::unique_ptr<ServeSession> session(new ServeSession());
  CARAVEL_TRY(session->signals_, TakeEndSignals());
  CARAVEL_TRY(session->loop_, net::EventLoop::Create(session->clock_));
  CARAVEL_TRY(auto ends, net::ChannelPair());
  int pipe_ends[2] = {-1, -1};
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return ErrnoError("pipe", errno);
  session->ready_ = base::Fd(pipe_ends[0]);
  const base::Fd ready_end(pipe_ends[1]);

  daemon::ChildOptions child;
  child.command = {
      installation.caraveld, fmt::format("--serve-fd={}", kServeFd),
      fmt::format("--ready-fd={}", kReadyFd), "--log-level=warning"};
  child.command.insert(child.command.end(), arguments.begin(), arguments.end());
  child.environment = daemon::EnvironmentWith({});
  child.fds = {{1, STDERR_FILENO},
               {kServeFd, ends.second.get()},
               {kReadyFd, ready_end.get()}};
  child.own_session = true;  // Ctrl-C is ours
  CARAVEL_TRY(session->caraveld_, daemon::StartChild(child));
  CARAVEL_TRY(
      session->channel_,
      net::Channel::Create(*session->loop_, std::move(ends.first), *session));
  return session;
}

Status ServeSession::Publish(const daemon::ServeEdit& edit,
                             std::string_view bundle) {
  CARAVEL_TRY(base::Fd file, base::SealedMemoryFile("bundle", bundle));
  net::Packet packet;
  packet.bytes = base::Encode(edit);
  if (packet.bytes.size() > net::kMaxPacketBytes) {
    return Error(ErrorCode::kLimit, "vars: all together are larger than 64 KB")
        .Remedy("move large values into a text module");
  }
  packet.fds.push_back(std::move(file));
  channel_->Send(std::move(packet));
  return {};
}

Status ServeSession::ReadReady() {
  char buffer[4096];
  const ssize_t size = ::read(ready_.get(), buffer, sizeof buffer);
  if (size < 0 && errno == EINTR) return {};
  if (size > 0) ready_line_.append(buffer, static_cast<size_t>(size));
  if (size > 0 && !ready_line_.ends_with('\n')) return {};
  loop_->Unwatch(ready_.get());
  ready_.Reset();
  if (size <= 0) return {};  // caraveld ends: RunUntilEnd() sees that
  CARAVEL_TRY(daemon::ParseReadyLine(ready_line_));
  return {};
}

bool ServeSession::IsAskedToEnd() const {
  pollfd waiting{.fd = signals_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) == 1;
}

Result<int> ServeSession::RunUntilEnd(Callbacks callbacks) {
  callbacks_ = std::move(callbacks);
  bool signalled = false;
  bool ended = false;
  bool changed = false;
  bool is_ready = false;
  FlagWatcher on_ready(is_ready);
  FlagWatcher on_change(changed);
  FlagWatcher on_signal(signalled);
  FlagWatcher on_end(ended);
  CARAVEL_TRY(loop_->Watch(signals_.get(), EPOLLIN, on_signal));
  CARAVEL_TRY(loop_->Watch(caraveld_.pidfd.get(), EPOLLIN, on_end));
  for (const int fd : callbacks_.watched) {
    CARAVEL_TRY(loop_->Watch(fd, EPOLLIN, on_change));
  }
  CARAVEL_TRY(loop_->Watch(ready_.get(), EPOLLIN, on_ready));
  while (!signalled && !ended) {
    loop_->Poll(std::chrono::nanoseconds(-1));
    if (std::exchange(is_ready, false)) CARAVEL_TRY(ReadReady());
    if (std::exchange(changed, false)) callbacks_.changed();
  }
  if (ready_.valid()) loop_->Unwatch(ready_.get());
  for (const int fd : callbacks_.watched) loop_->Unwatch(fd);
  loop_->Unwatch(signals_.get());
  ending_ = true;
  daemon::SignalProcess(caraveld_.pidfd, SIGTERM);
  // What was logged last is still to come. The channel ends with caraveld.
  while (!ended || !closed_) loop_->Poll(std::chrono::nanoseconds(-1));
  loop_->Unwatch(caraveld_.pidfd.get());
  CARAVEL_TRY(const daemon::Ending ending, daemon::AwaitChild(caraveld_.pidfd));
  if (signalled) return 0;
  return Error(ErrorCode::kInternal,
               fmt::format("caraveld ended{}: {}",
                           ready_line_.empty() ? " before it was ready" : "",
                           ending.ToText()));
}

void ServeSession::OnPacket(net::Packet packet) {
  const Result<daemon::FromAdmin> message =
      daemon::DecodeFromAdmin(packet.bytes);
  if (!message || callbacks_.log == nullptr) return;
  if (const auto* entry = std::get_if<daemon::LogEntry>(&*message)) {
    callbacks_.log(*entry);
  } else if (ending_) {
    return;
  } else if (const auto* refused = std::get_if<daemon::Refused>(&*message)) {
    callbacks_.refused(
        refused->version,
        Error(ErrorCode::kInvalid, refused->message).Remedy(refused->remedy));
  } else if (const auto* at = std::get_if<daemon::ServesAt>(&*message)) {
    callbacks_.listening(at->url);
  } else if (const auto* served =
                 std::get_if<daemon::VersionServed>(&*message)) {
    callbacks_.served(served->version);
  }
}

// caraveld ends with it: RunUntilEnd() sees that.
void ServeSession::OnClosed(const Error&) { closed_ = true; }

}  // namespace caravel::cli

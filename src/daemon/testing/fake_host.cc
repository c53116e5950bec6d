// A host without V8 for the supervisor's tests: started like the real one
// (registry/host_launch.h), it speaks the host protocol and answers each TCP
// connection with its process number. Its script file says how it misbehaves:
//
//   "good"       not at all
//   "dies"       ends before its hello
//   "silent"     never says hello
//   "wrong-key"  does not know its key
//   "babbles"    sends bytes that are no message once it has said hello
//   "stuck"      reports calls of "a", "b" and "c" as stuck once it serves
//   "early"      reports a call of "a" as stuck once it has said hello
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

#include "base/check.h"
#include "net/channel.h"
#include "net/event_loop.h"
#include "registry/host_launch.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {
namespace {

class FakeHost final : private net::Channel::Handler {
 public:
  FakeHost(net::EventLoop& loop, std::string behaviour, std::string key)
      : loop_(loop), behaviour_(std::move(behaviour)), key_(std::move(key)) {}

  void TakeLink(base::Fd socket) {
    trusted_ = false;
    channel_ = net::Channel::Create(loop_, std::move(socket), *this).value();
  }

 private:
  // Answers each connection on one of the listening sockets.
  class Listener final : public net::EventLoop::Watcher {
   public:
    explicit Listener(base::Fd socket) : socket_(std::move(socket)) {}
    const base::Fd& socket() const { return socket_; }
    void OnEvents(uint32_t) override {
      const base::Fd client(::accept(socket_.get(), nullptr, nullptr));
      if (!client.valid()) return;
      const std::string text = std::to_string(::getpid());
      ::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL);
    }

   private:
    base::Fd socket_;
  };

  void OnPacket(net::Packet packet) override {
    const registry::ToHost message =
        registry::DecodeToHost(packet.bytes).value();
    if (const auto* hello = std::get_if<registry::DaemonHello>(&message)) {
      trusted_ = hello->key == key_;
      if (!trusted_) std::exit(3);
      if (behaviour_ != "silent") SayHello();
      return;
    }
    CARAVEL_CHECK(trusted_);
    if (std::holds_alternative<registry::Listen>(message)) {
      for (base::Fd& fd : packet.fds) Serve(std::move(fd));
      if (behaviour_ == "stuck") {
        for (const char* version : {"a", "b", "c"}) SayStuck(version);
      }
    } else if (const auto* load =
                   std::get_if<registry::LoadSnapshot>(&message)) {
      Apply(load->sequence);
    } else if (const auto* change =
                   std::get_if<registry::ApplyChange>(&message)) {
      Apply(change->sequence);
    } else if (std::holds_alternative<registry::Drain>(message)) {
      std::exit(0);
    }
  }

  void OnClosed(const Error&) override {}

  void SayHello() {
    registry::HostHello hello;
    hello.pid = static_cast<uint32_t>(::getpid());
    hello.key = behaviour_ == "wrong-key" ? "guessed" : key_;
    hello.build = "fake";
    hello.sequence = applied_;
    hello.listeners = static_cast<uint32_t>(listeners_.size());
    std::vector<base::Fd> fds;
    for (const auto& listener : listeners_) {
      fds.push_back(listener->socket().Duplicate().value());
    }
    channel_->Send(registry::EncodeFromHost(hello, std::move(fds)));
    if (behaviour_ == "babbles") channel_->Send({"\xFFnonsense", {}});
    if (behaviour_ == "early") SayStuck("a");
  }

  void SayStuck(const char* version) {
    channel_->Send(registry::EncodeFromHost(registry::StuckCall{{version}}));
  }

  void Serve(base::Fd fd) {
    const int number = fd.get();
    listeners_.push_back(std::make_unique<Listener>(std::move(fd)));
    loop_.Watch(number, EPOLLIN, *listeners_.back()).value();
  }

  void Apply(registry::Sequence sequence) {
    applied_ = sequence;
    channel_->Send(registry::EncodeFromHost(registry::Applied{sequence}));
  }

  net::EventLoop& loop_;
  const std::string behaviour_;
  const std::string key_;
  bool trusted_ = false;
  registry::Sequence applied_;
  std::unique_ptr<net::Channel> channel_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

// Each caraveld that dials takes the place of the one before.
class LinkSocket final : public net::EventLoop::Watcher {
 public:
  explicit LinkSocket(FakeHost& host) : host_(host) {}
  void OnEvents(uint32_t) override {
    base::Fd link(::accept4(registry::kHostSocketFd, nullptr, nullptr,
                            SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (link.valid()) host_.TakeLink(std::move(link));
  }

 private:
  FakeHost& host_;
};

std::string ReadKey() {
  std::string key;
  char buffer[256];
  ssize_t size = 0;
  while ((size = ::read(registry::kHostKeyFd, buffer, sizeof buffer)) > 0) {
    key.append(buffer, static_cast<size_t>(size));
  }
  ::close(registry::kHostKeyFd);
  return key;
}

void RunFakeHost(const char* script) {
  std::ifstream file(script);
  const std::string behaviour((std::istreambuf_iterator<char>(file)),
                              std::istreambuf_iterator<char>());
  if (behaviour == "dies") std::exit(1);
  const base::SystemClock clock;
  const auto loop = net::EventLoop::Create(clock).value();
  FakeHost host(*loop, behaviour, ReadKey());
  LinkSocket socket(host);
  loop->Watch(registry::kHostSocketFd, EPOLLIN, socket).value();
  while (true) loop->Poll(std::chrono::nanoseconds(-1));
}

}  // namespace
}  // namespace caravel::daemon

int main(int count, char** arguments) {
  // NODE --flag … SCRIPT …: the flags are Node's.
  int script = 1;
  while (script < count &&
         std::string_view(arguments[script]).starts_with("--"))
    ++script;
  CARAVEL_CHECK(script < count, count);
  caravel::daemon::RunFakeHost(arguments[script]);
}

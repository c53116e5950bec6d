// Where the candidates are full, the oldest makes room: the true caraveld says
// its hello in the step in which it dials, so that who has waited for longest
// is the least likely to be it.
//
// Tests: link_test.cc.
#include "host/door.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "registry/host_protocol.h"

namespace caravel::host {
namespace {

// Takes the same time wherever two keys differ.
bool SameKey(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  }
  return difference == 0;
}

}  // namespace

class Door::Candidate final : public net::Channel::Handler {
 public:
  explicit Candidate(Door& door) : door_(door) {}
  ~Candidate() override { door_.loop_.Cancel(limit_); }

  Status Hear(base::Fd socket) {
    CARAVEL_TRY(channel_,
                net::Channel::Create(door_.loop_, std::move(socket), *this));
    limit_ = door_.loop_.After(kProofLimit, [this] {
      door_.Refuse(*this, "it said nothing in time");
    });
    return {};
  }
  std::unique_ptr<net::Channel> TakeChannel() { return std::move(channel_); }

 private:
  // Either destroys *this.
  void OnPacket(net::Packet packet) override { door_.Judge(*this, packet); }
  void OnClosed(const Error& why) override {
    door_.Refuse(*this, why.message());
  }

  Door& door_;
  std::unique_ptr<net::Channel> channel_;
  net::EventLoop::TimerId limit_;
};

Door::Door(net::EventLoop& loop, base::Fd listener, std::string key,
           base::Log& log, Welcome welcome)
    : loop_(loop),
      listener_(std::move(listener)),
      key_(std::move(key)),
      log_(log),
      welcome_(std::move(welcome)) {
  CARAVEL_CHECK(!key_.empty());
}

Door::~Door() {
  if (open_) loop_.Unwatch(listener_.get());
}

Status Door::Open() {
  CARAVEL_TRY(loop_.Watch(listener_.get(), EPOLLIN, *this));
  open_ = true;
  return {};
}

void Door::OnEvents(uint32_t) {
  base::Fd socket(::accept4(listener_.get(), nullptr, nullptr,
                            SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.valid()) return;
  if (candidates_.size() >= kMaxCandidates) {
    Refuse(*candidates_.front(), "too many dialled behind it");
  }
  candidates_.push_back(std::make_unique<Candidate>(*this));
  const Status heard = candidates_.back()->Hear(std::move(socket));
  if (!heard) Refuse(*candidates_.back(), heard.error().message());
}

void Door::Judge(Candidate& candidate, const net::Packet& packet) {
  const Result<registry::ToHost> message = registry::DecodeToHost(packet.bytes);
  const auto* hello =
      message ? std::get_if<registry::DaemonHello>(&*message) : nullptr;
  if (hello == nullptr) return Refuse(candidate, "it began without a hello");
  if (!SameKey(hello->key, key_)) {
    return Refuse(candidate, "it does not know the key");
  }
  const std::unique_ptr<Candidate> proved = Take(candidate);
  welcome_(proved->TakeChannel());
}

void Door::Refuse(const Candidate& candidate, const std::string& why) {
  const std::unique_ptr<Candidate> refused = Take(candidate);
  log_.Warning("somebody dialled this host and was not let in", {{"why", why}});
}

std::unique_ptr<Door::Candidate> Door::Take(const Candidate& candidate) {
  const auto found =
      std::find_if(candidates_.begin(), candidates_.end(),
                   [&](const auto& each) { return each.get() == &candidate; });
  CARAVEL_CHECK(found != candidates_.end());
  std::unique_ptr<Candidate> taken = std::move(*found);
  candidates_.erase(found);
  return taken;
}

}  // namespace caravel::host

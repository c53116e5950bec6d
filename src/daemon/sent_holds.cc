#include "daemon/sent_holds.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace caravel::daemon {

class SentHolds::Sent final : public net::EventLoop::Watcher {
 public:
  Sent(SentHolds& owner, base::Fd end, net::ByteShares::Hold hold)
      : owner_(owner), end_(std::move(end)), hold_(std::move(hold)) {}
  ~Sent() override { owner_.loop_.Unwatch(end_.get()); }

  // Only that the other end was closed.
  void OnEvents(uint32_t) override { owner_.sent_.erase(end_.get()); }

 private:
  SentHolds& owner_;
  const base::Fd end_;
  const net::ByteShares::Hold hold_;
};

SentHolds::SentHolds(net::EventLoop& loop) : loop_(loop) {}

SentHolds::~SentHolds() = default;

Result<base::Fd> SentHolds::Add(net::ByteShares::Hold hold) {
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return ErrnoError("make a pipe", errno);
  }
  base::Fd ours(ends[0]);
  base::Fd theirs(ends[1]);
  const int fd = ours.get();
  auto sent = std::make_unique<Sent>(*this, std::move(ours), std::move(hold));
  CARAVEL_TRY(loop_.Watch(fd, 0, *sent));  // EPOLLHUP is always told
  sent_.emplace(fd, std::move(sent));
  return theirs;
}

}  // namespace caravel::daemon

#include "daemon/tailed_list.h"

#include <utility>

#include "base/codec.h"

namespace caravel::daemon {

void TailedList::Set(std::vector<registry::WorkerId> workers) {
  if (workers == workers_) return;
  workers_ = std::move(workers);
  file_ = base::Fd();
  for (auto& [id, follower] : followers_) {
    follower.is_behind = true;
    Tell(follower);
  }
}

void TailedList::Join(HostPort& host) {
  Follower& follower = followers_[host.id()];
  follower = {.host = &host};
  Tell(follower);
}

void TailedList::OnTaken(HostPort& host, uint64_t number) {
  const auto found = followers_.find(host.id());
  if (found == followers_.end() || found->second.taking != number) return;
  found->second.taking = 0;
  Tell(found->second);
}

void TailedList::Leave(HostPort& host) { followers_.erase(host.id()); }

Result<base::Fd> TailedList::CopyOfFile() {
  if (!file_.valid()) {
    CARAVEL_TRY(file_,
                base::SealedMemoryFile("tailed", base::Encode(workers_)));
  }
  return file_.Duplicate();
}

void TailedList::Tell(Follower& follower) {
  if (follower.taking != 0 || !follower.is_behind) return;
  Result<base::Fd> copy = CopyOfFile();
  if (!copy) {
    // The next change tells it again.
    log_.Error(
        "a host could not be told which Workers tell all events",
        {{"host", follower.host->id()}, {"why", copy.error().message()}});
    return;
  }
  std::vector<base::Fd> fds;
  fds.push_back(std::move(*copy));
  follower.taking = ++last_;
  follower.is_behind = false;
  follower.host->Send(registry::TailWorkers{follower.taking}, std::move(fds));
}

}  // namespace caravel::daemon

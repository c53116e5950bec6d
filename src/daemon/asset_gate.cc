// A question is looked at on the loop, carried out on a thread, and answered on
// the loop again. Between these steps only values travel.
#include "daemon/asset_gate.h"

#include <utility>

namespace caravel::daemon {

AssetGate::AssetGate(net::EventLoop& loop, const PublishedState& published,
                     storage::Blobs* blobs, base::Log& log, Send send)
    : loop_(loop),
      published_(published),
      opener_(blobs == nullptr ? nullptr
                               : std::make_unique<AssetOpener>(*blobs)),
      log_(log),
      send_(std::move(send)),
      alive_(std::make_shared<AssetGate*>(this)),
      threads_(kThreads, kMaxWaiting) {}

void AssetGate::Answer(HostPort& host, const registry::OpenAssets& question) {
  const Asker asker{.host = host.id(), .request = question.request};
  if (!queue_.Add(asker.host, [this, asker, question] {
        AnswerWith(asker, question.worker, question.version, std::nullopt);
      })) {
    Busy(asker, "caraveld is starting, and too many wait for it");
  }
}

void AssetGate::Answer(HostPort& host, const registry::OpenAsset& question) {
  const Asker asker{.host = host.id(), .request = question.request};
  if (!queue_.Add(asker.host, [this, asker, question] {
        AnswerWith(asker, question.worker, question.version,
                   AssetOpener::Place{question.index, question.coding});
      })) {
    Busy(asker, "caraveld is starting, and too many wait for it");
  }
}

void AssetGate::OnHostLeft(const HostPort& host) {
  queue_.OnHostLeft(host.id());
  under_way_.Forget(host.id());
}

void AssetGate::AnswerWith(const Asker& asker, const registry::WorkerId& worker,
                           const registry::VersionId& version,
                           AssetOpener::Wish wish) {
  under_way_.Add(asker.host);
  Result<std::string> list = GrantedList(worker, version);
  if (!list) return Finish(asker, std::move(list).error());
  const bool posted =
      under_way_.Of(asker.host) <= kMaxWaiting / 2 &&
      threads_.Post([this, asker, wish, list = *std::move(list)] {
        auto opened =
            std::make_shared<Result<base::Fd>>(opener_->Open(list, wish));
        (void)loop_.Post([weak = std::weak_ptr(alive_), asker, opened] {
          const auto gate = weak.lock();
          if (gate != nullptr) (*gate)->Finish(asker, std::move(*opened));
        });
      });
  if (posted) return;
  under_way_.Remove(asker.host);
  Busy(asker, "too many assets are being opened");
}

Result<std::string> AssetGate::GrantedList(
    const registry::WorkerId& worker, const registry::VersionId& id) const {
  const registry::Version* version = published_.FindGranted(worker, id);
  if (version == nullptr || version->assets_digest.empty() ||
      opener_ == nullptr) {
    return Error(ErrorCode::kDenied,
                 fmt::format("Worker {} has no version {} with assets that "
                             "was granted",
                             worker.value, id.value));
  }
  return version->assets_digest;
}

void AssetGate::Finish(const Asker& asker, Result<base::Fd> opened) {
  // What a host asked that has left since is not counted any more.
  if (under_way_.Of(asker.host) > 0) under_way_.Remove(asker.host);
  registry::AssetOpened answer;
  answer.request = asker.request;
  std::vector<base::Fd> fds;
  if (opened) {
    fds.push_back(std::move(*opened));
  } else {
    log_.Warning("assets not opened",
                 {{"host", asker.host}, {"reason", opened.error().ToText()}});
    // In the same words whether something is there or not.
    answer.error = "the asset could not be opened";
  }
  send_(asker.host, answer, std::move(fds));
}

void AssetGate::Busy(const Asker& asker, std::string why) {
  registry::AssetOpened answer;
  answer.request = asker.request;
  answer.error = std::move(why) + "; ask again";
  send_(asker.host, answer, {});
}

}  // namespace caravel::daemon

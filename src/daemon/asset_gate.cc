#include "daemon/asset_gate.h"

#include <algorithm>

#include "base/hex.h"

namespace caravel::daemon {

void AssetGate::Answer(HostPort& host, const registry::OpenAssets& question) {
  AnswerWith(host, question.request, [this, question]() -> Result<base::Fd> {
    CARAVEL_TRY(const std::string digest,
                GrantedList(question.worker, question.version));
    return blobs_->Open(digest);
  });
}

void AssetGate::Answer(HostPort& host, const registry::OpenAsset& question) {
  AnswerWith(host, question.request,
             [this, question] { return OpenContent(question); });
}

void AssetGate::AnswerWith(HostPort& host, uint64_t request,
                           const std::function<Result<base::Fd>()>& open) {
  const auto answer_now = [this, &host, request, open] {
    registry::AssetOpened answer;
    answer.request = request;
    Result<base::Fd> opened = open();
    std::vector<base::Fd> fds;
    if (opened) {
      fds.push_back(std::move(*opened));
    } else {
      log_.Warning("assets not opened",
                   {{"host", host.id()}, {"reason", opened.error().ToText()}});
      // In the same words whether something is there or not.
      answer.error = "the asset could not be opened";
    }
    host.Send(answer, std::move(fds));
  };
  if (queue_.Add(host.id(), answer_now)) return;
  registry::AssetOpened answer;
  answer.request = request;
  answer.error = "caraveld is starting, and too many wait for it; ask again";
  host.Send(answer, {});
}

Result<std::string> AssetGate::GrantedList(
    const registry::WorkerId& worker, const registry::VersionId& id) const {
  const registry::Version* version = published_.FindGranted(worker, id);
  if (version == nullptr || version->assets_digest.empty() ||
      blobs_ == nullptr) {
    return Error(ErrorCode::kDenied,
                 fmt::format("Worker {} has no version {} with assets that "
                             "was granted",
                             worker.value, id.value));
  }
  return version->assets_digest;
}

Result<base::Fd> AssetGate::OpenContent(const registry::OpenAsset& question) {
  CARAVEL_TRY(const std::string digest,
              GrantedList(question.worker, question.version));
  CARAVEL_TRY(const List list, ListOf(digest));
  const auto form = static_cast<size_t>(question.coding);
  if (question.index >= list->size() || !list->At(question.index).has[form]) {
    return Error(ErrorCode::kDenied,
                 fmt::format("version {} has no asset {} in coding {}",
                             question.version.value, question.index, form));
  }
  return blobs_->Open(base::ToHex(list->At(question.index).digests[form]));
}

Result<AssetGate::List> AssetGate::ListOf(const std::string& digest) {
  const auto known =
      std::ranges::find(lists_, digest, &std::pair<std::string, List>::first);
  if (known != lists_.end()) {
    lists_.splice(lists_.begin(), lists_, known);
    return known->second;
  }
  CARAVEL_TRY(const base::Fd file, blobs_->Open(digest));
  CARAVEL_TRY(registry::AssetList list, registry::AssetList::Map(file));
  lists_.emplace_front(
      digest, std::make_shared<const registry::AssetList>(std::move(list)));
  if (lists_.size() > kMostLists) lists_.pop_back();
  return lists_.front().second;
}

}  // namespace caravel::daemon

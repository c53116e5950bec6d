#include "daemon/bundle_gate.h"

#include <utility>

#include "control/services.h"

namespace caravel::daemon {

Result<OpenedBundle> BlobBundles::Open(const registry::Version& version) {
  OpenedBundle opened;
  CARAVEL_TRY(opened.bundle, blobs_.Open(version.bundle_digest));
  Result<base::Fd> cache =
      blobs_.OpenBeside(version.bundle_digest, api::kCodeCacheName);
  if (cache) opened.code_cache = std::move(*cache);
  return opened;
}

void BundleGate::Answer(HostPort& host, const registry::OpenBundle& question) {
  if (queue_.Add(host.id(),
                 [this, &host, question] { AnswerNow(host, question); })) {
    return;
  }
  registry::BundleOpened answer;
  answer.request = question.request;
  answer.error = "caraveld is starting, and too many wait for it; ask again";
  host.Send(answer, {});
}

void BundleGate::AnswerNow(HostPort& host,
                           const registry::OpenBundle& question) {
  registry::BundleOpened answer;
  answer.request = question.request;
  const registry::Version* version =
      published_.FindGranted(question.worker, question.version);
  if (version == nullptr) {
    log_.Warning("host asked for a bundle that it was not granted",
                 {{"host", host.id()},
                  {"worker", question.worker.value},
                  {"version", question.version.value}});
    answer.error = "there is no such version";
    host.Send(answer, {});
    return;
  }
  Result<OpenedBundle> opened = source_.Open(*version);
  if (!opened) {
    log_.Error("bundle not opened", {{"worker", question.worker.value},
                                     {"version", question.version.value},
                                     {"reason", opened.error().ToText()}});
    answer.error = "its bundle could not be opened";
    host.Send(answer, {});
    return;
  }
  std::vector<base::Fd> fds;
  fds.push_back(std::move(opened->bundle));
  answer.has_code_cache = opened->code_cache.valid();
  if (answer.has_code_cache) fds.push_back(std::move(opened->code_cache));
  host.Send(answer, std::move(fds));
}

}  // namespace caravel::daemon

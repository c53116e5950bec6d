#include "daemon/worker_gate.h"

#include "registry/zone_origin.h"

namespace caravel::daemon {
namespace {

Error TooManyWait() {
  return Error(ErrorCode::kUnavailable,
               "caraveld is starting, and too many wait for it")
      .Remedy("ask again");
}

}  // namespace

void WorkerGate::Ask(const std::string& host, const registry::WorkerId& worker,
                     const Done& done) {
  if (!queue_.Add(host, [this, worker, done] { return done(Judge(worker)); })) {
    done(TooManyWait());
  }
}

void WorkerGate::AskForZone(const std::string& host,
                            const registry::Connect& question,
                            const ZoneDone& done) {
  if (!queue_.Add(host,
                  [this, question, done] { return done(Judge(question)); })) {
    done(TooManyWait());
  }
}

Result<WorkerGate::ZoneGrant> WorkerGate::Judge(
    const registry::Connect& question) const {
  const registry::PublishedZone* zone = published_.FindZone(question.zone);
  if (zone == nullptr)
    return Error(ErrorCode::kDenied, "there is no such zone");
  const Result<registry::ZoneOrigin> origin =
      registry::ZoneOrigin::Parse(zone->origin);
  if (!origin || origin->host != question.host ||
      origin->port != question.port) {
    return Error(ErrorCode::kDenied, "the zone's origin is elsewhere");
  }
  return ZoneGrant{.name = zone->name, .trusted = zone->trusted};
}

Status WorkerGate::Judge(const registry::WorkerId& worker) const {
  if (published_.IsGranted(worker)) return {};
  return Error(ErrorCode::kDenied, "there is no such Worker");
}

}  // namespace caravel::daemon

#pragma once

#include <string>

#include "registry/published.h"

namespace caravel::daemon {

// "w1" published at version "v1" under w1.localhost.
inline registry::PublishedWorker WorkerAt(const std::string& name,
                                          const std::string& version) {
  registry::PublishedWorker worker;
  worker.id.value = name;
  worker.name = name;
  worker.hosts = {name + ".localhost"};
  worker.traffic = {{{version}, 10'000}};
  registry::Version published;
  published.id.value = version;
  published.bundle_digest = "digest-of-" + version;
  worker.versions = {std::move(published)};
  return worker;
}

inline registry::Change ChangeTo(uint64_t sequence, const std::string& name,
                                 const std::string& version) {
  return {registry::Sequence{sequence}, registry::WorkerId{name},
          WorkerAt(name, version)};
}

inline registry::Change ZoneChange(uint64_t sequence,
                                   const registry::PublishedZone& zone) {
  return {registry::Sequence{sequence}, {}, std::nullopt, zone.id, zone};
}

inline registry::Change Removal(uint64_t sequence, const std::string& name) {
  return {registry::Sequence{sequence}, registry::WorkerId{name}, std::nullopt};
}

}  // namespace caravel::daemon

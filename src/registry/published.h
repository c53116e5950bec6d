#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"
#include "base/strong_id.h"

// What is published, as hosts see it: values only, no database. caraveld makes
// them from its tables and streams them to the hosts
// (registry/host_protocol.h).
namespace caravel::registry {

using AccountId = base::StrongId<struct AccountIdTag, std::string>;  // 32 hex
using WorkerId = base::StrongId<struct WorkerIdTag, std::string>;    // 32 hex
using VersionId = base::StrongId<struct VersionIdTag, std::string>;  // UUID
using ZoneId = base::StrongId<struct ZoneIdTag, std::string>;        // 32 hex

// Position in the stream of published changes, 1 for the first. A host that
// knows everything up to n asks for what comes after n.
using Sequence = base::StrongId<struct SequenceTag, uint64_t>;

enum class BindingType : uint8_t {
  kPlainText,   // env.NAME is the text
  kJson,        // env.NAME is the parsed value of the text
  kSecretText,  // as plain text, never shown again
  // env.NAME is {id, tag, timestamp} of the version. The text is stored empty;
  // hosts get "TIMESTAMP TAG", as of ISO 8601 and workers/tag, or empty.
  kVersionMetadata,
  // env.NAME is the KV namespace whose id the text is.
  kKvNamespace,
  // env.NAME calls another Worker of the account, or another entrypoint of it.
  // The text is JSON: {"service", "entrypoint"?, "props"?}.
  kService,
  kAssets,  // env.NAME serves the version's own assets; the text is empty
  // env.NAME.limit() counts. The text is JSON:
  // {"namespace_id", "simple": {"limit", "period"}}.
  kRatelimit,
  // Modules of the bundle, by whose name, the text, a service worker finds them
  // as globals.
  kWasmModule,
  kTextBlob,
  kDataBlob,
  kLast = kDataBlob,
};

struct Binding {
  std::string name;
  BindingType type = BindingType::kPlainText;
  std::string text;
  static constexpr auto Fields() {
    return base::Fields(&Binding::name, &Binding::type, &Binding::text);
  }
  bool operator==(const Binding&) const = default;
};

struct Limits {
  uint32_t cpu_ms = 50;                  // CPU time of one request
  uint32_t subrequests = 1000;           // of one request
  uint64_t memory_bytes = 128ULL << 20;  // heap and buffers of an isolate
  static constexpr auto Fields() {
    return base::Fields(&Limits::cpu_ms, &Limits::subrequests,
                        &Limits::memory_bytes);
  }
  bool operator==(const Limits&) const = default;
};

// An immutable version of a Worker: its code by digest, and its configuration.
struct Version {
  VersionId id;
  std::string bundle_digest;       // SHA-256 of the bundle file, hexadecimal;
                                   // empty: it has no code, only assets
  std::string assets_digest;       // of the list of its assets; empty: none
  std::string compatibility_date;  // "2026-11-24"
  std::vector<std::string> compatibility_flags;
  std::vector<Binding> bindings;
  Limits limits;
  static constexpr auto Fields() {
    return base::Fields(&Version::id, &Version::bundle_digest,
                        &Version::assets_digest, &Version::compatibility_date,
                        &Version::compatibility_flags, &Version::bindings,
                        &Version::limits);
  }
  bool operator==(const Version&) const = default;
};

// One version's part of the traffic, in hundredths of a percent; the parts of a
// deployment add up to 10,000.
struct TrafficShare {
  VersionId version;
  uint32_t hundredths = 10'000;
  static constexpr auto Fields() {
    return base::Fields(&TrafficShare::version, &TrafficShare::hundredths);
  }
  bool operator==(const TrafficShare&) const = default;
};

// A version that answers under host names of its own, deployed or not.
struct PublishedPreview {
  Version version;
  std::vector<std::string> hosts;  // lower case, without port
  static constexpr auto Fields() {
    return base::Fields(&PublishedPreview::version, &PublishedPreview::hosts);
  }
  bool operator==(const PublishedPreview&) const = default;
};

// Everything about one Worker that requests need: it changes as a whole or not
// at all.
struct PublishedWorker {
  WorkerId id;
  AccountId account;
  std::string name;
  std::vector<std::string> hosts;  // lower case, without port; "*" is any
  std::vector<TrafficShare> traffic;
  std::vector<Version> versions;     // those that `traffic` names
  std::vector<std::string> domains;  // custom domains, as `hosts` are written
  std::vector<PublishedPreview> previews = {};
  static constexpr auto Fields() {
    return base::Fields(&PublishedWorker::id, &PublishedWorker::account,
                        &PublishedWorker::name, &PublishedWorker::hosts,
                        &PublishedWorker::traffic, &PublishedWorker::versions,
                        &PublishedWorker::domains, &PublishedWorker::previews);
  }
  bool operator==(const PublishedWorker&) const = default;
};

// A route of a zone. Patterns are those of registry/route_pattern.h.
struct PublishedRoute {
  std::string pattern;
  std::optional<WorkerId> worker;  // nothing: no Worker runs there
  static constexpr auto Fields() {
    return base::Fields(&PublishedRoute::pattern, &PublishedRoute::worker);
  }
  bool operator==(const PublishedRoute&) const = default;
};

// A domain of an account, with its origin: what requests get that no Worker
// answers.
struct PublishedZone {
  ZoneId id;
  AccountId account;
  std::string name;    // lower case
  std::string origin;  // "https://10.0.0.5"; empty: none
  // The operator named the origin: it may be at any address.
  bool trusted = false;
  std::vector<PublishedRoute> routes;
  static constexpr auto Fields() {
    return base::Fields(&PublishedZone::id, &PublishedZone::account,
                        &PublishedZone::name, &PublishedZone::origin,
                        &PublishedZone::trusted, &PublishedZone::routes);
  }
  bool operator==(const PublishedZone&) const = default;
};

// One step of the stream: a Worker or a zone as it is now, or its removal.
struct Change {
  Sequence sequence;
  WorkerId worker;                     // empty: the change is of a zone
  std::optional<PublishedWorker> now;  // nothing: the Worker is gone
  ZoneId zone = {};                    // empty: the change is of a Worker
  std::optional<PublishedZone> zone_now = {};  // nothing: the zone is gone
  static constexpr auto Fields() {
    return base::Fields(&Change::sequence, &Change::worker, &Change::now,
                        &Change::zone, &Change::zone_now);
  }
  bool operator==(const Change&) const = default;
};

// All that is published at one position of the stream.
struct Snapshot {
  Sequence sequence;
  std::vector<PublishedWorker> workers;
  std::vector<PublishedZone> zones = {};
  static constexpr auto Fields() {
    return base::Fields(&Snapshot::sequence, &Snapshot::workers,
                        &Snapshot::zones);
  }
  bool operator==(const Snapshot&) const = default;
};

}  // namespace caravel::registry

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/strong_id.h"
#include "registry/published.h"

// What the registry keeps, as the REST API shows it: values only. What hosts
// see of it is in registry/published.h.
namespace caravel::registry {

using DeploymentId =
    base::StrongId<struct DeploymentIdTag, std::string>;           // UUID
using RouteId = base::StrongId<struct RouteIdTag, std::string>;    // 32 hex
using DomainId = base::StrongId<struct DomainIdTag, std::string>;  // 32 hex

struct Account {
  AccountId id;
  uint32_t number = 0;  // 1 for the first account of the installation
  std::string name;
  std::string subdomain;  // its Workers answer under NAME.SUBDOMAIN.…
  base::WallTime created;
};

// Settings of a Worker that need no new version (script-settings of the API).
struct WorkerSettings {
  std::vector<std::string> tags;
  bool logpush = false;
  std::string observability;   // JSON object; empty: never set
  std::string tail_consumers;  // JSON array; empty: never set
  bool operator==(const WorkerSettings&) const = default;
};

// What is absent stays as it is.
struct WorkerSettingsPatch {
  std::optional<std::vector<std::string>> tags;
  std::optional<bool> logpush;
  std::optional<std::string> observability;
  std::optional<std::string> tail_consumers;
  bool operator==(const WorkerSettingsPatch&) const = default;
};

struct Worker {
  WorkerId id;
  AccountId account;
  std::string name;
  WorkerSettings settings;
  bool subdomain_enabled = true;  // answers under its host names
  bool previews_enabled = true;
  std::vector<std::string> hosts;  // its host names, best first, also while off
  base::WallTime created;
  base::WallTime modified;  // last deployment or change of a setting
};

// By whom and how a version or a deployment came to be.
struct Origin {
  std::string author;  // e-mail address or name of the token
  std::string source;  // "wrangler", "api", "dash"
  std::map<std::string, std::string> annotations;  // "workers/message" → text
};

// A version as it is handed in.
struct NewVersion {
  std::string bundle_digest;  // of a bundle that is in Blobs already; empty:
                              // the version has no code, only assets
  std::string assets_digest;  // of a list that is in Blobs; empty: no assets
  std::string compatibility_date;
  std::vector<std::string> compatibility_flags;
  Limits limits;
  std::vector<Binding> bindings;  // secrets in plain text: sealed when stored

  // Bindings taken from the Worker's newest version: those of these names
  // (each must be there), and all of these types whose name is not in
  // `bindings`.
  std::vector<std::string> inherited;
  std::vector<BindingType> kept_types;

  // What the check of the bundle found.
  std::vector<std::string> handlers;     // "fetch", …
  std::vector<std::string> entrypoints;  // names of further exported classes
  uint32_t startup_ms = 0;
};

// Secrets by name: texts to set, and, without a text, secrets to remove.
using SecretChanges = std::map<std::string, std::optional<std::string>>;

// A stored version. The text of secret bindings is empty.
struct VersionRecord {
  Version version;
  WorkerId worker;
  uint32_t number = 0;  // 1 for the first of its Worker
  Origin origin;
  std::vector<std::string> handlers;
  std::vector<std::string> entrypoints;
  uint32_t startup_ms = 0;
  base::WallTime created;
  // Where hosts hear of it; 0: they do not, or it was made before.
  Sequence sequence = {};
};

struct Deployment {
  DeploymentId id;
  WorkerId worker;
  std::vector<TrafficShare> traffic;
  Origin origin;
  base::WallTime created;
};

// A domain of an account, with the server behind it.
struct Zone {
  ZoneId id;
  AccountId account;
  std::string name;      // lower case
  std::string origin;    // "https://10.0.0.5"; empty: none
  bool trusted = false;  // the operator named the origin
  base::WallTime created;
};

// Of a zone. Which patterns there are says registry/route_pattern.h.
struct Route {
  RouteId id;
  ZoneId zone;
  std::string pattern;  // as it was given
  std::string worker;   // name; empty: no Worker runs there
};

// A host name of a zone whose requests all go to one Worker.
struct CustomDomain {
  DomainId id;
  ZoneId zone;
  std::string zone_name;
  std::string hostname;  // lower case
  std::string worker;    // name
};

// A change that was made, and its place in the config stream: requests see it
// once hosts have applied `sequence`.
struct Published {
  Worker worker;
  Deployment deployment;
  std::optional<VersionRecord> version;  // where one was made
  Sequence sequence;
};

struct WorkerChanged {
  Worker worker;
  Sequence sequence;
};

}  // namespace caravel::registry

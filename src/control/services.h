#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/result.h"
#include "control/upload_token.h"
#include "registry/asset_uploads.h"
#include "registry/audit_log.h"
#include "registry/crons.h"
#include "registry/kept_blobs.h"
#include "registry/kv_messages.h"
#include "registry/kv_namespaces.h"
#include "registry/registry.h"
#include "storage/blobs.h"
#include "storage/kv_store.h"

// What handlers of the API work with. main builds the parts and hands them in.
namespace caravel::api {

// What a bundle turned out to be when it was started once.
struct CheckedBundle {
  std::vector<std::string> handlers;    // "fetch", "scheduled", …
  std::vector<std::string> exports;     // names of further exported entrypoints
  std::chrono::milliseconds startup{};  // CPU time of its start
  base::Fd code_cache;                  // not valid(): there is none
};

// The side file of a bundle in Blobs that holds its code cache. V8 refuses one
// that another build of it wrote.
inline constexpr std::string_view kCodeCacheName = "code_cache";
inline constexpr size_t kCodeCacheLimit = 64 << 20;

// Starts a bundle once under start-up limits. That needs V8, which is not in
// this process: caraveld asks a host.
// Threads: any; blocks until the answer. One is checked at a time, for some
// seconds each: callers see to it that an account asks for one at a time.
class BundleChecker {
 public:
  virtual ~BundleChecker() = default;

  // `version` has neither id nor digest yet. kInvalid: the code cannot be
  // published, with file and line where they are known. kLimit: it exceeded a
  // limit. kUnavailable: no host could be asked.
  virtual Result<CheckedBundle> Check(const base::Fd& bundle,
                                      const registry::Version& version,
                                      std::string_view worker_name) = 0;
};

// Hears of each committed change before the API answers. Threads: any; may
// block, for a bounded time, until the hosts have the change.
class PublishObserver {
 public:
  virtual ~PublishObserver() = default;
  virtual void Published(registry::Sequence sequence) = 0;
  // Other schedules than before; does not block.
  virtual void SchedulesChanged() = 0;
  // What the Worker's setting `observability` is now, JSON or empty; does not
  // block.
  virtual void ObservabilityChanged(const registry::WorkerId& worker,
                                    const std::string& observability) = 0;
};

class LogSearch;     // control/log_search.h
class TailSessions;  // control/tail_sessions.h

// Hears of entries of KV that were written or removed, before the API answers.
// Threads: any; may block, for a bounded time, until no host gives them as they
// were before. No key: all entries of the namespace.
class KvObserver {
 public:
  virtual ~KvObserver() = default;
  virtual void Changed(std::vector<registry::KvPlace> places) = 0;
};

struct Services {
  registry::Registry& registry;
  storage::Blobs& blobs;            // to read
  registry::KeptBlobs& kept_blobs;  // what is stored goes through these
  registry::AssetUploads& asset_uploads;
  BundleChecker& checker;
  PublishObserver& observer;
  TailSessions& tails;
  LogSearch& logs;
  registry::Crons& crons;
  registry::KvNamespaces& kv_namespaces;
  storage::KvStore& kv;
  KvObserver& kv_observer;
  registry::AuditLog& audit;
  const base::Clock& clock;
  base::Log& log;
  uint16_t worker_port = 80;  // where Workers answer over HTTP
};

// What a handler is called with.
struct Caller {
  const Services& services;
  registry::TokenOwner owner;
  // Which it is about: that of the path, or of the zone in it; else the token's
  // own.
  registry::AccountId account;
  std::string source;  // the program that asks: "wrangler" or "api"
  std::optional<UploadToken> session = {};  // with Scope::kUploadSession
  std::string client = {};                  // its address
  // By which it reached the API.
  std::string authority = {};
  bool is_https = false;
  // What it has stored and nothing refers to yet stays until it is answered.
  std::vector<registry::KeptBlobs::Hold> holds = {};
};

// Who is told as the author of what the caller publishes: the member whose the
// token is; the account, by its name, for the platform's own token, which
// nobody named; else that token.
Result<std::string> AuthorOf(const Caller& caller);

// What is said of a version or a deployment that the caller makes.
// `triggered_by` stands where `annotations` say nothing else; empty: nowhere.
// kInvalid: `annotations` are too long.
Result<registry::Origin> OriginOf(
    const Caller& caller, std::map<std::string, std::string> annotations,
    std::string_view triggered_by = {});

}  // namespace caravel::api

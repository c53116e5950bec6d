#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "control/tail_filter.h"
#include "registry/model.h"
#include "registry/token.h"

namespace caravel::api {

// A tail's WebSocket lies below, by its key.
inline constexpr std::string_view kTailPath = "/client/v4/tails/";

// A tail that a client has asked for: it is read by a WebSocket, whose URL has
// the key, and which carries no token.
struct TailSession {
  std::string id;   // 32 hex
  std::string key;  // 64 hex
  registry::AccountId account;
  registry::WorkerId worker;
  std::string worker_name;
  TailFilter filter;
  base::WallTime expires;
  // Who began it: it ends with their token.
  registry::TokenId token;
  registry::UserId user;
};

// The tails that there are. A client that goes without ending its own, or never
// reads it, leaves it for kUnreadLimit.
//
// Threads: any.
class TailSessions {
 public:
  static constexpr std::chrono::hours kLifetime{6};
  static constexpr std::chrono::seconds kUnreadLimit{60};
  static constexpr size_t kMostOfWorker = 10;
  static constexpr size_t kMostOfAccount = 100;
  static constexpr size_t kMostOfAll = 1'000;

  // `clock` outlives the sessions. `changed` is called, on the thread of the
  // call, when other Workers are tailed than before.
  TailSessions(const base::Clock& clock, std::function<void()> changed);

  // kLimit: the Worker, its account or all have as many as they may.
  Result<TailSession> Begin(const registry::Worker& worker, TailFilter filter,
                            const registry::TokenOwner& owner);
  // False: the Worker has no such tail.
  bool End(const registry::WorkerId& worker, std::string_view id);
  // All that `is_meant` says.
  void EndWhere(const std::function<bool(const TailSession&)>& is_meant);
  std::vector<TailSession> Of(const registry::WorkerId& worker) const;

  // ---- who carries them ----
  // The session with that key begins to be read, unless it is.
  std::optional<TailSession> Take(std::string_view key);
  // Nobody reads it any more.
  void Leave(const std::string& id);
  bool IsThere(const std::string& id) const;
  // Ends those that have expired, or were not read for too long.
  void Sweep();
  // The Workers with tails.
  std::vector<registry::WorkerId> Tailed() const;

 private:
  // kLimit, as Begin() says.
  Status CheckRoom(const registry::Worker& worker) const
      CARAVEL_REQUIRES(mutex_);

  struct Entry {
    TailSession session;
    bool read = false;
    base::WallTime left;  // when it was not read since
  };
  void Drop(const std::function<bool(const Entry&)>& is_meant);

  const base::Clock& clock_;
  const std::function<void()> changed_;
  mutable base::Mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_
      CARAVEL_GUARDED_BY(mutex_);  // by id
};

}  // namespace caravel::api

#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/host_port.h"
#include "net/event_loop.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {

// What hosts keep of KV, so that none gives what was changed once the change is
// acknowledged. A host keeps entries that it was allowed to, gives them only
// while its lease lasts, and drops those that it is told of. So a change is
// known to a host once it has said that it dropped the entry, or when its lease
// has ended: at most kLease later, which no host that hangs, or is cut off, can
// make longer.
//
// Which entries a host has is known by a hash of their places, and more of them
// than it has: what it drops by itself it does not tell.
//
// Threads: the one that drives the loop.
class KvLeases {
 public:
  static constexpr std::chrono::milliseconds kLease{1000};
  static constexpr std::chrono::milliseconds kRenewal{300};
  // Places known of a host. When there are more, it drops all that it has.
  static constexpr size_t kMostPlaces = 500'000;

  // What a former caraveld has allowed ends kLease from now on; until then
  // changes wait. `loop` and `clock` outlive this.
  KvLeases(net::EventLoop& loop, const base::Clock& clock);
  ~KvLeases();
  KvLeases(const KvLeases&) = delete;
  KvLeases& operator=(const KvLeases&) = delete;

  void Join(HostPort& host);
  // Its process may live on for a moment: it is waited for as before.
  void Leave(const HostPort& host);

  // The entry is about to be read for the host. What the answer then says
  // depends on whether the entry was changed meanwhile.
  using Fill = uint64_t;
  Fill BeginFill(const std::string& host, const registry::KvPlace& place);
  // Whether the host may keep what was read; `wanted`: if it can be kept.
  [[nodiscard]] bool EndFill(Fill fill, bool wanted);

  // These entries have changed, as everybody who reads them from now on finds.
  // `done` is called once no host gives them as they were, from within when
  // none has them. A place without a key is all of its namespace.
  void Changed(const std::vector<registry::KvPlace>& places,
               std::function<void()> done);

  // The host says that it has dropped all up to that message. It may say what
  // it likes, and harms its own Workers only.
  void OnDropped(const HostPort& host, uint64_t number);

 private:
  using Hash = uint64_t;
  struct Keeper {
    HostPort* port = nullptr;  // nullptr: it has left
    base::SteadyTime lease{};  // ends
    boost::unordered_flat_set<Hash> places;
    uint64_t sent = 0;     // DropKv
    uint64_t dropped = 0;  // of those
    bool watched = false;  // a timer looks whether the lease has ended
  };
  // A change that hosts have not all heard of.
  struct Waiting {
    std::map<std::string, uint64_t> hosts;  // the DropKv that it waits for
    std::function<void()> done;
  };
  struct Filling {
    std::string host;
    Hash place;
    bool changed = false;
  };

  Hash HashOf(const registry::KvPlace& place) const;
  // No places: all that it has.
  void SendDrop(Keeper& keeper, std::vector<registry::KvPlace> places);
  void RenewSoon();
  void Renew();
  void Give(Keeper& keeper);
  bool IsAwaited(const std::string& host) const;
  // Sees to it that nothing waits for the host any more once its lease has
  // ended, and that one that has left is forgotten then.
  void Watch(const std::string& host);
  // Once what a former caraveld has allowed has ended.
  void AfterFormer(const std::function<void()>& done);
  // Ends what waited for the host, up to that message.
  void Hear(const std::string& host, uint64_t number);

  net::EventLoop& loop_;
  const base::Clock& clock_;
  const std::string salt_;
  const base::SteadyTime first_;  // changes are acknowledged from then on
  std::map<std::string, Keeper> keepers_;
  std::map<uint64_t, Waiting> waiting_;
  uint64_t last_waiting_ = 0;
  std::map<Fill, Filling> fills_;
  Fill last_fill_ = 0;
  bool renewing_ = false;
  net::EventLoop::TimerId timer_;
  // Of the timers that end leases of hosts that are silent.
  std::shared_ptr<KvLeases*> alive_;
};

}  // namespace caravel::daemon

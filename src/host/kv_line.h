#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/lifetime.h"
#include "base/log.h"
#include "host/kv_cache.h"
#include "host/kv_holds.h"
#include "net/channel.h"
#include "net/event_loop.h"
#include "net/fair_shares.h"
#include "registry/host_protocol.h"

namespace caravel::host {

// Questions to KV namespaces, on their way to caraveld and back. So many are
// under way at a time that neither side's socket overflows; the others wait
// here, and Workers take turns. What may be kept is kept.
//
// Threads: the link's, but for Question and holds().
class KvLine {
 public:
  using Answer = KvCache::Answer;
  using Done = std::function<void(Answer)>;

  struct Question {
    registry::AccountId account;
    registry::WorkerId worker;
    registry::VersionId version;
    std::string binding;
    std::string space;  // that the binding stands for
    registry::KvQuestion asks;
    // Bytes of the asker's that are here, or that it has not come to read.
    KvHolds::Counter held;
    KvHolds::Hold hold = {};  // that of the question
  };

  static Answer TooMany();

  // Sends, or drops what cannot be sent while caraveld is away.
  using Send = std::function<void(net::Packet)>;

  // `loop`, `cache` and `log` outlive the line.
  KvLine(net::EventLoop& loop, KvCache& cache, base::Log& log, Send send);
  ~KvLine();
  KvLine(const KvLine&) = delete;
  KvLine& operator=(const KvLine&) = delete;

  // Of questions and answers, which accounts share. Threads: any.
  KvHolds& holds() CARAVEL_LIFETIME_BOUND { return holds_; }

  // Calls `done` once, not from within.
  void Ask(Question question, Done done);

  // Another caraveld, or the same again, does not know what is kept here. What
  // was asked is asked again: a put that the former one has carried out already
  // is put again, before its asker has heard of it.
  void OnJoined();
  void OnAway();

  void OnAnswered(const registry::KvAnswered& answered,
                  std::vector<base::Fd> fds);
  void OnDrop(const registry::DropKv& drop);
  void OnLease(const registry::LeaseKv& lease);

 private:
  struct Asked {
    Question question;
    Done done;
    bool sent = false;
    net::EventLoop::TimerId deadline;
  };

  void SendNow(uint64_t number, Asked& asked);
  void Arm(uint64_t number, Asked& asked);
  // In a task of its own.
  void FailSoon(uint64_t number, Asked& asked);
  void Fail(uint64_t number, uint16_t status, std::string why);
  void Finish(std::map<uint64_t, Asked>::iterator asked, Answer answer);

  net::EventLoop& loop_;
  KvCache& cache_;
  base::Log& log_;
  const Send send_;
  KvHolds holds_;
  bool joined_ = false;
  uint64_t last_number_ = 0;
  net::FairShares shares_;
  std::map<uint64_t, Asked> asked_;
};

}  // namespace caravel::host

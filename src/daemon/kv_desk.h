#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "control/services.h"
#include "daemon/counts.h"
#include "daemon/host_port.h"
#include "daemon/kv_leases.h"
#include "daemon/kv_threads.h"
#include "daemon/published_state.h"
#include "daemon/sent_holds.h"
#include "daemon/start_queue.h"
#include "net/byte_shares.h"
#include "net/event_loop.h"
#include "registry/kv_messages.h"

namespace caravel::daemon {

// Answers what hosts ask of KV namespaces. A host names a version and a binding
// of it, never a namespace: the version must be one that is published, and the
// binding stands for what it was bound to. What was written, by a Worker or by
// the API, is acknowledged once no host gives what was there before.
//
// Large questions and all answers count for their account, from before they are
// read until they are answered and the host has read the answer. What an
// account has too many of is refused, as hosts do it (host/kv_holds.h).
//
// Threads: the one that drives the loop; Changed() any.
class KvDesk final : public api::KvObserver {
 public:
  // Where an answer goes: to the host if it is still there.
  using Send = std::function<void(const std::string& host,
                                  const registry::ToHost& answer,
                                  std::vector<base::Fd> fds)>;

  static constexpr size_t kMemory = 256 << 20;  // bytes, which accounts share

  // `store`: nullptr where there is none, which is then the answer. All outlive
  // the desk.
  KvDesk(net::EventLoop& loop, const base::Clock& clock, base::Log& log,
         const PublishedState& published, storage::KvStore* store, Send send,
         size_t memory = kMemory);
  // Waits for what is being read and written.
  ~KvDesk() override;

  // From now on there is this one, which outlives the desk.
  // Requires: there was none.
  void Use(storage::KvStore& store);

  void Join(HostPort& host) { leases_.Join(host); }
  // Requires: called before `host` is gone.
  void OnHostLeft(HostPort& host);
  // What is published is known: until then questions wait.
  void Open() { queue_.Open(); }

  void Answer(HostPort& host, const registry::AskKv& asked,
              std::vector<base::Fd> fds);
  void OnDropped(const HostPort& host, uint64_t number) {
    leases_.OnDropped(host, number);
  }

  void Changed(std::vector<registry::KvPlace> places) override;

 private:
  // Questions that wait for the start, and that a host may have under way.
  static constexpr size_t kMaxWaiting = 1024;
  static constexpr size_t kMostOfHost = 256;

  // Who has asked, and of which namespace.
  struct Asker {
    std::string host;
    uint64_t request = 0;
    std::string space = {};
    std::string account = {};
    net::ByteShares::Hold hold = {};  // of a large question
  };
  struct Encoded;

  // Runs on the loop, unless the desk is gone. Threads: any.
  void OnLoop(std::function<void(KvDesk&)> step);
  // The namespace; nothing: the host may not ask for it.
  std::optional<std::string> SpaceOf(const registry::AskKv& asked) const;
  void AnswerNow(HostPort& host, const registry::AskKv& asked,
                 const std::shared_ptr<std::vector<base::Fd>>& fds);
  void Begin(const Asker& asker, registry::KvQuestion asks);
  void BeginGet(const Asker& asker, const std::string& key);
  void BeginLarge(Asker asker,
                  const std::shared_ptr<std::vector<base::Fd>>& fds);
  void BeginWrite(const Asker& asker, registry::KvQuestion asks);
  // Has the store looked at on a thread, and the answer sent.
  void Look(const Asker& asker, registry::KvQuestion asks);
  // Takes `hold` for what an answer to the asker is going to have, if the
  // account may. Threads: any.
  std::function<bool(size_t bytes)> Holder(const Asker& asker,
                                           net::ByteShares::Hold& hold);
  // What was read, or why it was not, which is logged. Threads: any.
  std::shared_ptr<const Encoded> EncodedOf(
      const Result<registry::KvAnswer>& got, net::ByteShares::Hold hold);
  void Finish(const Asker& asker, const Encoded& answer, bool may_keep);
  void Refuse(const Asker& asker, uint16_t status, std::string why);
  // What travels with it.
  Result<std::vector<base::Fd>> FdsOf(const Encoded& answer);

  net::EventLoop& loop_;
  const base::Clock& clock_;
  base::Log& log_;
  const PublishedState& published_;
  const Send send_;
  StartQueue queue_{kMaxWaiting};
  Counts under_way_;  // by host
  net::ByteShares memory_;
  SentHolds sent_;
  KvLeases leases_;
  std::shared_ptr<KvDesk*> alive_;
  std::unique_ptr<KvThreads> threads_;  // last: they use all above
};

}  // namespace caravel::daemon

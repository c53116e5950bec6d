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
#include "daemon/start_queue.h"
#include "net/event_loop.h"
#include "registry/kv_messages.h"

namespace caravel::daemon {

// Answers what hosts ask of KV namespaces. A host names a version and a binding
// of it, never a namespace: the version must be one that is published, and the
// binding stands for what it was bound to. What was written, by a Worker or by
// the API, is acknowledged once no host gives what was there before.
//
// Threads: the one that drives the loop; Changed() any.
class KvDesk final : public api::KvObserver {
 public:
  // Where an answer goes: to the host if it is still there.
  using Send = std::function<void(const std::string& host,
                                  const registry::ToHost& answer,
                                  std::vector<base::Fd> fds)>;

  // `store`: nullptr where there is none, which is then the answer. All outlive
  // the desk.
  KvDesk(net::EventLoop& loop, const base::Clock& clock, base::Log& log,
         const PublishedState& published, storage::KvStore* store, Send send);
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
    std::string space;
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
  void BeginLarge(const Asker& asker,
                  const std::shared_ptr<std::vector<base::Fd>>& fds);
  void BeginWrite(const Asker& asker, registry::KvQuestion asks);
  // Has the store looked at on a thread, and the answer sent.
  void Look(const Asker& asker, registry::KvQuestion asks);
  // What was read, or why it was not, which is logged. Threads: any.
  std::shared_ptr<const Encoded> EncodedOf(
      const Result<registry::KvAnswer>& got);
  void Finish(const Asker& asker, const Encoded& answer, bool may_keep);
  void Refuse(const Asker& asker, uint16_t status, std::string why);

  net::EventLoop& loop_;
  const base::Clock& clock_;
  base::Log& log_;
  const PublishedState& published_;
  const Send send_;
  StartQueue queue_{kMaxWaiting};
  Counts under_way_;  // by host
  KvLeases leases_;
  std::shared_ptr<KvDesk*> alive_;
  std::unique_ptr<KvThreads> threads_;  // last: they use all above
};

}  // namespace caravel::daemon

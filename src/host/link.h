#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "host/asset_store.h"
#include "host/door.h"
#include "host/held_events.h"
#include "host/kv_line.h"
#include "net/channel.h"
#include "net/event_loop.h"
#include "registry/host_protocol.h"

namespace caravel::host {

// The host's end of its line to caraveld, on a thread of its own. caraveld
// dials, proves the host's key (host/door.h), and may go away and dial again at
// any time; what is asked of it meanwhile waits up to kDaemonPatience and then
// fails with kUnavailable. The latest that has proved the key is caraveld.
//
// Threads: any, where not said otherwise. Callbacks run on the link's thread.
class Link final : public AssetOpener, private net::Channel::Handler {
 public:
  // What caraveld asks of the host. Called on the link's thread.
  class Delegate {
   public:
    virtual ~Delegate() = default;
    virtual void OnListen(std::vector<base::Fd> listeners) = 0;
    virtual void OnSnapshot(registry::Snapshot snapshot) = 0;
    virtual void OnChange(registry::Change change) = 0;
    virtual void OnCheck(registry::CheckBundle check, base::Fd bundle) = 0;
    virtual void OnDrain(std::chrono::milliseconds patience) = 0;
    virtual void OnAskStats(uint64_t request) = 0;
    virtual void OnHold(std::vector<registry::VersionId> versions) = 0;
    virtual void OnTail(std::vector<registry::WorkerId> workers) = 0;
    virtual void OnRunScheduled(registry::RunScheduled run) = 0;
    // For a caraveld that joins again: what the host has, and duplicates of the
    // listeners that it serves from.
    virtual registry::Sequence AppliedSequence() = 0;
    virtual std::vector<base::Fd> DuplicateListeners() = 0;
  };

  struct OpenedBundle {
    base::Fd bundle;
    base::Fd code_cache;  // not valid where there is none
  };
  using BundleCallback = std::function<void(Result<OpenedBundle>)>;
  using ConnectCallback = std::function<void(Result<base::Fd>)>;
  using ResolveCallback = std::function<void(Result<std::string>)>;

  // Who the host is to caraveld.
  struct Identity {
    std::string key;    // proves each side to the other
    std::string build;  // HostHello::build
  };

  // `listener` is the inherited unix socket. `clock`, `log`,
  // `kv_cache` and `delegate` outlive the link.
  static Result<std::unique_ptr<Link>> Start(base::Fd listener,
                                             Identity identity,
                                             const base::Clock& clock,
                                             base::Log& log, KvCache& kv_cache,
                                             Delegate& delegate);
  ~Link() override;

  // Waits for the link's thread: nothing is called back from then on, and what
  // is asked or reported is lost.
  void Stop();

  // Lets caraveld in. Called once all parts that the delegate needs are there.
  void Open();

  void OpenBundle(registry::WorkerId worker, registry::VersionId version,
                  BundleCallback done);
  // AssetOpener
  void OpenAssets(registry::WorkerId worker, registry::VersionId version,
                  AssetOpener::Done done) override;
  void OpenAsset(registry::WorkerId worker, registry::VersionId version,
                 uint32_t index, registry::AssetCoding coding,
                 AssetOpener::Done done) override;
  // A TCP connection by the egress broker. Here and in Resolve() a name that no
  // name service takes is refused without asking.
  void Connect(registry::WorkerId worker, std::string host, uint16_t port,
               ConnectCallback done);
  // The same to the origin of a zone.
  void ConnectToOrigin(registry::ZoneId zone, std::string host, uint16_t port,
                       ConnectCallback done);
  // What a name stands for, by caraveld. `question` has no number yet.
  void Resolve(registry::ResolveName question, ResolveCallback done);
  // Something of a KV namespace, by caraveld.
  void AskKv(KvLine::Question question, KvLine::Done done);
  KvHolds& kv_holds() CARAVEL_LIFETIME_BOUND { return kv_.holds(); }
  void Report(registry::FromHost message, std::vector<base::Fd> fds = {});
  // What is held, while caraveld is away or slow, is bounded, and accounts
  // share it; events beyond are counted and dropped (host/held_events.h).
  // `account` is that of the event's Worker.
  void ReportEvent(registry::AccountId account, registry::LogEvent event);
  // Sends the events that are still held and hangs up. `done` is called once
  // caraveld has read all of it, or `limit` has passed. While caraveld is away
  // that long is waited for it. Nothing is sent behind.
  // Requires: called once.
  void Finish(std::chrono::milliseconds limit, std::function<void()> done);

 private:
  // A question to caraveld whose answer is awaited.
  struct Question {
    registry::FromHost message;
    BundleCallback bundle;
    ConnectCallback connect;  // also of what is opened
    ResolveCallback resolve;
    net::EventLoop::TimerId deadline;
  };

  Link(std::unique_ptr<net::EventLoop> loop, base::Fd listener,
       Identity identity, base::Log& log, KvCache& kv_cache,
       Delegate& delegate);
  void Run();
  void AskConnect(registry::Connect question, ConnectCallback done);
  void Ask(uint64_t number, Question question);
  void ArmDeadline(uint64_t number, Question& question,
                   std::chrono::seconds limit);
  void Fail(uint64_t number, Error why);
  void SendEventsSoon();
  void SendEvents();
  // Sends all that is held, and what that dropped; nothing comes behind.
  void SendLastEvents();
  [[nodiscard]] bool SendLargeEvent(const registry::LogEvent& event);
  void TellFinished();

  void OnPacket(net::Packet packet) override;
  void OnClosed(const Error& why) override;
  void OnJoined(std::unique_ptr<net::Channel> channel);
  void OnMessage(registry::ToHost message, std::vector<base::Fd> fds);
  void OnAnswer(uint64_t number, const std::string& error,
                std::vector<base::Fd> fds);
  void OnResolved(registry::NameResolved& answer);
  void OnSnapshotFile(std::vector<base::Fd> fds);
  void OnTailedFile(const registry::TailWorkers& message,
                    std::vector<base::Fd> fds);
  void OnChangeMessage(const registry::ApplyChange& message,
                       std::vector<base::Fd> fds);

  std::unique_ptr<net::EventLoop> loop_;
  const Identity identity_;
  base::Log& log_;
  Delegate& delegate_;

  // Of the link's thread.
  Door door_;
  std::unique_ptr<net::Channel> channel_;  // nullptr: caraveld is away
  uint64_t last_question_ = 0;
  std::map<uint64_t, Question> questions_;
  KvLine kv_;
  HeldEvents events_;
  bool events_timer_set_ = false;
  std::function<void()> finished_;  // set from Finish() until it is called
  bool stopping_ = false;

  std::thread thread_;
};

// How long a request waits for caraveld to come back.
inline constexpr std::chrono::seconds kDaemonPatience{2};

}  // namespace caravel::host

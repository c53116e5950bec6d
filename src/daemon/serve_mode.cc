// `serve`: the data plane without accounts, database and API. The command line
// sends the one Worker through a channel and ends this process by closing it.
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "daemon/admin_server.h"
#include "daemon/data_plane.h"
#include "daemon/egress_resolver.h"
#include "daemon/launch.h"
#include "daemon/signals.h"
#include "net/channel.h"

namespace caravel::daemon {
namespace {

// The standby boots after the first host serves: a person waits for that one.
constexpr std::chrono::milliseconds kStandbyDelay{1'000};
// Nobody is to wait for a `serve` to end.
constexpr std::chrono::milliseconds kServeDrain{500};

// A folder for sockets and hosts, removed at the end.
class ScratchFolder {
 public:
  static Result<std::unique_ptr<ScratchFolder>> Make() {
    std::error_code error;
    std::string path =
        std::filesystem::temp_directory_path(error) / "caravel-serve-XXXXXX";
    if (error || ::mkdtemp(path.data()) == nullptr) {
      return ErrnoError("make a temporary folder", error ? ENOENT : errno)
          .Remedy("set TMPDIR to a folder that this user may write to");
    }
    return std::unique_ptr<ScratchFolder>(new ScratchFolder(std::move(path)));
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

// The one Worker, and who is told what it logs.
class ServedWorker final : public PublishedSource,
                           public BundleSource,
                           public LogSink {
 public:
  void Set(registry::PublishedWorker worker, base::Fd bundle) {
    worker_ = std::move(worker);
    bundle_ = std::move(bundle);
  }
  void TellLogs(net::Channel& channel) { channel_ = &channel; }

  Result<registry::Snapshot> Load() override {
    return registry::Snapshot{registry::Sequence{1}, {worker_}};
  }
  Result<std::vector<registry::Change>> After(registry::Sequence) override {
    return std::vector<registry::Change>();
  }
  Result<OpenedBundle> Open(const registry::Version&) override {
    OpenedBundle opened;
    CARAVEL_TRY(opened.bundle, bundle_.Duplicate());
    return opened;
  }
  void Append(const registry::LogEvent& event) override {
    if (channel_ != nullptr) {
      channel_->Send(LogEntryPacket(worker_.name, event));
    }
  }
  void CountDropped(uint64_t) override {}

 private:
  registry::PublishedWorker worker_;
  base::Fd bundle_;
  net::Channel* channel_ = nullptr;
};

class ServeMode final : private net::Channel::Handler {
 public:
  ServeMode(Launch& launch, net::EventLoop& loop, const EgressRules& rules,
            const ScratchFolder& folder)
      : launch_(launch),
        loop_(loop),
        resolver_(loop),
        egress_(loop, resolver_, rules, launch.log),
        plane_({.loop = loop,
                .clock = launch.clock,
                .log = launch.log,
                .published = served_,
                .bundles = served_,
                .egress = egress_,
                .logs = served_},
               SupervisorOptions(folder)) {}

  Status Run() {
    CARAVEL_TRY(channel_,
                net::Channel::Create(loop_, std::move(launch_.serve), *this));
    served_.TellLogs(*channel_);
    plane_.Start([this](Status settled) {
      if (!settled) Fail(std::move(settled).error());
    });
    while (!finished_) loop_.Poll(std::chrono::nanoseconds(-1));
    if (failure_.has_value()) return std::move(*failure_);
    return {};
  }

  void Stop() {
    plane_.supervisor().Stop(kServeDrain, [this] { finished_ = true; });
  }

 private:
  Supervisor::Options SupervisorOptions(const ScratchFolder& folder) const {
    const Config& config = launch_.config;
    Supervisor::Options options;
    options.files = launch_.files;
    options.run_folder = folder.path();
    options.hosts_folder = folder.path();
    options.address = {.host = config.bind,
                       .port = static_cast<uint16_t>(config.port)};
    options.shards = ShardsOf(config);
    options.hosts_die_with_us = true;
    options.standby_delay = kStandbyDelay;
    return options;
  }

  void OnPacket(net::Packet packet) override {
    Result<registry::PublishedWorker> worker =
        base::Decode<registry::PublishedWorker>(packet.bytes);
    if (!worker || packet.fds.size() != 1 || failure_.has_value()) return;
    served_.Set(std::move(*worker), std::move(packet.fds.front()));
    Status published = plane_.Publish([this] {
      const TcpAddress address = plane_.supervisor().address();
      RunInfo info;
      info.http = LocalUrl(address.host, address.port);
      info.pid = ::getpid();
      TellReady(launch_.ready, ReadyLine(info));
    });
    if (!published) Fail(std::move(published).error());
  }

  void OnClosed(const Error&) override { Stop(); }

  void Fail(Error error) {
    failure_ = std::move(error);
    Stop();
  }

  Launch& launch_;
  net::EventLoop& loop_;
  SystemResolver resolver_;
  EgressBroker egress_;
  ServedWorker served_;
  std::unique_ptr<net::Channel> channel_;
  DataPlane plane_;
  std::optional<Error> failure_;
  bool finished_ = false;
};

}  // namespace

Status RunServeMode(Launch& launch) {
  CARAVEL_TRY(const EgressRules rules,
              EgressRules::Parse(launch.config.allow_egress));
  CARAVEL_TRY(const std::unique_ptr<ScratchFolder> folder,
              ScratchFolder::Make());
  CARAVEL_TRY(const std::unique_ptr<net::EventLoop> loop,
              net::EventLoop::Create(launch.clock));
  ServeMode* running = nullptr;
  CARAVEL_TRY(const std::unique_ptr<Signals> signals,
              Signals::Take(*loop, [&running] {
                if (running != nullptr) running->Stop();
              }));
  ServeMode mode(launch, *loop, rules, *folder);
  running = &mode;
  return mode.Run();
}

}  // namespace caravel::daemon

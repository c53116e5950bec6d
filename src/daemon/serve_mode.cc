// `serve`: the data plane without accounts, database and API. The command line
// sends the Workers through a channel and ends this process by closing it.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/client/admin_protocol.h"
#include "daemon/client/serve_edit.h"
#include "daemon/data_plane.h"
#include "daemon/edit_checks.h"
#include "daemon/egress_resolver.h"
#include "daemon/launch.h"
#include "daemon/name_service.h"
#include "daemon/served_assets.h"
#include "daemon/served_kv.h"
#include "daemon/served_logs.h"
#include "daemon/served_workers.h"
#include "daemon/signals.h"
#include "net/channel.h"

namespace caravel::daemon {
namespace {

// The standby boots after the first host serves: a person waits for that one.
constexpr std::chrono::milliseconds kStandbyDelay{1'000};
// Nobody is to wait for a `serve` to end.
constexpr std::chrono::milliseconds kServeDrain{500};
// How long an edit waits for hosts before it is told as served.
constexpr std::chrono::milliseconds kApplyPatience{2'000};

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

class ServeMode final : private net::Channel::Handler {
 public:
  ServeMode(Launch& launch, net::EventLoop& loop, const EgressRules& rules,
            const ScratchFolder& folder)
      : launch_(launch),
        loop_(loop),
        resolver_(loop),
        egress_(loop, resolver_, rules, launch.log),
        names_(loop),
        logs_(loop),
        plane_({.loop = loop,
                .clock = launch.clock,
                .log = launch.log,
                .published = served_,
                .bundles = served_,
                .assets = &assets_,
                .egress = egress_,
                .names = names_,
                .kv = nullptr,
                .logs = logs_},
               SupervisorOptions(folder)),
        checks_(
            loop,
            [this](EditChecks::Edit edit) { return Check(std::move(edit)); },
            [this](EditChecks::Checked checked) {
              TellChecked(std::move(checked));
            }) {}

  Status Run() {
    CARAVEL_TRY(channel_,
                net::Channel::Create(loop_, std::move(launch_.serve), *this));
    logs_.Open(*channel_);
    plane_.Start([this](Status settled) {
      if (!settled) Fail(std::move(settled).error());
    });
    // A check under way needs the loop to end.
    while (!finished_ || checks_.busy()) {
      loop_.Poll(std::chrono::nanoseconds(-1));
    }
    if (failure_.has_value()) return std::move(*failure_);
    return {};
  }

  void Stop() {
    checks_.Stop();
    plane_.Stop(kServeDrain, [this] { finished_ = true; });
  }

 private:
  Supervisor::Options SupervisorOptions(const ScratchFolder& folder) const {
    const Config& config = launch_.config;
    Supervisor::Options options;
    options.files = launch_.files;
    options.host_log = {launch_.config.log_level, launch_.config.log_format};
    options.host_edge = {
        launch_.config.place,
        fmt::to_string(fmt::join(launch_.config.trusted_proxies, ",")),
        /*is_local=*/true};
    options.run_folder = folder.path();
    options.hosts_folder = folder.path();
    options.address = {.host = config.bind,
                       .port = static_cast<uint16_t>(config.port)};
    options.shards = ShardsOf(config);
    options.hosts_die_with_us = true;
    options.standby_delay = kStandbyDelay;
    options.serving_takes_risks = true;
    return options;
  }

  void OnPacket(net::Packet packet) override {
    Result<ServeEdit> served = base::Decode<ServeEdit>(packet.bytes);
    if (!served || served->worker.versions.empty() || packet.fds.size() != 1 ||
        failure_.has_value()) {
      return;
    }
    if (Status opened = OpenKvFor(*served); !opened) {
      return Fail(std::move(opened).error());
    }
    registry::Version& version = served->worker.versions.front();
    if (!served->assets.empty()) {
      Result<std::string> list =
          assets_.List(served->worker.id, served->assets, served->asset_config);
      if (!list) return Refuse(version.id, list.error());
      version.assets_digest = std::move(*list);
    }
    logs_.Name(served->worker.id, served->worker.name);
    EditChecks::Edit edit{.worker = std::move(served->worker),
                          .bundle = std::move(packet.fds.front()),
                          .code_cache = {}};
    if (!std::exchange(published_, true)) {
      // Hosts boot meanwhile: this one is checked when one of them serves it.
      Status published = PublishFirst(edit);
      if (!published) return Fail(std::move(published).error());
    }
    checks_.Submit(std::move(edit));
  }

  // Opened for the first version that has such a binding: the others need not
  // wait for a database.
  Status OpenKvFor(const ServeEdit& edit) {
    const auto& bindings = edit.worker.versions.front().bindings;
    if (kv_ != nullptr ||
        !std::ranges::any_of(bindings, [](const registry::Binding& binding) {
          return binding.type == registry::BindingType::kKvNamespace;
        })) {
      return {};
    }
    CARAVEL_TRY(kv_, ServedKv::Open(edit.state, launch_.clock));
    plane_.kv().Use(kv_->store());
    return {};
  }

  void Refuse(const registry::VersionId& version, const Error& why) {
    channel_->Send(
        EncodeFromAdmin(Refused{why.message(), why.remedy(), version.value}));
  }

  Status PublishFirst(const EditChecks::Edit& edit) {
    CARAVEL_TRY(base::Fd bundle, edit.bundle.Duplicate());
    assets_.NoteServed(edit.worker.id,
                       edit.worker.versions.front().assets_digest);
    served_.Serve({edit.worker, std::move(bundle), {}});
    return plane_.Publish([this] {
      channel_->Send(EncodeFromAdmin(ServesAt{Url()}));
      checks_.Start();
    });
  }

  // Has a host start it, and serves it when that went well. On a thread of
  // checks_.
  EditChecks::Checked Check(EditChecks::Edit edit) {
    const registry::Version version = edit.worker.versions.front();
    Result<api::CheckedBundle> checked =
        plane_.checks().Check(edit.bundle, version, edit.worker.name);
    if (!checked) return {version.id, std::move(checked).error()};
    Serve(std::move(edit), std::move(checked->code_cache));
    return {version.id, {}};
  }

  void Serve(EditChecks::Edit held, base::Fd code_cache) {
    const registry::WorkerId& worker = held.worker.id;
    if (served_.Serves(worker, held.worker.versions.front().id)) {
      served_.SetCodeCache(worker, std::move(code_cache));  // the first one
      return;
    }
    held.code_cache = std::move(code_cache);
    const std::string list = held.worker.versions.front().assets_digest;
    const registry::WorkerId id = worker;  // of what is moved from
    const registry::Sequence sequence = served_.Serve(std::move(held));
    assets_.NoteServed(id, list);
    plane_.stream().Nudge();
    plane_.stream().WaitApplied(sequence, kApplyPatience);
  }

  void TellChecked(EditChecks::Checked checked) {
    if (checked.status) {
      if (!std::exchange(has_served_, true)) TellReadyOnce();
      channel_->Send(EncodeFromAdmin(VersionServed{checked.version.value}));
    } else if (has_served_ || IsOfTheWorker(checked.status.error())) {
      Refuse(checked.version, checked.status.error());
    } else {
      Fail(std::move(checked.status).error());
    }
  }

  void TellReadyOnce() {
    RunInfo info;
    info.http = Url();
    info.pid = ::getpid();
    TellReady(launch_.ready, ReadyLine(info));
  }

  // Requires: hosts serve.
  std::string Url() {
    const TcpAddress address = plane_.supervisor().address();
    return LocalUrl(address.host, address.port);
  }

  // What an edit may mend.
  static bool IsOfTheWorker(const Error& error) {
    return error.code() == ErrorCode::kInvalid ||
           error.code() == ErrorCode::kLimit;
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
  NameService names_;
  ServedWorkers served_;
  ServedAssets assets_;
  std::unique_ptr<net::Channel> channel_;
  ServedLogs logs_;
  std::unique_ptr<ServedKv> kv_;  // nullptr: no version had such a binding
  DataPlane plane_;
  EditChecks checks_;
  bool published_ = false;
  bool has_served_ = false;  // a version that was checked
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

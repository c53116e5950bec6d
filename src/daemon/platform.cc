// The whole platform in one process: what `up` runs. Reading Platform's members
// from top to bottom tells what there is and who needs whom.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>

#include "control/api_handler.h"
#include "control/api_server.h"
#include "control/endpoints.h"
#include "control/tail_sessions.h"
#include "daemon/admin_server.h"
#include "daemon/blob_sweeper.h"
#include "daemon/client/child_process.h"
#include "daemon/client/data_folder.h"
#include "daemon/client/last_ports.h"
#include "daemon/cron_scheduler.h"
#include "daemon/data_plane.h"
#include "daemon/egress_resolver.h"
#include "daemon/launch.h"
#include "daemon/log_keeping.h"
#include "daemon/metrics_target.h"
#include "daemon/name_service.h"
#include "daemon/signals.h"
#include "daemon/snapshot_writer.h"
#include "daemon/stored_logs.h"
#include "daemon/stores.h"
#include "daemon/tail_target.h"
#include "daemon/told_logs.h"
#include "daemon/unavailable_api.h"
#include "net/http1_server.h"

namespace caravel::daemon {
namespace {

// The API answers once the hosts have a change, or after this time: a machine
// with too much to do takes seconds, and who is told of a deployment asks for
// it at once.
constexpr std::chrono::milliseconds kPublishPatience{10'000};
constexpr std::string_view kApiPath = "/client/v4";

class HostsHaveIt final : public api::PublishObserver {
 public:
  // `whole_changed` is called on the thread of the call.
  HostsHaveIt(ConfigStream& stream, base::Log& log, LogKeepings& keepings,
              std::function<void()> whole_changed)
      : stream_(stream),
        log_(log),
        keepings_(keepings),
        whole_changed_(std::move(whole_changed)) {}
  // Once, before anything is published.
  void set_scheduler(CronScheduler& scheduler) { scheduler_ = &scheduler; }
  void SchedulesChanged() override { scheduler_->Nudge(); }
  void ObservabilityChanged(const registry::WorkerId& worker,
                            const std::string& observability) override {
    if (keepings_.Set(worker, observability)) whole_changed_();
  }
  void Published(registry::Sequence sequence) override {
    stream_.Nudge();
    if (!stream_.WaitApplied(sequence, kPublishPatience)) {
      log_.Warning("hosts have not applied a change in time",
                   {{"sequence", sequence.value}});
    }
  }

 private:
  ConfigStream& stream_;
  base::Log& log_;
  LogKeepings& keepings_;
  const std::function<void()> whole_changed_;
  CronScheduler* scheduler_ = nullptr;
};

class Platform {
 public:
  Platform(Launch& launch, DataFolder folder, net::EventLoop& loop,
           Stores& stores, const EgressRules& rules,
           std::vector<base::Fd> api_listeners)
      : launch_(launch),
        folder_(std::move(folder)),
        loop_(loop),
        stores_(stores),
        api_listeners_(std::move(api_listeners)),
        resolver_(loop),
        egress_(loop, resolver_, rules, launch.log),
        names_(loop),
        source_(stores.MakeSource()),
        bundles_(*stores.blobs),
        logs_(*stores.logs, keepings_),
        plane_({.loop = loop,
                .clock = launch.clock,
                .log = launch.log,
                .published = *source_,
                .bundles = bundles_,
                .assets = stores.blobs.get(),
                .egress = egress_,
                .names = names_,
                .kv = stores.records == nullptr ? nullptr
                                                : stores.records->kv.get(),
                .logs = logs_},
               SupervisorOptions()),
        observer_(plane_.stream(), launch.log, keepings_,
                  [this] { TellTailed(); }),
        tails_(launch.clock, [this] { TellTailed(); }),
        stored_logs_(loop, *stores.logs) {
    if (stores.records == nullptr) return;
    wake_ = stores.records->changes->Subscribe(
        registry::kPublishedTopic, [this] { plane_.stream().Nudge(); });
    snapshot_.emplace(loop, launch.log, plane_.stream().state(),
                      *stores.snapshot_file);
    plane_.stream().OnAdvance([this] { snapshot_->OnAdvance(); });
  }

  // Runs until Stop() has been carried out.
  Status Run() {
    plane_.Start([this](Status settled) { OnSettled(std::move(settled)); });
    // A handler of the API may need the loop to end.
    while (!finished_ || (api_ && api_->busy())) {
      loop_.Poll(std::chrono::nanoseconds(-1));
      if (http_ != nullptr) http_->FlushPending();
    }
    http_.reset();
    ::unlink(folder_.run_info().c_str());
    if (failure_.has_value()) return std::move(*failure_);
    return {};
  }

  // At the second time, at once.
  void Stop(bool at_once) {
    launch_.log.Info("stopping");
    const std::chrono::milliseconds limit =
        at_once || std::exchange(stopping_, true)
            ? std::chrono::milliseconds(0)
            : std::chrono::seconds(launch_.config.drain_seconds);
    plane_.Stop(limit, [this] {
      finished_ = true;
      if (api_) api_->Close();
    });
  }

 private:
  Supervisor::Options SupervisorOptions() const {
    const Config& config = launch_.config;
    Supervisor::Options options;
    options.files = launch_.files;
    options.host_log = {launch_.config.log_level, launch_.config.log_format};
    options.host_edge = {
        launch_.config.place,
        fmt::to_string(fmt::join(launch_.config.trusted_proxies, ","))};
    options.run_folder = folder_.run();
    options.hosts_folder = folder_.hosts();
    options.address = {.host = config.bind,
                       .port = static_cast<uint16_t>(config.port)};
    options.port_setting.kept_in = launch_.port_kept_in;
    options.port_setting.other_port = static_cast<uint16_t>(config.api_port);
    options.shards = ShardsOf(config);
    options.drain_limit = std::chrono::seconds(config.drain_seconds);
    return options;
  }

  void OnSettled(Status settled) {
    if (settled) settled = OpenToTheWorld();
    if (settled) settled = plane_.Publish([this] { OnServing(); });
    if (!settled) Fail(std::move(settled).error());
  }

  // The API and the command line's socket.
  Status OpenToTheWorld() {
    const uint16_t worker_port = plane_.supervisor().address().port;
    metrics_.emplace(
        loop_, MakeApi(worker_port), launch_.config.api_hosts, [this] {
          base::MetricsPage page;
          plane_.AddTo(page);
          if (stores_.records != nullptr) {
            const registry::BlobSweep& sweep = *stores_.records->blob_sweep;
            page.Add(base::metric::kBlobsRemoved, sweep.removed());
            page.Add(base::metric::kLooseBlobs, sweep.loose());
          }
          page.Add(base::metric::kWithoutDatabase, stores_.problem ? 1 : 0);
          page.Add(base::metric::kLogEvents, stores_.logs->kept());
          page.Add(base::metric::kLogEventsDropped, stores_.logs->dropped());
          return page.Take();
        });
    http_ = std::make_unique<net::Http1Server>(loop_, launch_.clock, *metrics_,
                                               net::Http1Options{});
    CARAVEL_TRY(const TcpAddress api_address,
                ListeningAddress(api_listeners_.front()));
    api_port_ = api_address.port;
    info_.api =
        LocalUrl(api_address.host, api_address.port) + std::string(kApiPath);
    for (base::Fd& listener : api_listeners_) {
      CARAVEL_TRY(http_->AdoptListener(std::move(listener)));
    }
    CARAVEL_TRY(admin_,
                AdminServer::Start(folder_.admin_socket(),
                                   {.loop = loop_,
                                    .clock = launch_.clock,
                                    .log = launch_.log,
                                    .plane = plane_,
                                    .logs = *stores_.logs,
                                    .stop = [this](bool now) { Stop(now); },
                                    .worker_port = worker_port}));
    return {};
  }

  net::Target& MakeApi(uint16_t worker_port) {
    if (stores_.records == nullptr) {
      return unavailable_api_.emplace(loop_, launch_.config.api_hosts,
                                      stores_.problem->Clone());
    }
    scheduler_.emplace(CronScheduler::Parts{.loop = loop_,
                                            .clock = launch_.clock,
                                            .log = launch_.log,
                                            .crons = *stores_.records->crons,
                                            .runner = plane_,
                                            .logs = logs_});
    observer_.set_scheduler(*scheduler_);
    handler_.emplace(
        api::Services{.registry = *stores_.records->registry,
                      .blobs = *stores_.blobs,
                      .kept_blobs = *stores_.records->kept_blobs,
                      .asset_uploads = *stores_.records->asset_uploads,
                      .checker = plane_.checks(),
                      .observer = observer_,
                      .tails = tails_,
                      .logs = stored_logs_,
                      .crons = *stores_.records->crons,
                      .kv_namespaces = *stores_.records->kv_namespaces,
                      .kv = *stores_.records->kv,
                      .kv_observer = plane_.kv(),
                      .audit = *stores_.records->audit,
                      .clock = launch_.clock,
                      .log = launch_.log,
                      .worker_port = worker_port},
        api::Endpoints(),
        api::ApiHandler::Options{.allowed_hosts = launch_.config.api_hosts});
    api_.emplace(*handler_, loop_, launch_.log, api::ApiServer::Options{});
    tail_target_.emplace(loop_, *api_, tails_);
    logs_.set_tails(*tail_target_);
    ReadKeepings();
    return *tail_target_;
  }

  // Any thread. Once the loop is closed nobody follows any more.
  void TellTailed() {
    // Many changes of a moment are told in one.
    if (telling_tailed_.exchange(true)) return;
    (void)loop_.Post([this] {
      telling_tailed_ = false;
      std::vector<registry::WorkerId> told = tails_.Tailed();
      const std::vector<registry::WorkerId> whole = keepings_.Whole();
      told.insert(told.end(), whole.begin(), whole.end());
      std::ranges::sort(told);
      const auto repeated = std::ranges::unique(told);
      told.erase(repeated.begin(), repeated.end());
      plane_.SetTailed(std::move(told));
    });
  }

  // What is stored without a database is what is stored without being asked.
  void ReadKeepings() {
    const auto settings = stores_.records->registry->ListObservability();
    if (!settings) {
      launch_.log.Warning("which logs are stored is not known: all are",
                          {{"why", settings.error().ToText()}});
      return;
    }
    for (const auto& [worker, observability] : *settings) {
      (void)keepings_.Set(worker, observability);
    }
    TellTailed();
  }

  void OnServing() {
    const TcpAddress address = plane_.supervisor().address();
    if (stores_.records != nullptr) {
      info_.token = stores_.records->first.token;
      info_.account_id = stores_.records->first.account.id.value;
    }
    if (stores_.problem) info_.problem = stores_.problem->ToText();
    info_.http = LocalUrl(address.host, address.port);
    info_.data = folder_.path();
    info_.pid = ::getpid();
    Result<uint64_t> start_time = ProcessStartTime(::getpid());
    info_.start_time = start_time ? *start_time : 0;
    Status saved = SaveRunInfo(folder_, info_);
    if (!saved) {
      Fail(std::move(saved).error());
      return;
    }
    Status kept =
        SaveLastPorts(folder_, {.workers = address.port, .api = api_port_});
    if (!kept) {
      launch_.log.Warning("ports are not kept for the next start",
                          {{"error", kept.error().ToText()}});
    }
    if (scheduler_) scheduler_->Start();
    if (stores_.records != nullptr) {
      sweeper_.emplace(*stores_.records->blob_sweep, launch_.log);
    }
    launch_.log.Info("ready", {{"http", info_.http}, {"api", info_.api}});
    TellReady(launch_.ready, ReadyLine(info_));
  }

  void Fail(Error error) {
    failure_ = std::move(error);
    Stop(/*at_once=*/true);
  }

  Launch& launch_;
  const DataFolder folder_;
  net::EventLoop& loop_;
  Stores& stores_;
  std::vector<base::Fd> api_listeners_;
  SystemResolver resolver_;
  EgressBroker egress_;
  NameService names_;
  const std::unique_ptr<PublishedSource> source_;
  BlobBundles bundles_;
  LogKeepings keepings_;
  std::atomic<bool> telling_tailed_{false};  // a task does so soon
  ToldLogs logs_;
  DataPlane plane_;
  HostsHaveIt observer_;
  api::TailSessions tails_;
  StoredLogs stored_logs_;
  std::unique_ptr<storage::Log::Subscription> wake_;
  std::optional<SnapshotWriter> snapshot_;
  std::optional<UnavailableApi> unavailable_api_;
  std::optional<CronScheduler> scheduler_;
  std::optional<BlobSweeper> sweeper_;
  std::optional<api::ApiHandler> handler_;
  std::optional<api::ApiServer> api_;
  std::optional<TailTarget> tail_target_;
  std::optional<MetricsTarget> metrics_;
  std::unique_ptr<net::Http1Server> http_;
  std::unique_ptr<AdminServer> admin_;
  RunInfo info_;
  uint16_t api_port_ = 0;
  std::optional<Error> failure_;
  bool stopping_ = false;
  bool finished_ = false;
};

}  // namespace

Status RunPlatform(Launch& launch) {
  const Config& config = launch.config;
  const DataFolder folder(AbsolutePath(config.data));
  CARAVEL_TRY(const base::Fd lock, TakeDataFolder(folder));
  CARAVEL_TRY(const EgressRules rules, EgressRules::Parse(config.allow_egress));
  CARAVEL_TRY(const std::unique_ptr<net::EventLoop> loop,
              net::EventLoop::Create(launch.clock));
  Platform* running = nullptr;
  CARAVEL_TRY(const std::unique_ptr<Signals> signals,
              Signals::Take(*loop, [&running] {
                if (running != nullptr) running->Stop(/*at_once=*/false);
              }));
  CARAVEL_TRY(std::vector<base::Fd> api_listeners,
              ListenTcp({.host = config.api_bind,
                         .port = static_cast<uint16_t>(config.api_port)},
                        1,
                        {.option = "--api-port",
                         .kept_in = launch.api_port_kept_in,
                         .other_port = static_cast<uint16_t>(config.port)}));
  Stores stores;
  CARAVEL_TRY(stores.Open(launch, folder));
  Platform platform(launch, folder, *loop, stores, rules,
                    std::move(api_listeners));
  running = &platform;
  return platform.Run();
}

}  // namespace caravel::daemon

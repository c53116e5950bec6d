#include "daemon/admin_server.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/log_pages.h"

namespace caravel::daemon {
namespace {

// What the encoding of a report adds to that of its parts, at most.
constexpr size_t kReportOverhead = 512;

// That a report names of one Worker.
constexpr size_t kMostRoutes = 8;

using RoutesByWorker =
    std::map<registry::WorkerId, std::vector<std::string_view>>;

RoutesByWorker RoutesOf(const PublishedState& state) {
  RoutesByWorker routes;
  for (const auto& [id, zone] : state.zones()) {
    for (const registry::PublishedRoute& route : zone.routes) {
      if (route.worker) routes[*route.worker].push_back(route.pattern);
    }
  }
  return routes;
}

void AddRoute(std::string_view route, WorkerReport& report) {
  if (report.routes.size() < kMostRoutes) {
    report.routes.emplace_back(route);
  } else {
    ++report.more_routes;
  }
}

std::string UrlOf(const registry::PublishedWorker& worker, uint16_t port) {
  if (worker.hosts.empty()) return {};
  // The shortest name is the one to remember: NAME.localhost where there is
  // one.
  const std::string& host =
      *std::min_element(worker.hosts.begin(), worker.hosts.end(),
                        [](const std::string& a, const std::string& b) {
                          return a.size() < b.size();
                        });
  return fmt::format("http://{}:{}", host, port);
}

}  // namespace

void AddWorkers(const PublishedState& state, const std::string& after,
                uint16_t worker_port, StatusReport& report) {
  size_t bytes = base::Encode(report).size() + kReportOverhead;
  const auto& workers = state.workers();
  RoutesByWorker routes = RoutesOf(state);
  for (auto it = workers.upper_bound(registry::WorkerId{after});
       it != workers.end(); ++it) {
    const auto& [id, worker] = *it;
    WorkerReport added{.account = worker.account,
                       .name = worker.name,
                       .url = UrlOf(worker, worker_port),
                       .routes = {},
                       .traffic = worker.traffic};
    for (const std::string& domain : worker.domains) AddRoute(domain, added);
    for (const std::string_view pattern : routes[id]) AddRoute(pattern, added);
    bytes += base::Encode(added).size();
    if (bytes > net::kMaxPacketBytes && !report.workers.empty()) {
      report.next = std::prev(it)->first.value;
      return;
    }
    report.workers.push_back(std::move(added));
  }
}

// One conversation.
class AdminServer::Session final : private net::Channel::Handler {
 public:
  Session(AdminServer& server, uint64_t id)
      : server_(server),
        id_(id),
        logs_(
            server.parts_.logs, server.parts_.plane.stream().state(),
            [this](net::Packet packet) { channel_->Send(std::move(packet)); }) {
  }

  Status Open(base::Fd socket) {
    CARAVEL_TRY(channel_, net::Channel::Create(server_.parts_.loop,
                                               std::move(socket), *this));
    return {};
  }

  void Send(const FromAdmin& message) {
    channel_->Send(EncodeFromAdmin(message));
  }

 private:
  void OnPacket(net::Packet packet) override {
    const Result<ToAdmin> message = DecodeToAdmin(packet.bytes);
    if (!message) {
      Send(Refused{message.error().message(),
                   "the command and caraveld are of different builds: "
                   "./caravel down, then ./caravel up"});
    } else if (const auto* status = std::get_if<AskStatus>(&*message)) {
      server_.parts_.plane.RefreshTotals(
          [server = &server_, id = id_, after = status->after] {
            server->TellStatus(id, after);
          });
    } else if (const auto* stop = std::get_if<AskStop>(&*message)) {
      Send(Stopping{static_cast<uint32_t>(::getpid())});
      server_.parts_.stop(stop->at_once);
    } else if (const auto* logs = std::get_if<AskLogs>(&*message)) {
      logs_.Answer(*logs);
    } else if (const auto* find = std::get_if<FindLogs>(&*message)) {
      logs_.Answer(*find);
    } else if (const auto* cron = std::get_if<AskCronRun>(&*message)) {
      server_.RunCron(id_, *cron);
    }
  }

  void OnClosed(const Error&) override { server_.Close(id_); }

  AdminServer& server_;
  const uint64_t id_;
  std::unique_ptr<net::Channel> channel_;
  LogPages logs_;
};

Result<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& path,
                                                        Parts parts) {
  CARAVEL_TRY(base::Fd listener, net::ListenUnix(path));
  std::unique_ptr<AdminServer> server(
      new AdminServer(std::move(parts), std::move(listener)));
  CARAVEL_TRY(
      server->parts_.loop.Watch(server->listener_.get(), EPOLLIN, *server));
  return server;
}

AdminServer::AdminServer(Parts parts, base::Fd listener)
    : parts_(std::move(parts)),
      listener_(std::move(listener)),
      started_(parts_.clock.Steady()) {}

AdminServer::~AdminServer() {
  parts_.loop.Cancel(close_timer_);
  parts_.loop.Unwatch(listener_.get());
}

void AdminServer::OnEvents(uint32_t) {
  base::Fd socket(::accept4(listener_.get(), nullptr, nullptr,
                            SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.valid()) return;
  const uint64_t id = ++last_session_;
  auto session = std::make_unique<Session>(*this, id);
  Status opened = session->Open(std::move(socket));
  if (opened) {
    sessions_[id] = std::move(session);
  } else {
    parts_.log.Warning("command line not answered",
                       {{"reason", opened.error().message()}});
  }
}

void AdminServer::Close(uint64_t session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  closed_.push_back(std::move(found->second));
  sessions_.erase(found);
  parts_.loop.Cancel(close_timer_);
  close_timer_ = parts_.loop.After(std::chrono::nanoseconds(0),
                                   [this] { closed_.clear(); });
}

void AdminServer::RunCron(uint64_t session, const AskCronRun& question) {
  const auto& workers = parts_.plane.stream().state().workers();
  const auto found =
      std::ranges::find_if(workers, [&question](const auto& each) {
        return each.second.name == question.worker &&
               each.second.account.value == question.account;
      });
  if (found == workers.end()) {
    Tell(session,
         Refused{fmt::format("Worker \"{}\" is not deployed", question.worker),
                 "./caravel status lists those that are"});
    return;
  }
  parts_.plane.RunScheduled(
      found->first, question.cron, parts_.clock.Wall(),
      [this, session](const Status& ended) {
        Tell(session, CronRan{ended ? "" : ended.error().message()});
      });
}

void AdminServer::Tell(uint64_t session, const FromAdmin& message) {
  const auto found = sessions_.find(session);
  if (found != sessions_.end()) found->second->Send(message);
}

void AdminServer::TellStatus(uint64_t session, const std::string& after) {
  const auto found = sessions_.find(session);
  if (found != sessions_.end()) found->second->Send(MakeStatus(after));
}

StatusReport AdminServer::MakeStatus(const std::string& after) const {
  StatusReport report;
  report.pid = static_cast<uint32_t>(::getpid());
  report.uptime_ms = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(
          parts_.clock.Steady() - started_)
          .count());
  report.resident_bytes = ResidentBytesOf(::getpid());
  report.host_deaths = parts_.plane.supervisor().deaths();
  for (const HostPort* host : parts_.plane.supervisor().Hosts()) {
    const registry::HostStats stats = parts_.plane.totals().LastOf(host->id());
    report.hosts.push_back({.id = host->id(),
                            .pid = static_cast<uint32_t>(host->pid()),
                            .build = host->build(),
                            .serving = host->serving(),
                            .shards = stats.shards,
                            .isolates = stats.isolates,
                            .connections = stats.connections,
                            .requests = HostTotals::RequestsOf(stats),
                            .resident_bytes = ResidentBytesOf(host->pid())});
  }
  AddWorkers(parts_.plane.stream().state(), after, parts_.worker_port, report);
  return report;
}

}  // namespace caravel::daemon

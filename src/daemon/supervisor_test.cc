#include "daemon/supervisor.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>

#include "daemon/client/child_process.h"
#include "daemon/client/testing/temporary_folder.h"

namespace caravel::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What a client of the workers gets: the number of the process that answers.
int AskWhoAnswers(const TcpAddress& address) {
  const base::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in raw = {};
  raw.sin_family = AF_INET;
  raw.sin_port = htons(address.port);
  ::inet_pton(AF_INET, address.host.c_str(), &raw.sin_addr);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&raw),
                sizeof raw) != 0) {
    return -1;
  }
  char text[32] = {};
  return ::recv(socket.get(), text, sizeof text - 1, 0) > 0 ? std::atoi(text)
                                                            : 0;
}

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

class SupervisorTest : public testing::Test, public HostObserver {
 protected:
  SupervisorTest() {
    folder_.Make("run");
    folder_.Make("hosts");
    folder_.Make("lazy");
    InstallHost("good");
    for (const char* name : {"addon", "snapshot"}) folder_.Write(name, "");
  }

  ~SupervisorTest() override {
    if (supervisor_ != nullptr) StopAll();
  }

  void InstallHost(std::string_view behaviour) {
    folder_.Write("script", behaviour);
  }

  Supervisor::Options Options() {
    Supervisor::Options options;
    options.files = {.node = CARAVEL_FAKE_HOST,
                     .script = folder_.path("script"),
                     .addon = folder_.path("addon"),
                     .snapshot = folder_.path("snapshot"),
                     .lazy = folder_.path("lazy")};
    options.run_folder = folder_.path("run");
    options.hosts_folder = folder_.path("hosts");
    options.shards = 2;
    return options;
  }

  // As main does, with something published from the start.
  Status StartSupervisor(Supervisor::Options options) {
    supervisor_ = std::make_unique<Supervisor>(*loop_, clock_, log_,
                                               std::move(options), *this);
    supervisor_->AllowServing();
    std::optional<Status> settled;
    supervisor_->Start([&](Status status) { settled = std::move(status); });
    EXPECT_TRUE(Until([&] { return settled.has_value(); }));
    return std::move(*settled);
  }
  Status StartSupervisor() { return StartSupervisor(Options()); }

  // As when caraveld is killed: nothing is said to anybody.
  void KillCaraveld() {
    serving_.clear();
    joined_.clear();
    supervisor_.reset();
  }

  void StopAll() {
    bool stopped = false;
    supervisor_->Stop(seconds(10), [&] { stopped = true; });
    EXPECT_TRUE(Until([&] { return stopped; }));
    supervisor_.reset();
  }

  template <typename Condition>
  bool Until(Condition condition) {
    const auto deadline = clock_.Steady() + seconds(60);
    while (!condition()) {
      if (clock_.Steady() > deadline) return false;
      loop_->Poll(milliseconds(20));
    }
    return true;
  }

  bool UntilServingWithStandby() {
    return Until([&] { return serving_.size() == 1 && joined_.size() == 2; });
  }

  int ServingPid() { return serving_.begin()->second; }
  int StandbyPid() {
    for (const auto& [id, pid] : joined_) {
      if (!serving_.contains(id)) return pid;
    }
    return 0;
  }

  void OnHostJoined(HostPort& host, registry::Sequence applied) override {
    joined_[host.id()] = host.pid();
    applied_[host.id()] = applied;
    host.Send(registry::LoadSnapshot{registry::Sequence{7}}, {});
  }
  void OnHostServing(HostPort& host) override {
    serving_[host.id()] = host.pid();
  }
  void OnHostMessage(HostPort& host, registry::FromHost message,
                     std::vector<base::Fd>) override {
    if (const auto* applied = std::get_if<registry::Applied>(&message)) {
      applied_[host.id()] = applied->sequence;
    } else if (const auto* stuck = std::get_if<registry::StuckCall>(&message)) {
      stuck_[host.pid()].push_back(stuck->version.value);
    }
  }
  void OnHostLeft(HostPort& host, HostEnd end) override {
    ends_[host.pid()] = end;
    serving_.erase(host.id());
    joined_.erase(host.id());
    ++left_;
  }

  base::SystemClock clock_;
  base::NullLog log_;
  testing_support::TemporaryFolder folder_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  std::map<std::string, int> joined_;  // id to pid
  std::map<std::string, int> serving_;
  std::map<std::string, registry::Sequence> applied_;
  std::map<int, std::vector<std::string>> stuck_;  // versions, by pid
  std::map<int, HostEnd> ends_;                    // by pid
  int left_ = 0;
  std::unique_ptr<Supervisor> supervisor_;
};

TEST_F(SupervisorTest, StartsOneHostThatServesAndOneThatStandsBy) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  EXPECT_EQ(AskWhoAnswers(supervisor_->address()), ServingPid());
  EXPECT_EQ(supervisor_->ForRiskyWork()->pid(), StandbyPid());
}

TEST_F(SupervisorTest, SendsWhatIsPublishedBeforeTheListeners) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(Until([&] {
    return !serving_.empty() &&
           applied_[serving_.begin()->first] == registry::Sequence{7};
  }));
}

TEST_F(SupervisorTest, LetsNobodyServeBeforeSomethingIsPublished) {
  supervisor_ =
      std::make_unique<Supervisor>(*loop_, clock_, log_, Options(), *this);
  supervisor_->Start([](const Status& status) { EXPECT_TRUE(status); });
  ASSERT_TRUE(Until([&] { return joined_.size() == 1; }));
  EXPECT_TRUE(serving_.empty());
  supervisor_->AllowServing();
  EXPECT_EQ(serving_.size(), 1U);
}

TEST_F(SupervisorTest, PromotesTheStandbyWhenTheServingHostIsKilled) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  const int killed = ServingPid();
  const int standby = StandbyPid();
  ::kill(killed, SIGKILL);
  ASSERT_TRUE(Until([&] { return left_ == 1 && serving_.size() == 1; }));
  EXPECT_EQ(ServingPid(), standby);
  EXPECT_EQ(AskWhoAnswers(supervisor_->address()), standby);
  ASSERT_TRUE(UntilServingWithStandby());
  EXPECT_EQ(supervisor_->deaths(), 1U);
  EXPECT_EQ(ends_.at(killed), HostEnd::kOwn);
}

TEST_F(SupervisorTest, DrainsAHostWithAStuckCallAndHasAnotherServe) {
  InstallHost("stuck");
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(Until([&] { return serving_.size() == 1; }));
  const int stuck = ServingPid();
  ASSERT_TRUE(Until([&] {
    return left_ >= 1 && !serving_.empty() && ServingPid() != stuck;
  }));
  EXPECT_EQ(supervisor_->deaths(), 0U);
  EXPECT_EQ(ends_.at(stuck), HostEnd::kAsked);
  // The fake host has two shards and tells of three calls.
  EXPECT_THAT(stuck_[stuck], testing::ElementsAre("a", "b"));
}

TEST_F(SupervisorTest, BelievesNoStuckCallOfAHostThatRunsNoWorkers) {
  InstallHost("early");
  supervisor_ =
      std::make_unique<Supervisor>(*loop_, clock_, log_, Options(), *this);
  supervisor_->Start([](const Status& status) { EXPECT_TRUE(status); });
  ASSERT_TRUE(Until([&] { return left_ >= 1; }));
  EXPECT_TRUE(stuck_.empty());
}

TEST_F(SupervisorTest, HasNoRiskyWorkDoneByTheOnlyHost) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(Until([&] { return serving_.size() == 1; }));
  EXPECT_EQ(joined_.size(), 1U);
  EXPECT_EQ(supervisor_->ForRiskyWork(), nullptr);
  ASSERT_TRUE(UntilServingWithStandby());
  const std::string standby = supervisor_->ForRiskyWork()->id();
  ::kill(ServingPid(), SIGKILL);
  ASSERT_TRUE(Until([&] { return serving_.contains(standby); }));
  EXPECT_EQ(supervisor_->ForRiskyWork(), nullptr);
}

TEST_F(SupervisorTest, HasRiskyWorkDoneByTheOnlyHostWhereThatIsWanted) {
  Supervisor::Options options = Options();
  options.serving_takes_risks = true;
  ASSERT_TRUE(StartSupervisor(options));
  ASSERT_TRUE(Until([&] { return serving_.size() == 1; }));
  EXPECT_EQ(supervisor_->ForRiskyWork()->pid(), ServingPid());
  ASSERT_TRUE(UntilServingWithStandby());
  EXPECT_EQ(supervisor_->ForRiskyWork()->pid(), StandbyPid());
}

TEST_F(SupervisorTest, KillsTheStandbyThatIsGivenUp) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  const int serving = ServingPid();
  const int standby = StandbyPid();
  supervisor_->GiveUp(*supervisor_->ForRiskyWork(), "a test");
  EXPECT_EQ(left_, 1);
  EXPECT_EQ(ends_.at(standby), HostEnd::kAsked);
  ASSERT_TRUE(UntilServingWithStandby());
  EXPECT_EQ(ServingPid(), serving);
  EXPECT_NE(StandbyPid(), standby);
}

TEST_F(SupervisorTest, DrainsTheServingHostThatIsGivenUpOnceAnotherIsThere) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  const int standby = StandbyPid();
  supervisor_->GiveUp(*supervisor_->Find(serving_.begin()->first), "a test");
  ASSERT_TRUE(Until([&] { return left_ == 1; }));
  EXPECT_EQ(ServingPid(), standby);
  EXPECT_EQ(supervisor_->deaths(), 0U);
}

TEST_F(SupervisorTest, ServesAgainWhenBothHostsAreKilled) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  ::kill(ServingPid(), SIGKILL);
  ::kill(StandbyPid(), SIGKILL);
  ASSERT_TRUE(Until([&] { return left_ == 2; }));
  ASSERT_TRUE(UntilServingWithStandby());
  EXPECT_EQ(AskWhoAnswers(supervisor_->address()), ServingPid());
}

TEST_F(SupervisorTest, RejoinsHostsThatOutlivedIt) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  const TcpAddress address = supervisor_->address();
  const int serving = ServingPid();
  const int standby = StandbyPid();
  KillCaraveld();

  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  EXPECT_EQ(supervisor_->address(), address);
  EXPECT_EQ(ServingPid(), serving);
  EXPECT_EQ(StandbyPid(), standby);
  EXPECT_EQ(AskWhoAnswers(address), serving);
}

TEST_F(SupervisorTest, TakesTheListenersBackSoThatTheyOutliveTheHost) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  const TcpAddress address = supervisor_->address();
  KillCaraveld();
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  const int standby = StandbyPid();
  ::kill(ServingPid(), SIGKILL);
  ASSERT_TRUE(Until([&] { return left_ == 1 && serving_.size() == 1; }));
  EXPECT_EQ(AskWhoAnswers(address), standby);
}

TEST_F(SupervisorTest, ServesAnewWhenTheHostDiedWhileItWasAway) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  const int serving = ServingPid();
  const int standby = StandbyPid();
  KillCaraveld();
  ::kill(serving, SIGKILL);

  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  EXPECT_EQ(ServingPid(), standby);
  EXPECT_EQ(AskWhoAnswers(supervisor_->address()), standby);
}

TEST_F(SupervisorTest, ReplacesHostsOfAnotherInstallation) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  const int serving = ServingPid();
  const TcpAddress address = supervisor_->address();
  KillCaraveld();
  folder_.Write("addon", "another build");

  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(Until([&] { return left_ == 2; }));
  ASSERT_TRUE(UntilServingWithStandby());
  EXPECT_NE(ServingPid(), serving);
  EXPECT_EQ(supervisor_->address(), address);
  EXPECT_EQ(AskWhoAnswers(address), ServingPid());
}

TEST_F(SupervisorTest, IgnoresARecordOfAProcessThatIsAnotherNow) {
  HostRecord record;
  record.id = "old";
  record.pid = ::getpid();
  record.start_time = 1;
  record.socket = folder_.path("run/host-old.sock");
  record.folder = folder_.path("hosts/old");
  ASSERT_TRUE(SaveHostRecords(folder_.path("run/hosts.json"), {record}));
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
}

TEST_F(SupervisorTest, StartsWithADamagedStateFile) {
  folder_.Write("run/hosts.json", "{\"hosts\":[{\"id\":");
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
}

TEST_F(SupervisorTest, KillsAHostThatDoesNotKnowItsKey) {
  InstallHost("wrong-key");
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(Until([&] { return supervisor_->deaths() == 1; }));
  EXPECT_TRUE(joined_.empty());
}

TEST_F(SupervisorTest, KillsAHostThatSendsNonsense) {
  InstallHost("babbles");
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(Until([&] { return supervisor_->deaths() >= 1; }));
  EXPECT_GE(left_, 1);
}

TEST_F(SupervisorTest, KillsAHostThatDoesNotBootInTime) {
  InstallHost("silent");
  Supervisor::Options options = Options();
  options.boot_limit = milliseconds(50);
  ASSERT_TRUE(StartSupervisor(options));
  ASSERT_TRUE(Until([&] { return supervisor_->deaths() == 1; }));
}

TEST_F(SupervisorTest, RecoversOnceHostsBootAgain) {
  InstallHost("dies");
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(Until([&] { return supervisor_->deaths() == 2; }));
  InstallHost("good");
  ASSERT_TRUE(UntilServingWithStandby());
}

TEST_F(SupervisorTest, NamesThePortThatIsInUseAndWhoHasIt) {
  const auto taken = ListenTcp({.host = "127.0.0.1", .port = 0}, 1, {"--x"});
  ASSERT_TRUE(taken);
  Supervisor::Options options = Options();
  options.address = ListeningAddress(taken->front()).value();
  const Status status = StartSupervisor(options);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message(),
            fmt::format("port {}: in use by process {} (daemon_test)",
                        options.address.port, ::getpid()));
  EXPECT_THAT(status.error().remedy(), testing::HasSubstr("--port N"));
}

TEST_F(SupervisorTest, SaysWhatIsMissingFromTheInstallation) {
  Supervisor::Options options = Options();
  options.files.addon = folder_.path("nowhere");
  const Status status = StartSupervisor(options);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().ToText(),
              testing::AllOf(testing::HasSubstr("nowhere"),
                             testing::HasSubstr("./caravel build")));
}

TEST_F(SupervisorTest, LeavesNoProcessAndNoSocketBehindWhenStopped) {
  ASSERT_TRUE(StartSupervisor());
  ASSERT_TRUE(UntilServingWithStandby());
  const int serving = ServingPid();
  const int standby = StandbyPid();
  StopAll();
  EXPECT_EQ(ends_.at(serving), HostEnd::kAsked);
  EXPECT_EQ(ends_.at(standby), HostEnd::kAsked);
  EXPECT_FALSE(ProcessStartTime(serving));
  EXPECT_FALSE(ProcessStartTime(standby));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path("hosts")));
  EXPECT_EQ(FilesIn(folder_.path("run")),
            std::vector<std::string>{"hosts.json"});
}

}  // namespace
}  // namespace caravel::daemon

#include "host/link.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>

#include "base/codec.h"
#include "base/mutex.h"
#include "base/random.h"

namespace caravel::host {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::seconds kPatient{10};

// The host's parts, as far as the link asks them; counts what it was told.
class FakeParts final : public Link::Delegate {
 public:
  void OnListen(std::vector<base::Fd>) override {}
  void OnSnapshot(registry::Snapshot) override {}
  void OnChange(registry::Change) override {}
  void OnCheck(registry::CheckBundle, base::Fd) override {}
  void OnDrain(std::chrono::milliseconds) override {}
  void OnAskStats(uint64_t request) override { asked = request; }
  void OnHold(std::vector<registry::VersionId>) override {}
  void OnTail(std::vector<registry::WorkerId> workers) override {
    const base::MutexLock lock(mutex_);
    tailed_ = std::move(workers);
  }
  void OnRunScheduled(registry::RunScheduled) override {}
  registry::Sequence AppliedSequence() override { return {7}; }
  std::vector<base::Fd> DuplicateListeners() override { return {}; }

  std::vector<registry::WorkerId> tailed() {
    const base::MutexLock lock(mutex_);
    return tailed_;
  }

  std::atomic<uint64_t> asked{0};

 private:
  base::Mutex mutex_;
  std::vector<registry::WorkerId> tailed_ CARAVEL_GUARDED_BY(mutex_);
};

// Keeps the lines, each with the reason that it gives.
class KeptLog final : public base::Log {
 public:
  void Write(base::LogLevel level, std::string_view event,
             Values values) override {
    const base::MutexLock lock(mutex_);
    text_ +=
        base::FormatLogLine(base::LogFormat::kText, {}, level, event, values);
    text_ += '\n';
  }
  std::string text() {
    const base::MutexLock lock(mutex_);
    return text_;
  }

 private:
  base::Mutex mutex_;
  std::string text_ CARAVEL_GUARDED_BY(mutex_);
};

// Somebody who dials the host, on the test's own loop.
class Peer final : private net::Channel::Handler {
 public:
  Peer(net::EventLoop& loop, const std::string& path)
      : loop_(loop),
        channel_(
            net::Channel::Create(loop, net::ConnectUnix(path).value(), *this)
                .value()) {}

  void Say(const registry::ToHost& message, std::vector<base::Fd> fds = {}) {
    channel_->Send(registry::EncodeToHost(message, std::move(fds)));
  }
  void SayHello(const std::string& key) { Say(registry::DaemonHello{key}); }

  // The next message of the host that is a T; others are skipped.
  template <typename T>
  T Next() {
    while (true) {
      while (messages_.empty() && !closed_) loop_.Poll(kPatient);
      if (messages_.empty()) {
        ADD_FAILURE() << "the host hung up";
        return {};
      }
      registry::FromHost message = std::move(messages_.front());
      messages_.erase(messages_.begin());
      if (T* wanted = std::get_if<T>(&message)) return std::move(*wanted);
    }
  }
  void WaitUntilClosed() {
    while (!closed_) loop_.Poll(kPatient);
  }
  const std::vector<base::Fd>& fds() const { return fds_; }
  bool closed() const { return closed_; }

 private:
  void OnPacket(net::Packet packet) override {
    messages_.push_back(registry::DecodeFromHost(packet.bytes).value());
    for (base::Fd& fd : packet.fds) fds_.push_back(std::move(fd));
  }
  void OnClosed(const Error&) override { closed_ = true; }

  net::EventLoop& loop_;
  std::vector<registry::FromHost> messages_;
  std::vector<base::Fd> fds_;  // of all messages
  bool closed_ = false;
  std::unique_ptr<net::Channel> channel_;
};

class LinkTest : public ::testing::Test {
 protected:
  LinkTest() {
    std::filesystem::create_directories(folder_);
    link_ = Link::Start(net::ListenUnix(path_).value(),
                        {.key = "the key", .build = "a build"}, clock_, log_,
                        kv_cache_, parts_)
                .value();
    link_->Open();
  }
  ~LinkTest() override {
    link_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<Peer> Dial() { return std::make_unique<Peer>(*loop_, path_); }
  // caraveld, joined.
  std::unique_ptr<Peer> Join() {
    std::unique_ptr<Peer> daemon = Dial();
    daemon->SayHello("the key");
    EXPECT_EQ(daemon->Next<registry::HostHello>().key, "the key");
    return daemon;
  }
  // What caraveld says is heard, and what the host says reaches it.
  void ExpectJoined(Peer& daemon) {
    static uint64_t number = 0;
    daemon.Say(registry::AskStats{++number});
    link_->OpenBundle({"worker"}, {"version"}, [](auto) {});
    EXPECT_EQ(daemon.Next<registry::OpenBundle>().worker.value, "worker");
    while (parts_.asked != number) std::this_thread::yield();
  }

  static registry::LogEvent Event(std::string url) {
    registry::LogEvent event;
    event.url = std::move(url);
    return event;
  }

  const std::string folder_ =
      std::filesystem::temp_directory_path() / ("link" + base::RandomHex(8));
  const std::string path_ = folder_ + "/socket";
  base::SystemClock clock_;
  KvCache kv_cache_{clock_};
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  KeptLog log_;
  FakeParts parts_;
  std::unique_ptr<Link> link_;
};

TEST_F(LinkTest, AnswersTheHelloOfWhoKnowsTheKey) {
  const std::unique_ptr<Peer> daemon = Dial();
  daemon->SayHello("the key");
  const registry::HostHello hello = daemon->Next<registry::HostHello>();
  EXPECT_EQ(hello.key, "the key");
  EXPECT_EQ(hello.build, "a build");
  EXPECT_EQ(hello.sequence, registry::Sequence{7});
  ExpectJoined(*daemon);
}

TEST_F(LinkTest, KeepsCaraveldWhenSomebodyDialsWithoutTheKey) {
  const std::unique_ptr<Peer> daemon = Join();
  const std::unique_ptr<Peer> silent = Dial();
  const std::unique_ptr<Peer> stranger = Dial();
  stranger->SayHello("another key");
  stranger->WaitUntilClosed();
  EXPECT_THAT(log_.text(), HasSubstr("it does not know the key"));
  ExpectJoined(*daemon);
  EXPECT_FALSE(daemon->closed());
}

TEST_F(LinkTest, HearsNothingOfACandidateButItsHello) {
  const std::unique_ptr<Peer> stranger = Dial();
  stranger->Say(registry::AskStats{99});
  stranger->WaitUntilClosed();
  EXPECT_EQ(parts_.asked, 0U);
  EXPECT_THAT(log_.text(), HasSubstr("it began without a hello"));
}

TEST_F(LinkTest, GivesCaraveldsPlaceToTheLatestThatProvesTheKey) {
  const std::unique_ptr<Peer> daemon = Join();
  const std::unique_ptr<Peer> next = Join();
  daemon->WaitUntilClosed();
  ExpectJoined(*next);
}

TEST_F(LinkTest, KeepsFewCandidatesAndTheLatest) {
  std::vector<std::unique_ptr<Peer>> silent;
  for (size_t i = 0; i <= Door::kMaxCandidates; ++i) silent.push_back(Dial());
  silent.front()->WaitUntilClosed();
  silent.back()->SayHello("the key");
  EXPECT_EQ(silent.back()->Next<registry::HostHello>().build, "a build");
  for (size_t i = 1; i < Door::kMaxCandidates; ++i) {
    EXPECT_FALSE(silent[i]->closed()) << i;
  }
}

TEST_F(LinkTest, TellsANewCaraveldWhatWasAskedAndLoggedWhileNoneWasThere) {
  link_->OpenBundle({"worker"}, {"version"}, [](auto) {});
  link_->ReportEvent({"account"}, Event("while away"));
  const std::unique_ptr<Peer> daemon = Join();
  EXPECT_EQ(daemon->Next<registry::OpenBundle>().version.value, "version");
  EXPECT_EQ(daemon->Next<registry::LogEvents>().events.at(0).url, "while away");
}

TEST_F(LinkTest, TakesAListOfTailedWorkersOfAnyLengthAndSaysSo) {
  constexpr int kMany = 100'000;
  std::vector<registry::WorkerId> workers;
  for (int i = 0; i < kMany; ++i) workers.push_back({fmt::format("{:032}", i)});
  std::vector<base::Fd> file;
  file.push_back(
      base::SealedMemoryFile("tailed", base::Encode(workers)).value());
  const std::unique_ptr<Peer> daemon = Join();
  daemon->Say(registry::TailWorkers{7}, std::move(file));
  EXPECT_EQ(daemon->Next<registry::TailTaken>().number, 7U);
  EXPECT_EQ(parts_.tailed(), workers);
}

TEST_F(LinkTest, CallsNobodyBackOnceItIsStopped) {
  const std::unique_ptr<Peer> daemon = Join();
  bool called = false;
  link_->OpenBundle({"worker"}, {"version"},
                    [&called](auto) { called = true; });
  const auto question = daemon->Next<registry::OpenBundle>();
  link_->Stop();
  daemon->Say(registry::AskStats{99});
  daemon->Say(registry::BundleOpened{
      .request = question.request, .error = "none", .has_code_cache = false});
  link_->Report(registry::Applied{});  // lost
  link_.reset();
  EXPECT_EQ(parts_.asked, 0U);
  EXPECT_FALSE(called);
}

TEST_F(LinkTest, RefusesNamesThatFitNoPacket) {
  const std::unique_ptr<Peer> daemon = Join();
  const std::string name(net::kMaxPacketBytes, 'x');
  std::promise<std::string> connecting;
  link_->Connect({"worker"}, name, 80, [&connecting](Result<base::Fd> found) {
    connecting.set_value(found.error().message());
  });
  std::promise<std::string> asking;
  link_->Resolve({.request = 0,
                  .worker = {"worker"},
                  .asks = registry::NameQuestion::kAddresses,
                  .name = name,
                  .number = 0},
                 [&asking](Result<std::string> found) {
                   asking.set_value(found.error().message());
                 });
  EXPECT_EQ(connecting.get_future().get(),
            "the host's name has 65536 bytes: connect to one of at most 1024");
  EXPECT_EQ(asking.get_future().get(), "EAI_NONAME");
  ExpectJoined(*daemon);
}

TEST_F(LinkTest, BringsTheAnswerToAQuestionOrWhyThereIsNone) {
  const std::unique_ptr<Peer> daemon = Join();
  for (const std::string error : {"", "ENOTFOUND"}) {
    std::promise<std::string> told;
    link_->Resolve({.request = 0,
                    .worker = {"worker"},
                    .asks = registry::NameQuestion::kRecords,
                    .name = "a.example",
                    .number = 15},
                   [&told](Result<std::string> found) {
                     told.set_value(found ? *found : found.error().message());
                   });
    const auto question = daemon->Next<registry::ResolveName>();
    EXPECT_EQ(question.worker.value, "worker");
    EXPECT_EQ(question.name, "a.example");
    EXPECT_EQ(question.number, 15);
    daemon->Say(registry::NameResolved{question.request, error, "the answer"});
    std::future<std::string> answer = told.get_future();
    while (answer.wait_for(std::chrono::milliseconds(1)) !=
           std::future_status::ready) {
      loop_->Poll(std::chrono::nanoseconds(0));
    }
    EXPECT_EQ(answer.get(), error.empty() ? "the answer" : error);
  }
}

TEST_F(LinkTest, SendsAnEventThatFitsIntoNoPacketAsADescriptor) {
  const std::unique_ptr<Peer> daemon = Join();
  const std::string large(net::kMaxPacketBytes, 'x');
  link_->ReportEvent({"account"}, Event(large));
  EXPECT_TRUE(daemon->Next<registry::LogEvents>().events.empty());
  ASSERT_EQ(daemon->fds().size(), 1U);
  const std::string bytes =
      base::ReadWholeFile(daemon->fds()[0], registry::kMaxLogEventBytes)
          .value();
  EXPECT_EQ(base::Decode<registry::LogEvent>(bytes).value().url, large);
}

TEST_F(LinkTest, DropsEventsAndNotCaraveldWhenThatDoesNotRead) {
  const std::unique_ptr<Peer> daemon = Join();
  constexpr uint64_t kEvents = 400;  // 16 MB: twice what a channel may hold
  for (uint64_t i = 0; i < kEvents; ++i) {
    link_->ReportEvent({"account"}, Event(std::string(40'000, 'x')));
  }
  uint64_t told = 0;
  uint64_t dropped = 0;
  while (told + dropped < kEvents) {
    const auto events = daemon->Next<registry::LogEvents>();
    told += static_cast<uint64_t>(std::count_if(
        events.events.begin(), events.events.end(), [](const auto& event) {
          return event.outcome != HeldEvents::kDroppedOutcome;
        }));
    dropped += events.dropped;
    ASSERT_FALSE(daemon->closed());
  }
  EXPECT_EQ(told + dropped, kEvents);
  EXPECT_GT(told, 0U);
  EXPECT_GT(dropped, 0U);
  ExpectJoined(*daemon);
}

TEST_F(LinkTest, FinishSendsTheEventsThatAreHeldBeforeItHangsUp) {
  const std::unique_ptr<Peer> daemon = Join();
  std::atomic<bool> finished{false};
  link_->ReportEvent({"account"}, Event("last words"));
  link_->Finish(kPatient, [&] { finished = true; });
  EXPECT_EQ(daemon->Next<registry::LogEvents>().events.at(0).url, "last words");
  daemon->WaitUntilClosed();
  while (!finished) std::this_thread::yield();
}

TEST_F(LinkTest, TellsSoonThatAnEventWasTooLargeToBeSent) {
  const std::unique_ptr<Peer> daemon = Join();
  link_->ReportEvent({"account"},
                     Event(std::string(registry::kMaxLogEventBytes, 'x')));
  registry::LogEvents events;
  while (events.events.empty()) events = daemon->Next<registry::LogEvents>();
  EXPECT_EQ(events.dropped, 1U);
  EXPECT_EQ(events.events.at(0).outcome, HeldEvents::kDroppedOutcome);
}

TEST_F(LinkTest, FinishTellsThatAnEventWasTooLargeToBeSent) {
  const std::unique_ptr<Peer> daemon = Join();
  link_->ReportEvent({"account"},
                     Event(std::string(registry::kMaxLogEventBytes, 'x')));
  link_->Finish(kPatient, [] {});
  registry::LogEvents events;
  while (events.events.empty() && !daemon->closed()) {
    events = daemon->Next<registry::LogEvents>();
  }
  ASSERT_FALSE(events.events.empty());
  EXPECT_EQ(events.events.at(0).outcome, HeldEvents::kDroppedOutcome);
  daemon->WaitUntilClosed();
}

TEST_F(LinkTest, FinishWaitsForACaraveldThatIsAway) {
  std::atomic<bool> finished{false};
  link_->ReportEvent({"account"}, Event("last words"));
  link_->Finish(kPatient, [&] { finished = true; });
  const std::unique_ptr<Peer> daemon = Join();
  EXPECT_EQ(daemon->Next<registry::LogEvents>().events.at(0).url, "last words");
  daemon->WaitUntilClosed();
  while (!finished) std::this_thread::yield();
}

TEST_F(LinkTest, FinishDoesNotWaitLongerThanItMay) {
  std::atomic<bool> finished{false};
  link_->Finish(std::chrono::milliseconds(1), [&] { finished = true; });
  while (!finished) std::this_thread::yield();
}

}  // namespace
}  // namespace caravel::host

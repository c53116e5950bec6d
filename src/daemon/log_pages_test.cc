#include "daemon/log_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "daemon/client/testing/temporary_folder.h"
#include "daemon/testing/published_values.h"

namespace caravel::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LogPagesTest : public testing::Test {
 protected:
  void SetUp() override {
    state_.Apply(ChangeTo(1, "shop", "v1"));
    state_.Apply(ChangeTo(2, "mail", "v1"));
    pages_.emplace(*store_, state_, [this](net::Packet packet) {
      waiting_bytes_ += packet.bytes.size();
      EXPECT_LE(waiting_bytes_, net::kMaxChannelBacklog);
      FromAdmin message = DecodeFromAdmin(packet.bytes).value();
      if (auto* entry = std::get_if<LogEntry>(&message)) {
        told_.push_back(entry->json.empty() ? entry->event.url : entry->json);
        last_ = entry->position;
      } else if (auto* sent = std::get_if<LogsSent>(&message)) {
        end_ = *sent;
      } else if (auto* found = std::get_if<LogsFound>(&message)) {
        found_ = *found;
      } else {
        refused_ = std::get<Refused>(message).message;
      }
    });
  }

  void Log(const std::string& worker, const std::string& url) {
    registry::LogEvent event;
    event.worker.value = worker;
    event.url = url;  // without a request's id, as what tells of lost events
    store_->Append(event);
  }

  // As who asks for the last `count` goes about it.
  void AskLast(FindLogs question) {
    uint32_t found = 0;
    do {
      question.count -= std::exchange(found, 0);
      pages_->Answer(question);
      if (!found_) return;
      found = found_->count;
      question.before = found_->before;
    } while (found_->more);
    AskLogs ask{.worker = question.worker,
                .account = question.account,
                .after = found_->after,
                .query = question.query};
    do {
      pages_->Answer(ask);
      ask.after = end_->end;
    } while (end_->more);
  }

  // What came since the last time.
  std::vector<std::string> Take() {
    end_.reset();
    waiting_bytes_ = 0;
    return std::exchange(told_, {});
  }

  testing_support::TemporaryFolder folder_;
  base::FakeClock clock_{std::chrono::system_clock::now()};
  base::NullLog log_;
  const std::unique_ptr<LogStore> store_ =
      LogStore::Open(folder_.path(), {}, clock_, log_).value();
  PublishedState state_;
  std::optional<LogPages> pages_;
  std::vector<std::string> told_;
  std::optional<LogsSent> end_;
  std::optional<LogsFound> found_;
  std::string refused_;
  uint64_t last_ = 0;
  size_t waiting_bytes_ = 0;
};

TEST_F(LogPagesTest, GiveTheLastOfOneWorker) {
  for (const char* url : {"/1", "/2", "/3"}) Log("shop", url);
  Log("mail", "/4");
  AskLast({.worker = "shop", .count = 2});
  ASSERT_TRUE(end_);
  EXPECT_FALSE(end_->more);
  EXPECT_THAT(Take(), ElementsAre("/2", "/3"));
  AskLast({.worker = "shop", .count = 5});
  EXPECT_THAT(Take(), ElementsAre("/1", "/2", "/3"));
  AskLast({.worker = "", .count = 0});
  EXPECT_TRUE(Take().empty());
}

TEST_F(LogPagesTest, AreOfOneAccountWhereOneIsNamed) {
  registry::PublishedWorker twin = WorkerAt("twin", "v1");
  twin.name = "shop";
  twin.account.value = "acme";
  state_.Apply({registry::Sequence{3}, twin.id, twin});
  Log("shop", "/1");
  Log("twin", "/2");
  AskLast({.worker = "shop"});
  EXPECT_THAT(Take(), ElementsAre("/1", "/2"));
  AskLast({.worker = "shop", .account = "acme"});
  EXPECT_THAT(Take(), ElementsAre("/2"));
  AskLast({.worker = "", .account = "acme"});
  EXPECT_THAT(Take(), ElementsAre("/2"));
  AskLast({.worker = "", .account = "empty"});
  EXPECT_TRUE(Take().empty());
  EXPECT_EQ(refused_, "");
  AskLast({.worker = "mail", .account = "acme"});
  EXPECT_EQ(refused_, "Worker \"mail\" is not deployed");
}

TEST_F(LogPagesTest, WhatIsWaitedForIsOfTheAccountToo) {
  registry::PublishedWorker twin = WorkerAt("twin", "v1");
  twin.name = "shop";
  twin.account.value = "acme";
  state_.Apply({registry::Sequence{3}, twin.id, twin});
  pages_->Answer(AskLogs{.worker = "shop", .account = "acme", .wait = true});
  Log("shop", "/1");
  Log("gone", "/2");
  EXPECT_FALSE(end_);
  Log("twin", "/3");
  EXPECT_TRUE(end_);
  EXPECT_THAT(Take(), ElementsAre("/3"));
}

TEST_F(LogPagesTest, GiveTheLastThatMeetTheConditionsThoughTheyLieFarBack) {
  constexpr size_t kEvents = 100;
  const std::string path(32 << 10, 'x');
  for (size_t i = 0; i < kEvents; ++i) {
    Log("shop", fmt::format("/{}{}", i % 30 == 0 ? "wanted" : "other", path));
  }
  AskLast({.worker = "", .count = 3, .query = {.text = "/wanted"}});
  EXPECT_EQ(Take().size(), 3U);
  AskLast({.worker = "", .count = 9, .query = {.text = "/wanted"}});
  EXPECT_EQ(Take().size(), 4U);
}

TEST_F(LogPagesTest, WaitForAnEventThatMeetsTheConditions) {
  pages_->Answer(
      AskLogs{.worker = "", .wait = true, .query = {.text = "wanted"}});
  Log("shop", "/other");
  EXPECT_FALSE(end_) << "answered without an event";
  Log("shop", "/wanted");
  EXPECT_THAT(Take(), ElementsAre("/wanted"));
}

TEST_F(LogPagesTest, GiveJsonThatFitsIntoAPacketAndSaysWhatWasCut) {
  registry::LogEvent event;
  event.worker.value = "shop";
  event.request_id = "00000000000000ff";
  store_->Append(event);
  pages_->Answer(AskLogs{.worker = "", .json = true});
  EXPECT_THAT(Take(), ElementsAre(AllOf(HasSubstr(R"("requestId":"00000000)"),
                                        HasSubstr(R"("truncated":false)"))));
  // JSON writes each of them with six characters.
  for (int i = 0; i < 20; ++i) {
    event.exceptions.push_back({"Error", std::string(900, '\x01'), ""});
    event.logs.push_back({"log", std::string(3000, '\x01'), 0});
  }
  store_->Append(event);
  pages_->Answer(AskLogs{.worker = "", .after = end_->end, .json = true});
  EXPECT_THAT(Take(), ElementsAre(HasSubstr(R"("truncated":true)")));
}

TEST_F(LogPagesTest, GoOnWhereTheReaderIsSoThatMuchIsNeverHeldAtOnce) {
  constexpr size_t kEvents = 1'000;
  const std::string path(32 << 10, 'x');
  for (size_t i = 0; i < kEvents; ++i) {
    Log("shop", fmt::format("/{:03}{}", i, path));
  }
  std::vector<std::string> all;
  AskLogs question{.worker = ""};
  for (bool more = true; more;) {
    pages_->Answer(question);
    ASSERT_TRUE(end_);
    question.after = end_->end;
    more = end_->more;
    std::ranges::move(Take(), std::back_inserter(all));
  }
  ASSERT_EQ(all.size(), kEvents);
  EXPECT_TRUE(std::ranges::is_sorted(all));
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

TEST_F(LogPagesTest, TakeUpBehindAnyEntryAlsoOneWithoutARequest) {
  for (const char* url : {"/1", "/2"}) Log("shop", url);
  pages_->Answer(AskLogs{});
  Take();
  const uint64_t seen = last_;
  Log("shop", "/3");
  pages_->Answer(AskLogs{.worker = "", .after = seen});
  EXPECT_THAT(Take(), ElementsAre("/3"));
}

TEST_F(LogPagesTest, WaitForAnEventOfThatWorker) {
  pages_->Answer(AskLogs{.worker = "shop", .wait = true});
  Log("mail", "/other");
  EXPECT_FALSE(end_) << "answered without an event";
  Log("shop", "/mine");
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->end, last_);
  EXPECT_THAT(Take(), ElementsAre("/mine"));
  Log("shop", "/later");
  EXPECT_TRUE(Take().empty()) << "nobody asked";
}

TEST_F(LogPagesTest, WaitForTheVeryFirstEventsHoweverFewOldOnesWereAskedFor) {
  AskLast({.worker = "", .count = 0});
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->end, 0U);
  pages_->Answer(AskLogs{.worker = "", .after = end_->end, .wait = true});
  Log("shop", "/first");
  EXPECT_THAT(Take(), ElementsAre("/first"));
}

TEST_F(LogPagesTest, ShowWhatHappensThoughItCannotBeKept) {
  Log("shop", "/kept");
  pages_->Answer(AskLogs{});
  const uint64_t seen = end_->end;
  Take();
  pages_->Answer(AskLogs{.worker = "", .after = seen, .wait = true});
  Log("shop", std::string(registry::kMaxLogEventBytes + 1, 'x'));
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->end, seen);
  EXPECT_EQ(end_->dropped, 1U);
  EXPECT_EQ(Take().size(), 1U);
}

TEST_F(LogPagesTest, RefuseAWorkerThatIsNotDeployed) {
  pages_->Answer(AskLogs{.worker = "none"});
  EXPECT_EQ(refused_, "Worker \"none\" is not deployed");
}

// A Worker chooses what its bindings call, and a client what it calls.
TEST(LogJsonPacketTest, LongNamesFitToo) {
  registry::LogEvent event;
  event.kind = "rpc";
  event.entrypoint.assign(12'000, '\x01');
  event.rpc_method.assign(12'000, '\x02');
  event.cron.assign(12'000, '\x03');
  const net::Packet packet = LogJsonPacket("shop", std::move(event), 1);
  EXPECT_LE(packet.bytes.size(), net::kMaxPacketBytes);
  const auto entry = std::get<LogEntry>(DecodeFromAdmin(packet.bytes).value());
  EXPECT_THAT(entry.json, HasSubstr(R"("truncated":true)"));
}

LogEntry Packed(registry::LogEvent event) {
  const net::Packet packet = LogEntryPacket("shop", std::move(event), 1);
  EXPECT_LE(packet.bytes.size(), net::kMaxPacketBytes);
  return std::get<LogEntry>(DecodeFromAdmin(packet.bytes).value());
}

TEST(LogEntryPacketTest, OfManyLinesTheFirstAreShownAndAllExceptions) {
  registry::LogEvent event;
  for (int i = 0; i < 2000; ++i) {
    event.logs.push_back({"log", fmt::format(R"(["line {:0>100}"])", i), 0});
  }
  event.exceptions = {{"Error", "the reason", "at index.js:1"}};
  const LogEntry entry = Packed(event);
  EXPECT_EQ(entry.event.exceptions[0].stack, "at index.js:1");
  ASSERT_GT(entry.event.logs.size(), 300U);
  EXPECT_EQ(entry.event.logs[299].message, event.logs[299].message);
  EXPECT_THAT(
      entry.event.logs.back().message,
      testing::HasSubstr(fmt::format(
          "{} more lines", event.logs.size() - entry.event.logs.size() + 1)));
}

TEST(LogEntryPacketTest, LongTextsAreCutBehindACharacter) {
  registry::LogEvent event;
  event.url.assign(100'000, 'u');
  std::string text = "[\"";
  while (text.size() < 100'000) text += "\u00e9";
  event.logs = {{"log", text + "\"]", 0}, {"error", R"(["short"])", 0}};
  for (int i = 0; i < 20; ++i) event.exceptions.push_back({text, text, text});
  const LogEntry entry = Packed(event);
  ASSERT_EQ(entry.event.logs.size(), 3U);
  EXPECT_THAT(entry.event.logs[0].message,
              testing::EndsWith("\u00e9… (100002 bytes)"));
  EXPECT_EQ(entry.event.logs[1].message, R"(["short"])");
  EXPECT_EQ(entry.event.exceptions.size(), 8U);
  EXPECT_THAT(entry.event.logs[2].message,
              testing::HasSubstr("12 more exceptions are left out"));
}

// A host that a tenant has got hold of may say anything.
TEST(LogEntryPacketTest, NoTextOfAnEventMakesThePacketTooLarge) {
  const std::string long_text(200'000, 'x');
  registry::LogEvent event;
  event.worker.value = event.version.value = long_text;
  event.method = event.outcome = event.request_id = long_text;
  event.logs = {{long_text, long_text, 0}};
  event.exceptions = {{long_text, long_text, long_text}};
  const LogEntry entry = Packed(event);
  EXPECT_THAT(entry.event.method, testing::EndsWith("… (200000 bytes)"));
  EXPECT_THAT(entry.event.outcome, testing::EndsWith("… (200000 bytes)"));
  EXPECT_THAT(entry.event.request_id, testing::EndsWith("… (200000 bytes)"));
}

}  // namespace
}  // namespace caravel::daemon

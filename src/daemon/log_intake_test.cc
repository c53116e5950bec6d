#include "daemon/log_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace caravel::daemon {
namespace {

using testing::ElementsAre;

// Remembers the addresses of the events.
class FakeSink final : public LogSink {
 public:
  void Append(const registry::LogEvent& event) override {
    kept.push_back(event.url);
  }
  void CountDropped(uint64_t events) override { dropped += events; }

  std::vector<std::string> kept;
  uint64_t dropped = 0;
};

registry::LogEvent EventOf(const std::string& url) {
  registry::LogEvent event;
  event.url = url;
  return event;
}

std::vector<base::Fd> FilesOf(const std::vector<std::string>& contents) {
  std::vector<base::Fd> files;
  for (const std::string& content : contents) {
    files.push_back(base::SealedMemoryFile("event", content).value());
  }
  return files;
}

TEST(LogIntakeTest, KeepsTheEventsOfAPacketAndCountsWhatTheHostLost) {
  FakeSink sink;
  TakeLogEvents({.events = {EventOf("/a"), EventOf("/b")}, .dropped = 7}, {},
                sink);
  EXPECT_THAT(sink.kept, ElementsAre("/a", "/b"));
  EXPECT_EQ(sink.dropped, 7U);
}

TEST(LogIntakeTest, KeepsTheLargeEventOfADescriptor) {
  FakeSink sink;
  TakeLogEvents({}, FilesOf({base::Encode(EventOf("/large"))}), sink);
  EXPECT_THAT(sink.kept, ElementsAre("/large"));
  EXPECT_EQ(sink.dropped, 0U);
}

TEST(LogIntakeTest, LooksAtOneDescriptorHoweverManyAHostSends) {
  FakeSink sink;
  TakeLogEvents({},
                FilesOf({base::Encode(EventOf("/first")),
                         base::Encode(EventOf("/second")), "no event"}),
                sink);
  EXPECT_THAT(sink.kept, ElementsAre("/first"));
  EXPECT_EQ(sink.dropped, 0U);
}

TEST(LogIntakeTest, CountsAnEventThatCannotBeReadAsDropped) {
  FakeSink sink;
  TakeLogEvents({}, FilesOf({"no event"}), sink);
  TakeLogEvents(
      {}, FilesOf({std::string(registry::kMaxLogEventBytes + 1, 'x')}), sink);
  EXPECT_TRUE(sink.kept.empty());
  EXPECT_EQ(sink.dropped, 2U);
}

// What a host that was taken over could make of an event, each in its own way.
struct Forgery {
  const char* what;
  void (*forge)(registry::LogEvent& event);
};

class ForgedEventTest : public testing::TestWithParam<Forgery> {};

TEST_P(ForgedEventTest, IsDroppedAndCountedInAPacketAndInADescriptor) {
  SCOPED_TRACE(GetParam().what);
  registry::LogEvent forged = EventOf("http://host/");
  forged.logs.push_back({"log", "[]", 1});
  forged.exceptions.push_back({"Error", "why", "", 1});
  FakeSink before;
  TakeLogEvents({.events = {forged}}, {}, before);
  ASSERT_EQ(before.dropped, 0U);

  GetParam().forge(forged);
  FakeSink sink;
  TakeLogEvents({.events = {forged, EventOf("/after")}},
                FilesOf({base::Encode(forged)}), sink);
  EXPECT_THAT(sink.kept, ElementsAre("/after"));
  EXPECT_EQ(sink.dropped, 2U);
}

constexpr double kNever = std::numeric_limits<double>::quiet_NaN();

INSTANTIATE_TEST_SUITE_P(
    Hosts, ForgedEventTest,
    testing::Values(
        Forgery{"a Worker that is no name",
                [](auto& event) { event.worker.value = "../secret.key"; }},
        Forgery{"a version without end",
                [](auto& event) { event.version.value.assign(1000, 'v'); }},
        Forgery{"a reference of two lines",
                [](auto& event) { event.request_id = "a\nb"; }},
        Forgery{"an outcome that writes to a terminal",
                [](auto& event) { event.outcome = "\x1b[2J"; }},
        Forgery{"a method of two words",
                [](auto& event) { event.method = "GET /"; }},
        Forgery{"a method without end",
                [](auto& event) { event.method.assign(100'000, 'G'); }},
        Forgery{"a URL of two lines",
                [](auto& event) { event.url = "http://a\nhttp://b"; }},
        Forgery{"a URL that writes to a terminal",
                [](auto& event) {
                  event.url =
                      "http://a/\xC2\x9B"
                      "2J";
                }},
        Forgery{"a URL that is not serialized",
                [](auto& event) { event.url = "http://a/\xC3\xBC"; }},
        Forgery{"a URL without end",
                [](auto& event) { event.url.assign(300'000, 'u'); }},
        Forgery{"a kind that is no word",
                [](auto& event) { event.kind = "a\nb"; }},
        Forgery{"an entrypoint without end",
                [](auto& event) { event.entrypoint.assign(100'000, 'e'); }},
        Forgery{"a method of RPC without end",
                [](auto& event) { event.rpc_method.assign(100'000, 'm'); }},
        Forgery{"a start that is no time",
                [](auto& event) { event.time_ms = kNever; }},
        Forgery{"CPU time of centuries",
                [](auto& event) { event.cpu_us = ~uint64_t{0}; }},
        Forgery{"a level that is none",
                [](auto& event) { event.logs[0].level = "shout"; }},
        Forgery{"a line before all time",
                [](auto& event) { event.logs[0].time_ms = -1; }},
        Forgery{
            "lines without end",
            [](auto& event) { event.logs.assign(20'000, {"log", "[]", 1}); }},
        Forgery{"exceptions without end",
                [](auto& event) {
                  event.exceptions.assign(100, {"Error", "why", "", 1});
                }},
        Forgery{"an exception without end",
                [](auto& event) {
                  event.exceptions[0].stack.assign(300'000, 's');
                }}),
    [](const auto& info) { return fmt::format("Forgery{}", info.index); });

TEST(LogIntakeTest, AHostCannotCountMoreAsDroppedThanTheCounterHolds) {
  FakeSink sink;
  for (int i = 0; i < 2; ++i) {
    TakeLogEvents({.events = {}, .dropped = ~uint64_t{0}}, {}, sink);
  }
  EXPECT_EQ(sink.dropped, 2U << 20);
}

}  // namespace
}  // namespace caravel::daemon

#include "daemon/log_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace caravel::daemon

#include "daemon/served_logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/client/admin_protocol.h"

namespace caravel::daemon {
namespace {

class Reader final : public net::Channel::Handler {
 public:
  void OnPacket(net::Packet packet) override {
    entries.push_back(
        std::get<LogEntry>(DecodeFromAdmin(packet.bytes).value()));
  }
  void OnClosed(const Error&) override { closed = true; }

  std::vector<LogEntry> entries;
  bool closed = false;
};

TEST(ServedLogs, LeaveOutWhatAReaderIsTooSlowForAndTellHowMuch) {
  base::SystemClock clock;
  const auto loop = net::EventLoop::Create(clock).value();
  auto ends = net::ChannelPair().value();
  Reader writer;
  const auto channel =
      net::Channel::Create(*loop, std::move(ends.first), writer).value();
  ServedLogs logs(*loop);
  logs.Open(*channel);
  logs.Name({"shop id"}, "shop");

  registry::LogEvent event;
  event.worker.value = "shop id";
  event.url.assign(32 << 10, 'x');
  constexpr size_t kEvents = 2 * net::kMaxChannelBacklog / (32 << 10);
  for (size_t i = 0; i < kEvents; ++i) logs.Append(event);
  EXPECT_LE(channel->backlog(),
            ServedLogs::kMostWaiting + net::kMaxPacketBytes);

  Reader reader;
  const auto far =
      net::Channel::Create(*loop, std::move(ends.second), reader).value();
  while (reader.entries.empty() ||
         reader.entries.back().event.outcome != "eventsDropped") {
    ASSERT_FALSE(writer.closed || reader.closed);
    loop->Poll(std::chrono::nanoseconds(-1));
  }
  const size_t left_out = kEvents - (reader.entries.size() - 1);
  EXPECT_GT(left_out, 0U);
  EXPECT_THAT(reader.entries.back().event.logs.front().message,
              testing::HasSubstr(fmt::format("{} log events", left_out)));

  logs.Append(event);
  const size_t before = reader.entries.size();
  while (reader.entries.size() == before) {
    loop->Poll(std::chrono::nanoseconds(-1));
  }
  EXPECT_EQ(reader.entries.back().event.url, event.url);
  for (const LogEntry& entry : reader.entries) EXPECT_EQ(entry.worker, "shop");
}

}  // namespace
}  // namespace caravel::daemon

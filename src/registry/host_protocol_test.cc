#include "registry/host_protocol.h"

namespace caravel::registry {
namespace {

using ::testing::HasSubstr;

LogEvent SampleEvent() {
  return {.worker = {"w"},
          .version = {"v"},
          .request_id = "0123456789abcdef",
          .outcome = "exception",
          .method = "GET",
          .url = "http://a.localhost/",
          .status = 500,
          .time_ms = 1.5,
          .cpu_us = 12,
          .wall_us = 34,
          .logs = {{"log", "[\"x\"]", 2.5}},
          .exceptions = {{"TypeError", "no", "at a.js:1", 3.5}},
          .kind = {},
          .entrypoint = {},
          .rpc_method = {}};
}

TEST(HostProtocolTest, AMessageArrivesAsTheOneThatWasSent) {
  const net::Packet packet = EncodeFromHost(LogEvents{{SampleEvent()}, 7});
  const FromHost again = DecodeFromHost(packet.bytes).value();
  const auto* events = std::get_if<LogEvents>(&again);
  ASSERT_NE(events, nullptr);
  EXPECT_EQ(events->dropped, 7U);
  ASSERT_EQ(events->events.size(), 1U);
  EXPECT_EQ(base::Encode(events->events[0]), base::Encode(SampleEvent()));
}

TEST(HostProtocolTest, EveryKindDecodesAsItself) {
  const std::vector<ToHost> to_host = {DaemonHello{"k"},
                                       Listen{2},
                                       LoadSnapshot{{3}},
                                       ApplyChange{{4}, "c"},
                                       BundleOpened{},
                                       Connected{6, "no"},
                                       CheckBundle{},
                                       Drain{8},
                                       AskStats{9},
                                       NameResolved{10, "", "a"},
                                       HoldVersions{{{"v"}, {"w"}}},
                                       AssetOpened{11, "gone"},
                                       TailWorkers{14},
                                       RunScheduled{12, {"w"}, "* * * * *", 1},
                                       KvAnswered{11, "a", true},
                                       LeaseKv{-12},
                                       DropKv{13, {{"s", "k"}}}};
  ASSERT_EQ(to_host.size(), std::variant_size_v<ToHost>);
  for (const ToHost& message : to_host) {
    const net::Packet packet = EncodeToHost(message);
    const ToHost again = DecodeToHost(packet.bytes).value();
    EXPECT_EQ(again.index(), message.index());
    EXPECT_EQ(EncodeToHost(again).bytes, packet.bytes);
  }
  const std::vector<FromHost> from_host = {
      HostHello{},
      Applied{{2}},
      OpenBundle{},
      Connect{4, {"w"}, "h", 80},
      BundleChecked{},
      LogEvents{},
      HostStats{},
      ResolveName{5, {"w"}, NameQuestion::kRecords, "n", 1},
      StuckCall{{"v"}},
      OpenAssets{12, {"w"}, {"v"}},
      OpenAsset{13, {"w"}, {"v"}, 4, AssetCoding::kZstd},
      ScheduledEnded{14, "no"},
      AskKv{6, {"w"}, {"v"}, "KV", "q"},
      KvDropped{7},
      TailTaken{8}};
  ASSERT_EQ(from_host.size(), std::variant_size_v<FromHost>);
  for (const FromHost& message : from_host) {
    const net::Packet packet = EncodeFromHost(message);
    const FromHost again = DecodeFromHost(packet.bytes).value();
    EXPECT_EQ(again.index(), message.index());
    EXPECT_EQ(EncodeFromHost(again).bytes, packet.bytes);
  }
}

TEST(HostProtocolTest, DescriptorsTravelInTheOrderGiven) {
  std::vector<base::Fd> fds;
  fds.push_back(base::SealedMemoryFile("a", "first").value());
  fds.push_back(base::SealedMemoryFile("b", "second").value());
  const net::Packet packet =
      EncodeToHost(BundleOpened{1, "", true}, std::move(fds));
  ASSERT_EQ(packet.fds.size(), 2U);
  EXPECT_EQ(base::ReadWholeFile(packet.fds[0], 100).value(), "first");
  EXPECT_EQ(base::ReadWholeFile(packet.fds[1], 100).value(), "second");
}

TEST(HostProtocolTest, HostileBytesAreAnErrorThatNamesTheKind) {
  EXPECT_THAT(DecodeFromHost("").error().message(), HasSubstr("empty packet"));
  EXPECT_THAT(DecodeFromHost("\x7f").error().message(),
              HasSubstr("unknown kind 127"));
  EXPECT_THAT(DecodeFromHost("\x02\x80").error().message(),
              HasSubstr("message of kind 2: the bytes end within a value"));
  EXPECT_THAT(DecodeFromHost(EncodeFromHost(Applied{{1}}).bytes + "x")
                  .error()
                  .message(),
              HasSubstr("bytes are left"));
}

}  // namespace
}  // namespace caravel::registry

#include "daemon/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/testing/published_values.h"

namespace caravel::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PublishedState StateOf(size_t workers) {
  PublishedState state;
  for (size_t i = 0; i < workers; ++i) {
    state.Apply(ChangeTo(i + 1, fmt::format("worker-{:05}", i),
                         "3f1c0f5e-0000-4000-8000-000000000000"));
  }
  return state;
}

StatusReport ReportOf(const PublishedState& state,
                      const std::string& after = "") {
  StatusReport report;
  report.hosts.resize(2);
  AddWorkers(state, after, 8787, report);
  return report;
}

TEST(StatusReport, SaysThatThereIsNoWorker) {
  const StatusReport report = ReportOf(StateOf(0));
  EXPECT_TRUE(report.workers.empty());
  EXPECT_EQ(report.next, "");
}

TEST(StatusReport, TellsWhereAWorkerAnswers) {
  const StatusReport report = ReportOf(StateOf(1));
  ASSERT_EQ(report.workers.size(), 1U);
  EXPECT_EQ(report.workers[0].url, "http://worker-00000.localhost:8787");
}

TEST(StatusReport, NamesDomainsAndRoutesThatLeadToAWorker) {
  PublishedState state = StateOf(1);
  registry::PublishedWorker worker = WorkerAt("shop", "v1");
  worker.hosts.clear();
  worker.domains = {"shop.example.com"};
  state.Apply({registry::Sequence{2}, worker.id, worker});
  registry::PublishedZone zone;
  zone.id.value = "z1";
  zone.name = "example.com";
  for (int i = 0; i < 9; ++i) {
    zone.routes.push_back({fmt::format("example.com/{}/*", i), worker.id});
  }
  zone.routes.push_back({"example.com/none/*", std::nullopt});
  state.Apply(ZoneChange(3, zone));
  const StatusReport report = ReportOf(state);
  ASSERT_EQ(report.workers.size(), 2U);
  EXPECT_EQ(report.workers[0].url, "");
  EXPECT_THAT(
      report.workers[0].routes,
      ElementsAre("shop.example.com", "example.com/0/*", "example.com/1/*",
                  "example.com/2/*", "example.com/3/*", "example.com/4/*",
                  "example.com/5/*", "example.com/6/*"));
  EXPECT_EQ(report.workers[0].more_routes, 2U);
  EXPECT_THAT(report.workers[1].routes, IsEmpty());
}

TEST(StatusReport, FitsIntoAPacketAndGoesOnUntilEachOfManyWasThereOnce) {
  const PublishedState state = StateOf(2'000);
  std::vector<std::string> names;
  std::string after;
  do {
    const StatusReport report = ReportOf(state, after);
    EXPECT_LE(EncodeFromAdmin(report).bytes.size(), net::kMaxPacketBytes);
    for (const WorkerReport& worker : report.workers) {
      names.push_back(worker.name);
    }
    after = report.next;
  } while (!after.empty());
  ASSERT_EQ(names.size(), 2'000U);
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

}  // namespace
}  // namespace caravel::daemon

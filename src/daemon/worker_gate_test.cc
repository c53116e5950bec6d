#include "daemon/worker_gate.h"

#include <gmock/gmock.h>

namespace caravel::daemon {
namespace {

using registry::Sequence;
using registry::WorkerId;
using testing::ElementsAre;
using testing::IsEmpty;

class WorkerGateTest : public testing::Test {
 protected:
  WorkerGateTest() {
    registry::PublishedWorker worker;
    worker.id = WorkerId{"known"};
    state_.Apply({Sequence{1}, worker.id, worker});
  }
  void Ask(const std::string& host, const std::string& worker) {
    gate_.Ask(host, WorkerId{worker}, [this, worker](const Status& may) {
      answers_.push_back(worker + ": " +
                         (may ? "yes" : std::string(may.error().message())));
    });
  }

  PublishedState state_;
  WorkerGate gate_{state_};
  std::vector<std::string> answers_;
};

TEST_F(WorkerGateTest, AHostMayAskForWorkersThatArePublishedOrWere) {
  gate_.Open();
  Ask("h", "known");
  Ask("h", "made up");
  state_.Apply({Sequence{2}, WorkerId{"known"}, std::nullopt});
  Ask("h", "known");
  EXPECT_THAT(answers_,
              ElementsAre("known: yes", "made up: there is no such Worker",
                          "known: yes"));
}

TEST_F(WorkerGateTest, WhatIsAskedBeforeAllIsLoadedWaitsForThat) {
  Ask("h", "known");
  Ask("gone", "known");
  Ask("h", "made up");
  EXPECT_THAT(answers_, IsEmpty());
  gate_.OnHostLeft("gone");
  gate_.Open();
  EXPECT_THAT(answers_,
              ElementsAre("known: yes", "made up: there is no such Worker"));
}

TEST_F(WorkerGateTest, AHostMayAskForTheVeryOriginOfAZoneAlone) {
  registry::PublishedZone zone;
  zone.id = {"z"};
  zone.name = "a.test";
  zone.origin = "http://10.0.0.5:81";
  zone.trusted = true;
  state_.Apply({.sequence = Sequence{2},
                .worker = {},
                .now = std::nullopt,
                .zone = zone.id,
                .zone_now = zone});
  gate_.Open();
  const auto ask = [this](std::string host, uint16_t port, std::string id) {
    gate_.AskForZone(
        "h",
        {.request = 1,
         .worker = {},
         .host = std::move(host),
         .port = port,
         .zone = {std::move(id)}},
        [this](Result<WorkerGate::ZoneGrant> may) {
          answers_.push_back(may ? may->name + (may->trusted ? ", trusted" : "")
                                 : std::string(may.error().message()));
        });
  };
  ask("10.0.0.5", 81, "z");
  ask("10.0.0.6", 81, "z");
  ask("10.0.0.5", 80, "z");
  ask("10.0.0.5", 81, "made up");
  EXPECT_THAT(
      answers_,
      ElementsAre("a.test, trusted", "the zone's origin is elsewhere",
                  "the zone's origin is elsewhere", "there is no such zone"));
}

TEST_F(WorkerGateTest, NotMoreThanSoManyOfAHostWait) {
  for (size_t i = 0; i < WorkerGate::kMaxWaiting / 2; ++i) Ask("h", "known");
  EXPECT_THAT(answers_, IsEmpty());
  Ask("another", "known");
  EXPECT_THAT(answers_, IsEmpty());
  Ask("h", "known");
  EXPECT_THAT(
      answers_,
      ElementsAre("known: caraveld is starting, and too many wait for it"));
}

}  // namespace
}  // namespace caravel::daemon

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

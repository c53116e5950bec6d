#include "daemon/bundle_gate.h"

#include <gtest/gtest.h>

#include "daemon/testing/fake_host_port.h"
#include "daemon/testing/published_values.h"

namespace caravel::daemon {
namespace {

// Bundles whose content is their digest.
class FakeBundles final : public BundleSource {
 public:
  Result<OpenedBundle> Open(const registry::Version& version) override {
    ++opened;
    if (lost) return Error(ErrorCode::kNotFound, "gone from the disk");
    OpenedBundle bundle;
    CARAVEL_TRY(bundle.bundle,
                base::SealedMemoryFile("bundle", version.bundle_digest));
    if (cached) {
      CARAVEL_TRY(bundle.code_cache, base::SealedMemoryFile("cache", "cache"));
    }
    return bundle;
  }
  int opened = 0;
  bool cached = false;
  bool lost = false;
};

class BundleGateTest : public testing::Test {
 protected:
  BundleGateTest() {
    state_.Load({registry::Sequence{1},
                 {WorkerAt("mine", "v1"), WorkerAt("theirs", "v2")}});
    gate_.Open();
  }

  registry::BundleOpened Ask(const std::string& worker,
                             const std::string& version) {
    gate_.Answer(host_, {7, {worker}, {version}});
    return std::get<registry::BundleOpened>(host_.sent.back().message);
  }

  base::NullLog log_;
  PublishedState state_;
  FakeBundles bundles_;
  BundleGate gate_{state_, bundles_, log_};
  FakeHostPort host_{"h1"};
};

TEST_F(BundleGateTest, OpensTheBundleOfAPublishedVersion) {
  const registry::BundleOpened answer = Ask("mine", "v1");
  EXPECT_EQ(answer.request, 7U);
  EXPECT_EQ(answer.error, "");
  ASSERT_EQ(host_.sent.back().fds.size(), 1U);
  EXPECT_EQ(base::ReadWholeFile(host_.sent.back().fds[0], 100).value(),
            "digest-of-v1");
}

TEST_F(BundleGateTest, HandsTheCodeCacheOverWhereThereIsOne) {
  bundles_.cached = true;
  EXPECT_TRUE(Ask("mine", "v1").has_code_cache);
  EXPECT_EQ(host_.sent.back().fds.size(), 2U);
}

TEST_F(BundleGateTest, RefusesAnotherWorkersVersionWithoutLookingForIt) {
  EXPECT_EQ(Ask("mine", "v2").error, "there is no such version");
  EXPECT_TRUE(host_.sent.back().fds.empty());
  EXPECT_EQ(bundles_.opened, 0);
}

TEST_F(BundleGateTest, RefusesInTheSameWordsWhatDoesNotExist) {
  EXPECT_EQ(Ask("mine", "v9").error, Ask("mine", "v2").error);
  EXPECT_EQ(Ask("nobody", "v1").error, Ask("mine", "v2").error);
}

TEST_F(BundleGateTest, AHostThatAsksBeforeAnythingIsKnownWaitsForIt) {
  PublishedState state;
  BundleGate gate(state, bundles_, log_);
  FakeHostPort gone("h2");
  gate.Answer(host_, {7, {"mine"}, {"v1"}});
  gate.Answer(gone, {8, {"mine"}, {"v1"}});
  EXPECT_TRUE(host_.sent.empty()) << "neither refused nor opened";
  gate.OnHostLeft(gone);
  state.Load({registry::Sequence{1}, {WorkerAt("mine", "v1")}});
  gate.Open();
  const auto answers = host_.SentOf<registry::BundleOpened>();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0]->request, 7U);
  EXPECT_EQ(answers[0]->error, "");
  EXPECT_TRUE(gone.sent.empty());
}

TEST_F(BundleGateTest, TellsNothingOfTheDiskWhenABundleIsLost) {
  bundles_.lost = true;
  EXPECT_EQ(Ask("mine", "v1").error, "its bundle could not be opened");
}

}  // namespace
}  // namespace caravel::daemon

// What hosts are told of publishes, and publishes that fail on the way.
#include <thread>

#include "registry/registry_fixture.h"
#include "storage/testing/faulty_database.h"

namespace caravel::registry {
namespace {

using ::testing::HasSubstr;

constexpr size_t kMany = 100;

// ---- the config stream ----

TEST_P(RegistryTest, AReaderResumesWhereItStopped) {
  Publish("a", "d1").value();
  Publish("b", "d1").value();
  const Sequence seen = LoadSnapshot().sequence;
  Publish("a", "d2").value();
  Publish("c", "d1").value();
  const auto first = registry_->ChangesAfter(seen, 1).value();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].now->name, "a");
  EXPECT_EQ(first[0].now->versions[0].bundle_digest, "d2");
  const auto rest = registry_->ChangesAfter(first[0].sequence, kMany).value();
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].now->name, "c");
}

TEST_P(RegistryTest, AReaderThatIsTooFarBehindStartsAnew) {
  for (int i = 0; i < 5; ++i) Publish("a", "d").value();
  ASSERT_TRUE(registry_->TrimChanges(2));
  EXPECT_EQ(registry_->ChangesAfter(Sequence{3}, kMany).value().size(), 2U);
  EXPECT_EQ(registry_->ChangesAfter(Sequence{2}, kMany).error().code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(LoadSnapshot().sequence, Sequence{5});
  EXPECT_TRUE(registry_->TrimChanges(2));
}

TEST_P(RegistryTest, SubscribersAreWokenByEachPublish) {
  int woken = 0;
  const auto subscription = log_->Subscribe(kPublishedTopic, [&] { ++woken; });
  Publish("a", "d1").value();
  registry_->DeleteWorker(account_.id, "a").value();
  EXPECT_EQ(woken, 2);
}

// ---- together, and broken ----

TEST_P(RegistryTest, PublishesAtTheSameMomentFollowEachOther) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 5;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int time = 0; time < kTimes; ++time) {
        const auto published = Publish("hello", "d");
        EXPECT_TRUE(published) << published.error().ToText();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto versions =
      registry_->ListVersions(account_.id, "hello", kMany).value();
  ASSERT_EQ(versions.size(), size_t{kThreads * kTimes});
  for (size_t i = 0; i < versions.size(); ++i) {
    EXPECT_EQ(versions[i].number, versions.size() - i);
  }
  const auto deployments =
      registry_->ListDeployments(account_.id, "hello", kMany).value();
  EXPECT_EQ(deployments.size(), versions.size());
  EXPECT_EQ(deployments[0].traffic[0].version, versions[0].version.id);
  EXPECT_EQ(LoadSnapshot().sequence, Sequence{kThreads * kTimes});
}

TEST_P(RegistryTest, APublishThatFailsAtAnyStatementChangesNothing) {
  Publish("hello", "old").value();
  NewVersion version = CodeOf("new");
  version.bindings = {{"A", BindingType::kPlainText, "a"}};
  const std::string before = base::Encode(LoadSnapshot());
  int woken = 0;
  const auto subscription = log_->Subscribe(kPublishedTopic, [&] { ++woken; });
  bool failed = true;
  int fail_at = 0;
  while (failed) {
    storage::FaultyDatabase faulty(*ground_.database, ++fail_at);
    const auto registry = Registry::Open(faulty, *log_, box_, clock_, {});
    const auto published =
        registry ? (*registry)->Publish(account_.id, "hello", version, {})
                 : Result<Published>(registry.error().Clone());
    failed = faulty.failed();
    ASSERT_EQ(published.has_value(), !failed) << fail_at;
    if (!failed) break;
    EXPECT_THAT(published.error().message(), HasSubstr("injected failure"));
    EXPECT_EQ(base::Encode(LoadSnapshot()), before) << fail_at;
    EXPECT_EQ(woken, 0);
  }
  EXPECT_GT(fail_at, 15) << "the walk passed every statement";
  EXPECT_EQ(OnlyWorker().versions[0].bundle_digest, "new");
  EXPECT_EQ(
      registry_->ListVersions(account_.id, "hello", kMany).value()[0].number,
      2U);
  EXPECT_EQ(woken, 1);
}

TEST_P(RegistryTest, ADeletionThatFailsAtAnyStatementDeletesNothing) {
  Publish("hello", "old").value();
  bool failed = true;
  for (int fail_at = 1; failed; ++fail_at) {
    storage::FaultyDatabase faulty(*ground_.database, fail_at);
    const auto registry = Registry::Open(faulty, *log_, box_, clock_, {});
    if (registry) {
      (void)(*registry)->DeleteWorker(account_.id, "hello");
    }
    failed = faulty.failed();
    EXPECT_EQ(LoadSnapshot().workers.size(), failed ? 1U : 0U) << fail_at;
  }
}

}  // namespace
}  // namespace caravel::registry

#include "registry/registry.h"

#include <fstream>
#include <thread>

#include "registry/account_table.h"
#include "storage/database_log.h"
#include "storage/testing/faulty_database.h"
#include "storage/testing/new_postgres.h"
#include "storage/testing/new_sqlite.h"
#include "storage/testing/temp_folder.h"

namespace caravel::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr size_t kMany = 100;

NewVersion CodeOf(std::string digest) {
  NewVersion version;
  version.bundle_digest = std::move(digest);
  version.compatibility_date = "2026-01-01";
  version.compatibility_flags = {"nodejs_als"};
  version.handlers = {"fetch"};
  version.startup_ms = 3;
  return version;
}

Origin ByWrangler(std::string message = "first") {
  return {.author = "me@example.com",
          .source = "wrangler",
          .annotations = {{"workers/message", std::move(message)}}};
}

// Runs on each engine: the registry's SQL is what is under test, too.
class RegistryTest
    : public ::testing::TestWithParam<std::function<storage::TestDatabase()>> {
 protected:
  void SetUp() override {
    ground_ = GetParam()();
    if (!ground_.unavailable.empty()) GTEST_SKIP() << ground_.unavailable;
    log_ = storage::DatabaseLog::Open(*ground_.database).value();
    registry_ = OpenOn(*ground_.database);
    account_ = registry_->EnsureBootstrap().value().account;
  }

  std::unique_ptr<Registry> OpenOn(storage::Database& database,
                                   std::string domain = "") {
    return Registry::Open(database, *log_, box_, clock_, {std::move(domain)})
        .value();
  }

  Result<Published> Publish(std::string_view worker, const NewVersion& version,
                            const Origin& origin = ByWrangler()) {
    return registry_->Publish(account_.id, worker, version, origin);
  }
  Result<Published> Publish(std::string_view worker, std::string digest) {
    return Publish(worker, CodeOf(std::move(digest)));
  }

  Snapshot LoadSnapshot() { return registry_->LoadSnapshot().value(); }
  PublishedWorker OnlyWorker() {
    Snapshot snapshot = LoadSnapshot();
    CARAVEL_CHECK(snapshot.workers.size() == 1, snapshot.workers.size());
    return snapshot.workers[0];
  }

  storage::TestDatabase ground_;
  base::FakeClock clock_;
  const SecretBox box_{SecretBox::Key{7}};
  std::unique_ptr<storage::Log> log_;
  std::unique_ptr<Registry> registry_;
  Account account_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, RegistryTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Registry"; });
INSTANTIATE_TEST_SUITE_P(Postgres, RegistryTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Registry"; });

// ---- accounts and tokens ----

TEST_P(RegistryTest, TheFirstAccountIsMadeOnce) {
  const auto again = registry_->EnsureBootstrap().value();
  EXPECT_EQ(again.account.id, account_.id);
  EXPECT_EQ(again.account.number, 1U);
  EXPECT_FALSE(again.token.has_value());
  EXPECT_EQ(registry_->ListAccounts().value().size(), 1U);
}

TEST_P(RegistryTest, ATokenIsFoundUntilAnotherTakesItsName) {
  const std::string first =
      registry_->CreateToken(account_.id, "ci", {"workers:write"}).value();
  const TokenOwner owner = registry_->FindToken(first).value();
  EXPECT_EQ(owner.account, account_.id);
  EXPECT_EQ(owner.name, "ci");
  EXPECT_THAT(owner.scopes, ElementsAre("workers:write"));

  const std::string second =
      registry_->CreateToken(account_.id, "ci", {"*"}).value();
  EXPECT_EQ(registry_->FindToken(first).error().code(), ErrorCode::kDenied);
  EXPECT_THAT(registry_->FindToken(second).value().scopes, ElementsAre("*"));
}

TEST_P(RegistryTest, TheTokenItselfIsNotStored) {
  const std::string token =
      registry_->CreateToken(account_.id, "ci", {}).value();
  const auto rows = ground_.database->Read([](storage::Transaction& t) {
    return t.Query("SELECT digest FROM tokens WHERE name = 'ci'");
  });
  EXPECT_EQ(rows.value()[0].Text(0).size(), 64U);
  EXPECT_NE(rows.value()[0].Text(0), token);
}

TEST_P(RegistryTest, AnAccountThatIsNotThereIsNamed) {
  const AccountId nobody = {"nobody"};
  for (const Error& error :
       {registry_->GetAccount(nobody).error().Clone(),
        registry_->ListWorkers(nobody).error().Clone(),
        registry_->CreateToken(nobody, "x", {}).error().Clone(),
        registry_->Publish(nobody, "w", CodeOf("d"), {}).error().Clone()}) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_EQ(error.message(), "account \"nobody\" does not exist");
  }
}

// ---- publishing ----

TEST_P(RegistryTest, TheFirstPublishMakesTheWorkerAndSendsItAllRequests) {
  const Published published = Publish("hello", "d1").value();
  EXPECT_EQ(published.sequence, Sequence{1});
  ASSERT_TRUE(published.version.has_value());
  EXPECT_EQ(published.version->number, 1U);

  const PublishedWorker worker = OnlyWorker();
  EXPECT_EQ(worker.name, "hello");
  EXPECT_EQ(worker.account, account_.id);
  EXPECT_THAT(worker.hosts,
              ElementsAre("hello.localhost", "hello.caravel.localhost"));
  const VersionId version = published.version->version.id;
  EXPECT_THAT(worker.traffic, ElementsAre(TrafficShare{version, 10'000}));
  ASSERT_EQ(worker.versions.size(), 1U);
  EXPECT_EQ(worker.versions[0].bundle_digest, "d1");
  EXPECT_EQ(worker.versions[0].compatibility_date, "2026-01-01");
  EXPECT_THAT(worker.versions[0].compatibility_flags,
              ElementsAre("nodejs_als"));
}

TEST_P(RegistryTest, WhatIsStoredOfAVersionComesBack) {
  NewVersion version = CodeOf("d1");
  version.entrypoints = {"Admin"};
  version.limits = {.cpu_ms = 7, .subrequests = 8, .memory_bytes = 9};
  version.bindings = {{"B", BindingType::kJson, "{\"a\":1}"},
                      {"A", BindingType::kPlainText, std::string("\0x", 2)}};
  clock_.Advance(std::chrono::hours(1));
  const VersionId id = Publish("hello", version).value().version->version.id;

  const VersionRecord record =
      registry_->GetVersion(account_.id, "hello", id).value();
  EXPECT_EQ(record.version.bindings, version.bindings);
  EXPECT_EQ(record.version.limits, version.limits);
  EXPECT_THAT(record.handlers, ElementsAre("fetch"));
  EXPECT_THAT(record.entrypoints, ElementsAre("Admin"));
  EXPECT_EQ(record.startup_ms, 3U);
  EXPECT_EQ(record.origin.author, "me@example.com");
  EXPECT_EQ(record.origin.source, "wrangler");
  EXPECT_EQ(record.origin.annotations.at("workers/message"), "first");
  EXPECT_EQ(record.created, clock_.Wall());
}

TEST_P(RegistryTest, LaterVersionsAndDeploymentsComeFirst) {
  Publish("hello", "d1").value();
  Publish("hello", "d2").value();
  const auto versions =
      registry_->ListVersions(account_.id, "hello", kMany).value();
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[0].number, 2U);
  EXPECT_EQ(versions[0].version.bundle_digest, "d2");
  const auto deployments =
      registry_->ListDeployments(account_.id, "hello", kMany).value();
  ASSERT_EQ(deployments.size(), 2U);
  EXPECT_EQ(deployments[0].traffic[0].version, versions[0].version.id);
  EXPECT_EQ(registry_->ListVersions(account_.id, "hello", 1).value().size(),
            1U);
  EXPECT_EQ(OnlyWorker().versions[0].bundle_digest, "d2");
}

TEST_P(RegistryTest, AVersionThatIsOnlyMadeGetsNoRequests) {
  Publish("hello", "d1").value();
  const auto record =
      registry_->CreateVersion(account_.id, "hello", CodeOf("d2"), {}).value();
  EXPECT_EQ(record.number, 2U);
  EXPECT_EQ(OnlyWorker().versions[0].bundle_digest, "d1");
  EXPECT_EQ(LoadSnapshot().sequence, Sequence{1});
}

TEST_P(RegistryTest, ADeploymentDividesTheRequests) {
  const VersionId one = Publish("hello", "d1").value().version->version.id;
  const VersionId two = Publish("hello", "d2").value().version->version.id;
  const auto deployed = registry_->Deploy(
      account_.id, "hello", {{one, 2'500}, {two, 7'500}}, ByWrangler("split"));
  ASSERT_TRUE(deployed) << deployed.error().ToText();
  const PublishedWorker worker = OnlyWorker();
  EXPECT_THAT(worker.traffic,
              ElementsAre(TrafficShare{one, 2'500}, TrafficShare{two, 7'500}));
  EXPECT_EQ(worker.versions.size(), 2U);
  EXPECT_EQ(deployed->sequence, Sequence{3});
}

TEST_P(RegistryTest, ADeploymentThatCannotStandIsRefused) {
  const VersionId mine = Publish("hello", "d1").value().version->version.id;
  const VersionId other = Publish("other", "d1").value().version->version.id;
  const auto why = [&](const std::vector<TrafficShare>& traffic) {
    return registry_->Deploy(account_.id, "hello", traffic, {})
        .error()
        .message();
  };
  EXPECT_EQ(why({}), "the percentages of a deployment add up to 0");
  EXPECT_EQ(why({{mine, 9'950}}),
            "the percentages of a deployment add up to 99.5");
  EXPECT_THAT(why({{mine, 5'000}, {mine, 5'000}}), HasSubstr("named twice"));
  EXPECT_EQ(why({{other, 10'000}}),
            "Worker \"hello\" has no version " + other.value);
}

TEST_P(RegistryTest, AWorkerThatIsNotThereIsNamedWithItsAccount) {
  for (const Error& error :
       {registry_->GetWorker(account_.id, "x").error().Clone(),
        registry_->DeleteWorker(account_.id, "x").error().Clone(),
        registry_->CreateVersion(account_.id, "x", CodeOf("d"), {})
            .error()
            .Clone()}) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_EQ(error.message(),
              "Worker \"x\" does not exist in account \"Caravel\"");
  }
}

TEST_P(RegistryTest, AccountsDoNotMeet) {
  const Account other = {.id = {"other"},
                         .number = 2,
                         .name = "Other",
                         .subdomain = "other",
                         .created = clock_.Wall()};
  ASSERT_TRUE(ground_.database->Transact(
      [&](storage::Transaction& t) { return InsertAccount(t, other); }));
  const VersionId mine = Publish("hello", "d1").value().version->version.id;
  EXPECT_FALSE(registry_->GetWorker(other.id, "hello"));
  ASSERT_TRUE(registry_->Publish(other.id, "hello", CodeOf("d2"), {}));
  EXPECT_FALSE(registry_->GetVersion(other.id, "hello", mine));
  EXPECT_THAT(registry_->GetWorker(other.id, "hello").value().hosts,
              ElementsAre("hello.other.localhost"));
  EXPECT_EQ(registry_->ListWorkers(account_.id).value().size(), 1U);
  EXPECT_EQ(LoadSnapshot().workers.size(), 2U);
}

TEST_P(RegistryTest, ADomainOfTheOperatorComesFirst) {
  Publish("Hello", "d1").value();
  const auto registry = OpenOn(*ground_.database, "example.net");
  EXPECT_THAT(registry->GetWorker(account_.id, "Hello").value().hosts,
              ElementsAre("hello.caravel.example.net", "hello.localhost",
                          "hello.caravel.localhost"));
}

TEST_P(RegistryTest, ADeletedWorkerIsGoneForHostsToo) {
  const WorkerId id = Publish("hello", "d1").value().worker.id;
  ASSERT_EQ(registry_->DeleteWorker(account_.id, "hello").value(), Sequence{2});
  EXPECT_FALSE(registry_->GetWorker(account_.id, "hello"));
  EXPECT_THAT(LoadSnapshot().workers, IsEmpty());
  const auto changes = registry_->ChangesAfter(Sequence{1}, kMany).value();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].worker, id);
  EXPECT_FALSE(changes[0].now.has_value());
  EXPECT_EQ(Publish("hello", "d2").value().version->number, 1U);
}

TEST_P(RegistryTest, AWorkerWhoseSubdomainIsOffHasNoHosts) {
  Publish("hello", "d1").value();
  const auto off =
      registry_->SetSubdomain(account_.id, "hello", false, std::nullopt)
          .value();
  EXPECT_FALSE(off.worker.subdomain_enabled);
  EXPECT_TRUE(off.worker.previews_enabled);
  EXPECT_EQ(off.worker.hosts.size(), 2U);
  EXPECT_THAT(OnlyWorker().hosts, IsEmpty());
  registry_->SetSubdomain(account_.id, "hello", true, false).value();
  EXPECT_EQ(OnlyWorker().hosts.size(), 2U);
  EXPECT_FALSE(
      registry_->GetWorker(account_.id, "hello").value().previews_enabled);
}

TEST_P(RegistryTest, PublishingChangesSettingsInTheSameStep) {
  const WorkerSettingsPatch tagged = {.tags = {{"cf:service=hello"}},
                                      .logpush = std::nullopt,
                                      .observability = std::nullopt,
                                      .tail_consumers = std::nullopt};
  const auto settings = [&] {
    return registry_->GetWorker(account_.id, "hello").value().settings;
  };
  registry_->Publish(account_.id, "hello", CodeOf("d1"), {}, tagged).value();
  EXPECT_THAT(settings().tags, ElementsAre("cf:service=hello"));

  NewVersion refused = CodeOf("d2");
  refused.inherited = {"ABSENT"};
  EXPECT_FALSE(registry_->Publish(account_.id, "hello", refused, {},
                                  {.tags = {{"of:refused"}},
                                   .logpush = std::nullopt,
                                   .observability = std::nullopt,
                                   .tail_consumers = std::nullopt}));
  EXPECT_THAT(settings().tags, ElementsAre("cf:service=hello"));
}

TEST_P(RegistryTest, APatchOfSettingsLeavesTheOthers) {
  Publish("hello", "d1").value();
  registry_
      ->PatchSettings(account_.id, "hello",
                      {.tags = {{"cf:service=hello"}},
                       .logpush = true,
                       .observability = "{\"enabled\":false}",
                       .tail_consumers = std::nullopt})
      .value();
  registry_
      ->PatchSettings(account_.id, "hello",
                      {.tags = std::nullopt,
                       .logpush = false,
                       .observability = std::nullopt,
                       .tail_consumers = "[]"})
      .value();
  const WorkerSettings settings =
      registry_->GetWorker(account_.id, "hello").value().settings;
  EXPECT_THAT(settings.tags, ElementsAre("cf:service=hello"));
  EXPECT_FALSE(settings.logpush);
  EXPECT_EQ(settings.observability, "{\"enabled\":false}");
  EXPECT_EQ(settings.tail_consumers, "[]");
  Publish("hello", "d2").value();
  EXPECT_EQ(registry_->GetWorker(account_.id, "hello").value().settings,
            settings);
}

// ---- bindings and secrets ----

TEST_P(RegistryTest, SecretsAreSealedInTheTablesAndOpenForHosts) {
  NewVersion version = CodeOf("d1");
  version.bindings = {{"KEY", BindingType::kSecretText, "hush-hush"}};
  Publish("hello", version).value();

  const auto rows = ground_.database->Read([](storage::Transaction& t) {
    return t.Query("SELECT content FROM bindings");
  });
  EXPECT_EQ(rows.value()[0].Blob(0).find("hush"), std::string::npos);
  EXPECT_EQ(registry_->ListVersions(account_.id, "hello", 1)
                .value()[0]
                .version.bindings[0]
                .text,
            "");
  EXPECT_EQ(OnlyWorker().versions[0].bindings[0].text, "hush-hush");
}

TEST_P(RegistryTest, SecretsThatAreKeptStayAndNewOnesOfTheirNameReplaceThem) {
  NewVersion first = CodeOf("d1");
  first.bindings = {{"A", BindingType::kSecretText, "old a"},
                    {"B", BindingType::kSecretText, "old b"},
                    {"TEXT", BindingType::kPlainText, "text"}};
  Publish("hello", first).value();
  NewVersion second = CodeOf("d2");
  second.bindings = {{"B", BindingType::kSecretText, "new b"}};
  second.kept_types = {BindingType::kSecretText};
  Publish("hello", second).value();
  EXPECT_THAT(OnlyWorker().versions[0].bindings,
              ElementsAre(Binding{"B", BindingType::kSecretText, "new b"},
                          Binding{"A", BindingType::kSecretText, "old a"}));
}

TEST_P(RegistryTest, AnInheritedBindingMustBeThere) {
  NewVersion first = CodeOf("d1");
  first.bindings = {{"A", BindingType::kPlainText, "a"}};
  Publish("hello", first).value();
  NewVersion second = CodeOf("d2");
  second.inherited = {"A"};
  Publish("hello", second).value();
  EXPECT_EQ(OnlyWorker().versions[0].bindings[0].text, "a");

  second.inherited = {"B"};
  const auto refused = Publish("hello", second);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalid);
  EXPECT_THAT(refused.error().message(),
              ::testing::StartsWith("inherit binding 'B' is invalid"));
  second.inherited = {"A"};
  second.bindings = first.bindings;
  EXPECT_EQ(Publish("hello", second).error().message(),
            "binding \"A\" is there twice");
}

TEST_P(RegistryTest, AnotherKeyDoesNotOpenTheSecrets) {
  NewVersion version = CodeOf("d1");
  version.bindings = {{"KEY", BindingType::kSecretText, "hush"}};
  Publish("hello", version).value();
  const auto other = Registry::Open(*ground_.database, *log_,
                                    SecretBox(SecretBox::Key{8}), clock_, {})
                         .value();
  const auto snapshot = other->LoadSnapshot();
  EXPECT_THAT(snapshot.error().message(), HasSubstr("secret \"KEY\""));
  EXPECT_THAT(snapshot.error().remedy(), HasSubstr("restore the key file"));
}

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

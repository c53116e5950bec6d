#include "registry/registry.h"

#include "registry/account_table.h"
#include "registry/registry_fixture.h"
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

constexpr size_t kPage = 100;

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
      registry_->tokens().Replace(account_.id, "ci", {"workers:write"}).value();
  const TokenOwner owner = registry_->tokens().Find(first).value().owner;
  EXPECT_EQ(owner.account, account_.id);
  EXPECT_EQ(owner.name, "ci");
  EXPECT_THAT(owner.scopes, ElementsAre("workers:write"));

  const std::string second =
      registry_->tokens().Replace(account_.id, "ci", {"*"}).value();
  EXPECT_EQ(registry_->tokens().Find(first).error().code(), ErrorCode::kDenied);
  EXPECT_THAT(registry_->tokens().Find(second).value().owner.scopes,
              ElementsAre("*"));
}

TEST_P(RegistryTest, TheTokenItselfIsNotStored) {
  const std::string token =
      registry_->tokens().Replace(account_.id, "ci", {}).value();
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
        registry_->tokens().Replace(nobody, "x", {}).error().Clone(),
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
      registry_->ListVersions(account_.id, "hello", kPage).value();
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[0].number, 2U);
  EXPECT_EQ(versions[0].version.bundle_digest, "d2");
  const auto deployments =
      registry_->ListDeployments(account_.id, "hello", kPage).value();
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
  EXPECT_THAT(OnlyWorker().traffic,
              ElementsAre(TrafficShare{OnlyWorker().versions[0].id, 10'000}));
  // Hosts hear of it all the same: it has a preview.
  EXPECT_EQ(LoadSnapshot().sequence, Sequence{2});
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
  const auto changes = registry_->ChangesAfter(Sequence{1}, kPage).value();
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

}  // namespace
}  // namespace caravel::registry

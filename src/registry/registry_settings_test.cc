// Settings and secrets of Workers.
#include <atomic>
#include <thread>

#include "registry/registry_fixture.h"
#include "storage/testing/new_postgres.h"

namespace caravel::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

TEST_P(RegistryTest, AVersionChangesSettingsInTheSameStep) {
  Publish("hello", "d1").value();
  WorkerSettingsPatch patch;
  patch.observability = R"({"enabled":true})";
  const auto create = [&](const NewVersion& version) {
    return registry_->CreateVersion(account_.id, "hello", version, {}, patch);
  };
  const auto observability = [&] {
    return registry_->GetWorker(account_.id, "hello")
        .value()
        .settings.observability;
  };
  NewVersion refused = CodeOf("d2");
  refused.inherited = {"ABSENT"};
  EXPECT_FALSE(create(refused));
  EXPECT_EQ(observability(), "");
  EXPECT_TRUE(create(CodeOf("d2")));
  EXPECT_EQ(observability(), R"({"enabled":true})");
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

TEST_P(RegistryTest, SettingsAreBounded) {
  Publish("hello", "d1").value();
  const std::string large((16 << 10) - 1, 'x');
  WorkerSettingsPatch patch;
  patch.tags = {{large}};
  const auto published =
      registry_->Publish(account_.id, "hello", CodeOf("d2"), {}, patch);
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code(), ErrorCode::kInvalid);
  EXPECT_THAT(published.error().message(),
              HasSubstr("together, and may have 16384"));
  patch = {};
  patch.observability = large;
  EXPECT_TRUE(registry_->PatchSettings(account_.id, "hello", patch));
  patch.observability = large + "x";
  EXPECT_FALSE(registry_->PatchSettings(account_.id, "hello", patch));
  EXPECT_EQ(
      registry_->GetWorker(account_.id, "hello").value().settings.observability,
      large);
}

TEST_P(RegistryTest, SettingsThatAreTooLargeAlreadyHinderNoOther) {
  Publish("hello", "d1").value();
  const std::string large(20 << 10, 'x');
  ASSERT_TRUE(ground_.database->Transact(
      [&](storage::Transaction& transaction) -> Status {
        CARAVEL_TRY(
            transaction.Execute("UPDATE workers SET observability = ?", large));
        return {};
      }));
  WorkerSettingsPatch patch;
  patch.logpush = true;
  EXPECT_TRUE(registry_->PatchSettings(account_.id, "hello", patch));
  patch = {};
  patch.tags = {{"one"}};
  EXPECT_FALSE(registry_->PatchSettings(account_.id, "hello", patch));
  patch = {};
  patch.observability = large.substr(1);
  EXPECT_TRUE(registry_->PatchSettings(account_.id, "hello", patch));
}

// ---- bindings and secrets ----

TEST_P(RegistryTest, BindingsOfAVersionAreBounded) {
  constexpr size_t kMost = 1 << 20;
  NewVersion version = CodeOf("d1");
  version.bindings = {
      {"A", BindingType::kPlainText, std::string(kMost / 2, 'x')},
      {"B", BindingType::kPlainText, std::string(kMost / 2 - 2, 'x')}};
  EXPECT_TRUE(Publish("hello", version));
  const SecretChanges secret = {{"C", "s"}};
  EXPECT_EQ(registry_->PublishSecrets(account_.id, "hello", secret, {})
                .error()
                .code(),
            ErrorCode::kLimit);
  version.bindings[0].text += 'x';
  const auto published = Publish("hello", version);
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().message(),
            "the bindings have 1048577 bytes together, and may have 1048576");
}

TEST_P(RegistryTest, BindingsThatAreTooLargeAlreadyMayStay) {
  NewVersion version = CodeOf("d1");
  version.bindings = {{"A", BindingType::kPlainText, "a"},
                      {"S", BindingType::kSecretText, "old"}};
  Publish("hello", version).value();
  const std::string large(2 << 20, 'x');
  ASSERT_TRUE(ground_.database->Transact(
      [&](storage::Transaction& transaction) -> Status {
        CARAVEL_TRY(transaction.Execute(
            "UPDATE bindings SET content = ? WHERE name = ?",
            storage::Bytes{large}, "A"));
        return {};
      }));
  const auto publish = [&](const SecretChanges& changes) {
    return registry_->PublishSecrets(account_.id, "hello", changes, {});
  };
  EXPECT_TRUE(publish({{"S", "new"}}));
  const auto refused = publish({{"S", "newer"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kLimit);
  EXPECT_TRUE(registry_->CreateVersionWithSecrets(account_.id, "hello",
                                                  {{"S", "few"}}, {}));

  version.bindings = {{"S", BindingType::kSecretText, "few"}};
  version.kept_types = {BindingType::kPlainText};
  EXPECT_TRUE(Publish("hello", version));
  EXPECT_TRUE(publish({{"S", std::nullopt}}));
  EXPECT_FALSE(publish({{"S", "few"}}));
}

TEST_P(RegistryTest, AVersionKnowsItsTagAndTime) {
  NewVersion version = CodeOf("d1");
  version.bindings = {{"V", BindingType::kVersionMetadata, ""}};
  Origin origin = ByWrangler();
  origin.annotations["workers/tag"] = "a tag";
  const Published published = Publish("hello", version, origin).value();
  EXPECT_THAT(OnlyWorker().versions[0].bindings,
              ElementsAre(Binding{
                  "V", BindingType::kVersionMetadata,
                  base::FormatTime(published.version->created) + " a tag"}));
}

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

TEST_P(RegistryTest, SecretsChangeInAVersionThatIsOtherwiseTheNewest) {
  NewVersion first = CodeOf("d1");
  first.bindings = {{"TEXT", BindingType::kPlainText, "text"},
                    {"A", BindingType::kSecretText, "old a"},
                    {"B", BindingType::kSecretText, "old b"}};
  Publish("hello", first).value();
  const Published published =
      registry_
          ->PublishSecrets(
              account_.id, "hello",
              {{"A", "new a"}, {"B", {}}, {"C", "new c"}, {"D", {}}},
              ByWrangler("secrets"))
          .value();
  const PublishedWorker worker = OnlyWorker();
  EXPECT_THAT(worker.versions[0].bindings,
              ElementsAre(Binding{"TEXT", BindingType::kPlainText, "text"},
                          Binding{"A", BindingType::kSecretText, "new a"},
                          Binding{"C", BindingType::kSecretText, "new c"}));
  EXPECT_EQ(worker.versions[0].bundle_digest, "d1");
  EXPECT_EQ(published.version->number, 2u);
  EXPECT_EQ(published.version->startup_ms, 3u);
  EXPECT_THAT(published.version->handlers, ElementsAre("fetch"));
  EXPECT_EQ(published.deployment.origin.annotations.at("workers/message"),
            "secrets");
}

TEST_P(RegistryTest, SecretsOfAVersionThatIsNotDeployedLeaveRequestsAlone) {
  Publish("hello", "d1").value();
  const VersionRecord made =
      registry_
          ->CreateVersionWithSecrets(account_.id, "hello", {{"A", "a"}}, {})
          .value();
  EXPECT_THAT(OnlyWorker().versions[0].bindings, ::testing::IsEmpty());
  registry_->Deploy(account_.id, "hello", {{.version = made.version.id}}, {})
      .value();
  EXPECT_THAT(OnlyWorker().versions[0].bindings,
              ElementsAre(Binding{"A", BindingType::kSecretText, "a"}));
}

TEST_P(RegistryTest, SecretsDeployNoVersionThatNobodyHasDeployed) {
  Publish("hello", "d1").value();
  const VersionId newest =
      registry_->CreateVersion(account_.id, "hello", CodeOf("d2"), {})
          .value()
          .version.id;
  const auto refused =
      registry_->PublishSecrets(account_.id, "hello", {{"A", "a"}}, {});
  EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message(), HasSubstr(newest.value));
  EXPECT_EQ(OnlyWorker().versions[0].bundle_digest, "d1");
}

TEST_P(RegistryTest, SecretsThatHaveChangedAreNotTakenBackUnasked) {
  const auto secrets = [](std::vector<Binding> bindings) {
    NewVersion version = CodeOf("d1");
    version.bindings = std::move(bindings);
    return version;
  };
  const auto secret = [](std::string name, std::string text) {
    return Binding{std::move(name), BindingType::kSecretText, std::move(text)};
  };
  const auto deploy = [&](const VersionId& version,
                          Registry::Secrets how = Registry::Secrets::kKeep) {
    return registry_->Deploy(account_.id, "hello", {{.version = version}}, {},
                             how);
  };
  const VersionId first =
      Publish("hello",
              secrets({secret("A", "1"), secret("B", "1"), secret("C", "1")}))
          .value()
          .version->version.id;
  const VersionId never =
      registry_->CreateVersion(account_.id, "hello", secrets({}), {})
          .value()
          .version.id;
  Publish("hello",
          secrets({secret("A", "1"), secret("B", "2"), secret("D", "1")}))
      .value();
  const auto refused = deploy(first);
  EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(refused.error().ToText(),
            "The following secrets have changed: B, C, D");
  EXPECT_TRUE(deploy(first, Registry::Secrets::kTakeBack));
  EXPECT_TRUE(deploy(first)) << "its secrets are those in use";
  EXPECT_TRUE(deploy(never)) << "nobody has seen its secrets yet";
}

TEST_P(RegistryTest, ASecretTakesNoNameOfAnotherBinding) {
  NewVersion first = CodeOf("d1");
  first.bindings = {{"TEXT", BindingType::kPlainText, "text"}};
  Publish("hello", first).value();
  for (const SecretChanges& changes :
       {SecretChanges{{"TEXT", "a"}}, SecretChanges{{"TEXT", {}}}}) {
    const auto refused =
        registry_->PublishSecrets(account_.id, "hello", changes, {});
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalid);
    EXPECT_THAT(refused.error().message(), HasSubstr("\"TEXT\""));
  }
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

// ---- changes that meet ----

// Where transactions run side by side.
class RegistryRaceTest : public RegistryTest {
 protected:
  // Begins `change` when another has written the Worker's row and not committed
  // yet, which it does once `change` waits for it.
  void Meet(const std::function<Status()>& change) {
    std::atomic<bool> done = false;
    Status changed;
    std::thread thread;
    const Status other = ground_.database->Transact(
        [&](storage::Transaction& transaction) -> Status {
          CARAVEL_TRY(transaction.Execute(
              "UPDATE workers SET logpush = 1, previews_enabled = 0"));
          thread = std::thread([&] {
            changed = change();
            done = true;
          });
          while (!done) {
            CARAVEL_TRY(const auto waits,
                        transaction.Query(
                            "SELECT 1 FROM pg_locks WHERE NOT granted "
                            "AND pg_backend_pid() = ANY(pg_blocking_pids(pid)) "
                            "LIMIT 1"));
            if (!waits.empty()) break;
          }
          return {};
        });
    thread.join();
    ASSERT_TRUE(other) << other.error().ToText();
    ASSERT_TRUE(changed) << changed.error().ToText();
    const Worker worker = registry_->GetWorker(account_.id, "hello").value();
    EXPECT_TRUE(worker.settings.logpush);
    EXPECT_FALSE(worker.previews_enabled);
  }

  // `change` of a Worker that was just deployed anew.
  template <typename Change>
  void ExpectNothingLost(std::string_view what, const Change& change) {
    SCOPED_TRACE(what);
    const auto before = registry_->GetWorker(account_.id, "hello");
    if (before) registry_->DeleteWorker(account_.id, "hello").value();
    const Published published = Publish("hello", "d1").value();
    ASSERT_TRUE(published.worker.previews_enabled);
    Meet([&]() -> Status {
      auto outcome = change(published.version->version.id);
      return outcome ? Status() : Status(std::move(outcome).error());
    });
  }
};

INSTANTIATE_TEST_SUITE_P(Postgres, RegistryRaceTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Registry"; });

TEST_P(RegistryRaceTest, ChangesOfOneWorkerThatMeetLoseNothing) {
  WorkerSettingsPatch patch;
  patch.tags = {{"tagged"}};
  const auto tags = [&] {
    return registry_->GetWorker(account_.id, "hello").value().settings.tags;
  };
  ExpectNothingLost("publish", [&](const VersionId&) {
    return registry_->Publish(account_.id, "hello", CodeOf("d2"), {}, patch);
  });
  EXPECT_THAT(tags(), ElementsAre("tagged"));
  ExpectNothingLost("version", [&](const VersionId&) {
    return registry_->CreateVersion(account_.id, "hello", CodeOf("d2"), {},
                                    patch);
  });
  EXPECT_THAT(tags(), ElementsAre("tagged"));
  ExpectNothingLost("settings", [&](const VersionId&) {
    return registry_->PatchSettings(account_.id, "hello", patch);
  });
  EXPECT_THAT(tags(), ElementsAre("tagged"));
  ExpectNothingLost("secrets", [&](const VersionId&) {
    return registry_->PublishSecrets(account_.id, "hello", {{"S", "s"}}, {});
  });
  ExpectNothingLost("deployment", [&](const VersionId& version) {
    return registry_->Deploy(account_.id, "hello", {{version, 10'000}}, {});
  });
  ExpectNothingLost("subdomain", [&](const VersionId&) {
    return registry_->SetSubdomain(account_.id, "hello", false, std::nullopt);
  });
  EXPECT_FALSE(registry_->GetWorker(account_.id, "hello")->subdomain_enabled);
}

}  // namespace
}  // namespace caravel::registry

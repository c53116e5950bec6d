// Settings and secrets of Workers.
#include "registry/registry_fixture.h"

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

}  // namespace
}  // namespace caravel::registry

#include "registry/kv_namespaces.h"

#include "registry/registry_fixture.h"
#include "storage/disk_blobs.h"
#include "storage/testing/new_postgres.h"
#include "storage/testing/temp_folder.h"

namespace caravel::registry {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class KvNamespacesTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    if (IsSkipped()) return;
    storage::Database& database = *ground_.database;
    blobs_ = storage::DiskBlobs::Open(folder_.path() + "/kv", files_).value();
    entries_ =
        storage::KvStore::Open(database, database, *blobs_, clock_).value();
    namespaces_ = KvNamespaces::Open(database, *entries_, clock_).value();
  }

  KvNamespace Create(std::string_view title) {
    return namespaces_->Create(account_.id, title).value();
  }
  std::vector<std::string> Titles() {
    std::vector<std::string> titles;
    const auto listed = namespaces_->List(account_.id).value();
    for (const KvNamespace& space : listed) {
      titles.push_back(space.title);
    }
    return titles;
  }

  storage::TempFolder folder_;
  storage::SystemFiles files_;
  std::unique_ptr<storage::DiskBlobs> blobs_;
  std::unique_ptr<storage::KvStore> entries_;
  std::unique_ptr<KvNamespaces> namespaces_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, KvNamespacesTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Kv"; });
INSTANTIATE_TEST_SUITE_P(Postgres, KvNamespacesTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Kv"; });

TEST_P(KvNamespacesTest, OneIsMadeRenamedAndDeleted) {
  const KvNamespace first = Create("b");
  EXPECT_EQ(first.id.value.size(), 32U);
  Create("a");
  EXPECT_THAT(Titles(), ElementsAre("a", "b"));
  EXPECT_EQ(namespaces_->Get(account_.id, first.id.value)->title, "b");
  ASSERT_TRUE(namespaces_->Rename(account_.id, first.id.value, "c"));
  ASSERT_TRUE(namespaces_->Rename(account_.id, first.id.value, "c"));
  EXPECT_THAT(Titles(), ElementsAre("a", "c"));
  ASSERT_TRUE(namespaces_->Delete(account_.id, first.id.value));
  EXPECT_THAT(Titles(), ElementsAre("a"));
}

TEST_P(KvNamespacesTest, ATitleIsTakenOnceInAnAccount) {
  const KvNamespace first = Create("a");
  const KvNamespace second = Create("b");
  EXPECT_EQ(namespaces_->Create(account_.id, "a").error().code(),
            ErrorCode::kConflict);
  const auto renamed = namespaces_->Rename(account_.id, second.id.value, "a");
  EXPECT_EQ(renamed.error().code(), ErrorCode::kConflict);
  EXPECT_THAT(renamed.error().message(), HasSubstr("already exists: \"a\""));
  EXPECT_THAT(renamed.error().remedy(),
              HasSubstr("\"id\": \"" + first.id.value));
}

TEST_P(KvNamespacesTest, AnotherAccountsIsNotThere) {
  const std::string id = Create("a").id.value;
  const AccountId other{std::string(32, '0')};
  EXPECT_EQ(namespaces_->Get(other, id).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(namespaces_->Rename(other, id, "x").error().code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(namespaces_->Delete(other, id).error().code(),
            ErrorCode::kNotFound);
  EXPECT_THAT(Titles(), ElementsAre("a"));
}

TEST_P(KvNamespacesTest, OneThatRequestsMeetCannotBeDeleted) {
  const KvNamespace space = Create("a");
  NewVersion version = CodeOf("digest");
  version.bindings = {{"CACHE", BindingType::kKvNamespace, space.id.value}};
  ASSERT_TRUE(Publish("shop", version));
  const Status refused = namespaces_->Delete(account_.id, space.id.value);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message(),
              AllOf(HasSubstr("\"shop\""), HasSubstr("\"CACHE\"")));
  ASSERT_TRUE(Publish("shop", "another"));
  EXPECT_TRUE(namespaces_->Delete(account_.id, space.id.value));
}

TEST_P(KvNamespacesTest, ItsEntriesGoWithIt) {
  const std::string id = Create("a").id.value;
  const std::vector<storage::KvWrite> writes = {
      {id, "k", storage::KvContent{"v", {}, {}}}};
  EXPECT_THAT(entries_->Write(writes).value(), ElementsAre(true));
  ASSERT_TRUE(namespaces_->Delete(account_.id, id));
  EXPECT_EQ(entries_->Get(id, "k").value(), std::nullopt);
  EXPECT_THAT(entries_->Write(writes).value(), ElementsAre(false));
}

TEST_P(KvNamespacesTest, NoVersionIsDeployedOnOneThatIsGone) {
  const std::string id = Create("a").id.value;
  NewVersion bound = CodeOf("bound");
  bound.bindings = {{"CACHE", BindingType::kKvNamespace, id}};
  ASSERT_TRUE(Publish("shop", "first"));
  const auto waiting =
      registry_->CreateVersion(account_.id, "shop", bound, ByWrangler());
  ASSERT_TRUE(waiting);
  ASSERT_TRUE(namespaces_->Delete(account_.id, id));

  const auto names_it =
      AllOf(HasSubstr("\"CACHE\""), HasSubstr(id), HasSubstr("not found"));
  const auto deployed = registry_->Deploy(
      account_.id, "shop",
      {{.version = waiting->version.id, .hundredths = 10'000}}, ByWrangler());
  ASSERT_FALSE(deployed);
  EXPECT_EQ(deployed.error().code(), ErrorCode::kInvalid);
  EXPECT_THAT(deployed.error().message(), names_it);

  NewVersion keeping = CodeOf("keeping");
  keeping.kept_types = {BindingType::kKvNamespace};
  const auto kept = Publish("shop", keeping);
  ASSERT_FALSE(kept);
  EXPECT_THAT(kept.error().message(), names_it);

  const auto published = Publish("shop", bound);
  ASSERT_FALSE(published) << "it went while its bundle was looked at";
  EXPECT_THAT(published.error().message(), names_it);
  const auto created =
      registry_->CreateVersion(account_.id, "shop", bound, ByWrangler());
  ASSERT_FALSE(created);
  EXPECT_THAT(created.error().message(), names_it);
}

TEST_P(KvNamespacesTest, AnotherAccountsIsBoundToNothing) {
  NewVersion bound = CodeOf("bound");
  bound.bindings = {{"KV", BindingType::kKvNamespace, std::string(32, '0')}};
  EXPECT_FALSE(Publish("shop", bound));
}

}  // namespace
}  // namespace caravel::registry

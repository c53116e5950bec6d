#include "registry/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/kv_namespaces.h"
#include "registry/registry_fixture.h"
#include "storage/disk_blobs.h"
#include "storage/files.h"
#include "storage/kv_store.h"
#include "storage/testing/new_postgres.h"
#include "storage/testing/new_sqlite.h"
#include "storage/testing/temp_folder.h"

namespace caravel::registry {
namespace {

using ::testing::ElementsAre;

class AccountsTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    if (IsSkipped()) return;
    blobs_ = storage::DiskBlobs::Open(folder_.path(), files_).value();
    kv_ = storage::KvStore::Open(*ground_.database, *ground_.database, *blobs_,
                                 clock_)
              .value();
    namespaces_ = KvNamespaces::Open(*ground_.database, *kv_, clock_).value();
  }
  Accounts& accounts() { return registry_->accounts(); }
  Account Make(std::string_view name) {
    return accounts().Create(name, std::nullopt).value();
  }

  storage::TempFolder folder_;
  storage::SystemFiles files_;
  std::unique_ptr<storage::DiskBlobs> blobs_;
  std::unique_ptr<storage::KvStore> kv_;
  std::unique_ptr<KvNamespaces> namespaces_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, AccountsTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Accounts"; });
INSTANTIATE_TEST_SUITE_P(Postgres, AccountsTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Accounts"; });

TEST_P(AccountsTest, WorkersOfOneNameAnswerUnderHostsOfTheirAccounts) {
  const Account other = Make("Acme & Sons");
  EXPECT_EQ(other.number, 2U);
  EXPECT_EQ(other.subdomain, "acme-sons");
  Publish("hello", "d1").value();
  registry_->Publish(other.id, "hello", CodeOf("d2"), ByWrangler()).value();
  const Snapshot snapshot = LoadSnapshot();
  ASSERT_EQ(snapshot.workers.size(), 2U);
  for (const PublishedWorker& worker : snapshot.workers) {
    if (worker.account == other.id) {
      EXPECT_THAT(worker.hosts, ElementsAre("hello.acme-sons.localhost"));
    } else {
      EXPECT_THAT(worker.hosts,
                  ElementsAre("hello.localhost", "hello.caravel.localhost"));
    }
  }
}

TEST_P(AccountsTest, ASubdomainIsOneAccountsAlone) {
  EXPECT_EQ(Make("Acme").subdomain, "acme");
  EXPECT_EQ(Make("ACME!").subdomain, "acme-2");
  EXPECT_EQ(Make("***").subdomain, "account");
  EXPECT_EQ(Make("localhost").subdomain, "account-2");
  EXPECT_EQ(accounts().Create("x", "own-one").value().subdomain, "own-one");
  const Error taken = accounts().Create("x", "acme").error().Clone();
  EXPECT_EQ(taken.code(), ErrorCode::kConflict);
  EXPECT_EQ(taken.message(), "subdomain \"acme\": belongs to another account");
  for (const char* wrong : {"", "-a", "a-", "A", "a.b", "localhost"}) {
    EXPECT_EQ(accounts().Create("x", wrong).error().code(), ErrorCode::kInvalid)
        << wrong;
  }
}

TEST_P(AccountsTest, ANewNameKeepsTheSubdomain) {
  const Account account = Make("Acme");
  const Account renamed = accounts().Rename(account.id, "Acme Ltd").value();
  EXPECT_EQ(renamed.name, "Acme Ltd");
  EXPECT_EQ(registry_->GetAccount(account.id).value().name, "Acme Ltd");
  EXPECT_EQ(renamed.subdomain, "acme");
  EXPECT_EQ(accounts().Rename({"none"}, "x").error().code(),
            ErrorCode::kNotFound);
}

TEST_P(AccountsTest, OneThatIsInUseStaysAndSaysWhy) {
  const Account account = Make("Acme");
  registry_->Publish(account.id, "hello", CodeOf("d"), ByWrangler()).value();
  const Zone zone =
      registry_->zones().Add(account.id, "a.test", "", false).value().zone;
  const auto space = namespaces_->Create(account.id, "sessions").value();
  const Error refused = accounts().Remove(account.id).error().Clone();
  EXPECT_EQ(refused.code(), ErrorCode::kConflict);
  EXPECT_EQ(refused.message(),
            "account \"Acme\": still has Worker \"hello\", zone \"a.test\", "
            "KV namespace \"sessions\"");
  registry_->DeleteWorker(account.id, "hello").value();
  registry_->zones().Remove(account.id, zone.id).value();
  ASSERT_TRUE(namespaces_->Delete(account.id, space.id.value));

  const std::string token =
      registry_->tokens().Replace(account.id, "ci", {"*"}).value();
  const auto add = [&](const AccountId& to) {
    return registry_->members()
        .Add(to, "a@b.test", Role::kReader, true)
        .value();
  };
  const UserId person = add(account.id).user;
  EXPECT_EQ(accounts().Remove(account.id).value().name, "Acme");
  EXPECT_EQ(registry_->GetAccount(account.id).error().code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(registry_->tokens().Find(token).error().code(), ErrorCode::kDenied);
  // Nobody is left of its members.
  EXPECT_NE(add(account_.id).user, person);
}

TEST_P(AccountsTest, TheFirstStays) {
  EXPECT_EQ(accounts().Remove(account_.id).error().code(), ErrorCode::kDenied);
}

}  // namespace
}  // namespace caravel::registry

#include "registry/members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "registry/registry_fixture.h"
#include "storage/testing/new_postgres.h"
#include "storage/testing/new_sqlite.h"

namespace caravel::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MembersTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    if (IsSkipped()) return;
    other_ = registry_->accounts().Create("other", std::nullopt).value();
  }
  Members& members() { return registry_->members(); }
  std::string TokenFor(std::string email, bool everywhere) {
    return registry_->tokens()
        .Create(
            account_.id, {.name = fmt::format("t{}", ++made_), .scopes = {"*"}},
            Tokens::For{.email = std::move(email), .everywhere = everywhere})
        .value()
        .value;
  }
  TokenOwner Owner(const std::string& token) {
    return registry_->tokens().Find(token).value().owner;
  }
  static std::vector<std::string> AccountsOf(const TokenOwner& owner) {
    std::vector<std::string> accounts;
    for (const Seat& seat : owner.seats) accounts.push_back(seat.account.value);
    return accounts;
  }

  Account other_;
  int made_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, MembersTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Members"; });
INSTANTIATE_TEST_SUITE_P(Postgres, MembersTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Members"; });

TEST_P(MembersTest, APersonIsOneInAllAccounts) {
  const Member here =
      members()
          .Add(account_.id, "Ada@Example.com", Role::kDeveloper, true)
          .value();
  const Member there =
      members().Add(other_.id, "ada@example.com", Role::kReader, true).value();
  EXPECT_EQ(here.email, "ada@example.com");
  EXPECT_EQ(here.user, there.user);
  EXPECT_NE(here.id, there.id);
  EXPECT_EQ(members()
                .Add(account_.id, "ADA@example.com", Role::kReader, true)
                .error()
                .code(),
            ErrorCode::kConflict);
  EXPECT_EQ(members().Find(account_.id, "ADA@EXAMPLE.COM").value().role,
            Role::kDeveloper);
  EXPECT_EQ(members().List(account_.id).value().size(), 1U);
}

TEST_P(MembersTest, AnAddressHasTwoSides) {
  for (const char* wrong :
       {"", "ada", "@b", "a@", "a@b@c", "a b@c", "a@b\n", "\"a\"@b"}) {
    EXPECT_EQ(
        members().Add(account_.id, wrong, Role::kReader, true).error().code(),
        ErrorCode::kInvalid)
        << wrong;
  }
}

TEST_P(MembersTest, OfAnotherAccountNothingIsFound) {
  const MemberId id =
      members().Add(account_.id, "ada@b.test", Role::kReader, true).value().id;
  EXPECT_EQ(members().Get(other_.id, id).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(
      members().SetRole(other_.id, id, Role::kDeveloper, true).error().code(),
      ErrorCode::kNotFound);
  EXPECT_EQ(members().Remove(other_.id, id).error().code(),
            ErrorCode::kNotFound);
  EXPECT_THAT(members().List(other_.id).value(), IsEmpty());
}

TEST_P(MembersTest, ATokenOpensWhatItsMemberHas) {
  const MemberId here =
      members()
          .Add(account_.id, "ada@b.test", Role::kDeveloper, true)
          .value()
          .id;
  members().Add(other_.id, "ada@b.test", Role::kReader, true).value();
  const std::string confined = TokenFor("ada@b.test", false);
  const std::string whole = TokenFor("ada@b.test", true);
  EXPECT_THAT(AccountsOf(Owner(confined)), ElementsAre(account_.id.value));
  const TokenOwner owner = Owner(whole);
  EXPECT_THAT(AccountsOf(owner),
              ElementsAre(account_.id.value, other_.id.value));
  EXPECT_EQ(owner.email, "ada@b.test");
  EXPECT_EQ(owner.seats[0].role, Role::kDeveloper);
  EXPECT_EQ(owner.seats[1].role, Role::kReader);
  // Though it has every scope in the first account.
  EXPECT_FALSE(owner.runs_platform);

  members().SetRole(account_.id, here, Role::kReader, true).value();
  EXPECT_EQ(Owner(whole).seats[0].role, Role::kReader);
}

TEST_P(MembersTest, ATokenEndsWithTheMembership) {
  const MemberId here =
      members()
          .Add(account_.id, "ada@b.test", Role::kDeveloper, true)
          .value()
          .id;
  const MemberId there =
      members().Add(other_.id, "ada@b.test", Role::kReader, true).value().id;
  const std::string whole = TokenFor("ada@b.test", true);
  ASSERT_TRUE(members().Remove(other_.id, there));
  EXPECT_THAT(AccountsOf(Owner(whole)), ElementsAre(account_.id.value));
  ASSERT_TRUE(members().Remove(account_.id, here));
  EXPECT_EQ(registry_->tokens().Find(whole).error().code(), ErrorCode::kDenied);
}

TEST_P(MembersTest, NoAccountPutsItselfAmongThoseOfAStranger) {
  members().Add(account_.id, "ada@b.test", Role::kReader, true).value();
  const std::string whole = TokenFor("ada@b.test", true);
  const MemberId there =
      members()
          .Add(other_.id, "ada@b.test", Role::kAdministrator, false)
          .value()
          .id;
  EXPECT_THAT(AccountsOf(Owner(whole)), ElementsAre(account_.id.value));
  members().SetRole(other_.id, there, Role::kReader, false).value();
  EXPECT_THAT(AccountsOf(Owner(whole)), ElementsAre(account_.id.value));
  members().SetRole(other_.id, there, Role::kReader, true).value();
  EXPECT_THAT(AccountsOf(Owner(whole)),
              ElementsAre(account_.id.value, other_.id.value));
  // What is confirmed stays so.
  EXPECT_TRUE(
      members().SetRole(other_.id, there, Role::kReader, false)->confirmed);
}

TEST_P(MembersTest, APersonGoesWithTheLastMembership) {
  const auto add = [&](const AccountId& account) {
    return members().Add(account, "ada@b.test", Role::kReader, true).value();
  };
  const Member here = add(account_.id);
  const Member there = add(other_.id);
  ASSERT_TRUE(members().Remove(account_.id, here.id));
  EXPECT_EQ(add(account_.id).user, there.user);
  ASSERT_TRUE(members().Remove(other_.id, there.id));
  ASSERT_TRUE(members().Remove(
      account_.id, members().Find(account_.id, "ada@b.test").value().id));
  EXPECT_NE(add(account_.id).user, there.user);
}

TEST_P(MembersTest, NoTokenIsMadeForWhoIsJustRemoved) {
  for (int round = 0; round < 20; ++round) {
    const MemberId id = members()
                            .Add(account_.id, "ada@b.test", Role::kReader, true)
                            .value()
                            .id;
    std::optional<std::string> token;
    std::thread maker([&] {
      auto made = registry_->tokens().Create(
          account_.id, {.name = fmt::format("r{}", round), .scopes = {"*"}},
          Tokens::For{.email = "ada@b.test"});
      if (made) token = made->value;
    });
    ASSERT_TRUE(members().Remove(account_.id, id));
    maker.join();
    if (token) EXPECT_FALSE(registry_->tokens().Find(*token)) << round;
  }
}

TEST_P(MembersTest, ATokenIsForAMemberOnly) {
  members().Add(other_.id, "ada@b.test", Role::kReader, true).value();
  EXPECT_EQ(registry_->tokens()
                .Create(account_.id, {.name = "t", .scopes = {"*"}},
                        Tokens::For{.email = "ada@b.test"})
                .error()
                .message(),
            "member \"ada@b.test\" does not exist in this account");
}

}  // namespace
}  // namespace caravel::registry

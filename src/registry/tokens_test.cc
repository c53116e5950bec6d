#include "registry/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/registry_fixture.h"
#include "storage/testing/new_postgres.h"
#include "storage/testing/new_sqlite.h"

namespace caravel::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TokensTest : public RegistryTest {
 protected:
  Tokens& tokens() { return registry_->tokens(); }
  static TokenTerms Named(std::string name) {
    return {.name = std::move(name),
            .scopes = {"workers:read", "zone:write"},
            .enabled = true,
            .not_before = std::nullopt,
            .expires = std::nullopt};
  }
  Tokens::Made Make(std::string name) {
    return tokens().Create(account_.id, Named(std::move(name))).value();
  }
  Token BootstrapToken() { return tokens().List(account_.id).value().back(); }
};

INSTANTIATE_TEST_SUITE_P(Sqlite, TokensTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Tokens"; });
INSTANTIATE_TEST_SUITE_P(Postgres, TokensTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Tokens"; });

TEST_P(TokensTest, WhatIsMadeIsFoundByItsValue) {
  TokenTerms terms = Named("ci");
  terms.not_before = clock_.Wall() + std::chrono::hours(1);
  terms.expires = clock_.Wall() + std::chrono::hours(2);
  terms.enabled = false;
  const auto made = tokens().Create(account_.id, terms).value();
  const auto found = tokens().Find(made.value).value();
  EXPECT_EQ(found.owner.token, made.token.id);
  EXPECT_EQ(found.owner.account, account_.id);
  EXPECT_EQ(found.owner.name, "ci");
  EXPECT_THAT(found.owner.scopes, ElementsAre("workers:read", "zone:write"));
  EXPECT_EQ(found.terms.not_before, terms.not_before);
  EXPECT_EQ(found.terms.expires, terms.expires);
  EXPECT_FALSE(found.terms.enabled);
  EXPECT_EQ(tokens().Find("caravel_0").error().code(), ErrorCode::kDenied);
}

TEST_P(TokensTest, OnlyAWholeTokenOfTheFirstAccountRunsThePlatform) {
  const std::string whole =
      tokens().Replace(account_.id, "whole", {"*"}).value();
  EXPECT_TRUE(tokens().Find(whole).value().owner.runs_platform);
  EXPECT_FALSE(tokens().Find(Make("part").value).value().owner.runs_platform);
}

TEST_P(TokensTest, ATokenIsValidFromOneMomentToAnother) {
  const base::WallTime now = clock_.Wall();
  TokenTerms terms = Named("x");
  EXPECT_EQ(StateOf(terms, now), TokenState::kActive);
  terms.not_before = now + std::chrono::milliseconds(1);
  terms.expires = now + std::chrono::milliseconds(2);
  EXPECT_EQ(StateOf(terms, now), TokenState::kNotYet);
  EXPECT_EQ(StateOf(terms, *terms.not_before), TokenState::kActive);
  EXPECT_EQ(StateOf(terms, *terms.expires), TokenState::kExpired);
  terms.enabled = false;
  EXPECT_EQ(StateOf(terms, *terms.not_before), TokenState::kDisabled);
}

TEST_P(TokensTest, ANameIsThereOnceInAnAccount) {
  Make("ci");
  const Error again = tokens().Create(account_.id, Named("ci")).error().Clone();
  EXPECT_EQ(again.code(), ErrorCode::kConflict);
  EXPECT_EQ(again.message(),
            "API token \"ci\": the account has one of that name");
  const Token other = Make("other").token;
  EXPECT_EQ(tokens().Update(account_.id, other.id, Named("ci")).error().code(),
            ErrorCode::kConflict);
  EXPECT_EQ(tokens()
                .Create(account_.id, Named(std::string(kBootstrapToken)))
                .error()
                .code(),
            ErrorCode::kConflict);
}

TEST_P(TokensTest, AChangeKeepsTheValue) {
  const auto made = Make("ci");
  clock_.Advance(std::chrono::hours(3));
  TokenTerms terms = Named("deploys");
  terms.scopes = {"workers:write"};
  terms.enabled = false;
  const Token changed =
      tokens().Update(account_.id, made.token.id, terms).value();
  EXPECT_EQ(changed.created, made.token.created);
  EXPECT_EQ(changed.modified, clock_.Wall());
  const auto found = tokens().Find(made.value).value();
  EXPECT_EQ(found.owner.name, "deploys");
  EXPECT_THAT(found.owner.scopes, ElementsAre("workers:write"));
  EXPECT_FALSE(found.terms.enabled);
}

TEST_P(TokensTest, ARolledTokenOpensByItsNewValueOnly) {
  const auto made = Make("ci");
  const auto rolled = tokens().Roll(account_.id, made.token.id).value();
  EXPECT_NE(rolled.value, made.value);
  EXPECT_EQ(tokens().Find(made.value).error().code(), ErrorCode::kDenied);
  EXPECT_EQ(tokens().Find(rolled.value).value().owner.token, made.token.id);
}

TEST_P(TokensTest, ARemovedTokenOpensNothing) {
  const auto made = Make("ci");
  ASSERT_TRUE(tokens().Remove(account_.id, made.token.id));
  EXPECT_EQ(tokens().Find(made.value).error().code(), ErrorCode::kDenied);
  EXPECT_THAT(tokens().Get(account_.id, made.token.id).error().message(),
              HasSubstr("does not exist in this account"));
}

TEST_P(TokensTest, WhoIsKnownByIdIsWhoIsKnownByValue) {
  const auto made = Make("ci");
  const auto found = tokens().FindById(made.token.id).value();
  EXPECT_EQ(found.owner.name, "ci");
  EXPECT_EQ(found.owner.scopes, tokens().Find(made.value)->owner.scopes);
  ASSERT_TRUE(tokens().Remove(account_.id, made.token.id));
  EXPECT_EQ(tokens().FindById(made.token.id).error().code(),
            ErrorCode::kDenied);
}

TEST_P(TokensTest, AnotherAccountsTokenIsNotFound) {
  const TokenId token = Make("ci").token.id;
  const AccountId other = {"other"};
  for (const Error& error :
       {tokens().Get(other, token).error().Clone(),
        tokens().Update(other, token, Named("x")).error().Clone(),
        tokens().Roll(other, token).error().Clone(),
        tokens().Remove(other, token).error().Clone()}) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
  EXPECT_THAT(tokens().List(other).value(), IsEmpty());
}

TEST_P(TokensTest, ThePlatformsOwnTokenStays) {
  const TokenId own = BootstrapToken().id;
  for (const Error& error :
       {tokens().Update(account_.id, own, Named("x")).error().Clone(),
        tokens().Roll(account_.id, own).error().Clone(),
        tokens().Remove(account_.id, own).error().Clone()}) {
    EXPECT_EQ(error.code(), ErrorCode::kDenied);
    EXPECT_THAT(error.message(), HasSubstr("the platform's own"));
  }
}

TEST_P(TokensTest, AUseIsNotedOnceAnHour) {
  const auto made = Make("ci");
  const auto last_used = [&] {
    return tokens().Get(account_.id, made.token.id).value().last_used;
  };
  EXPECT_EQ(last_used(), std::nullopt);
  const base::WallTime first = clock_.Wall();
  ASSERT_TRUE(tokens().Find(made.value));
  EXPECT_EQ(last_used(), first);
  clock_.Advance(Tokens::kUseStep - std::chrono::seconds(1));
  ASSERT_TRUE(tokens().Find(made.value));
  EXPECT_EQ(last_used(), first);
  clock_.Advance(std::chrono::seconds(1));
  ASSERT_TRUE(tokens().Find(made.value));
  EXPECT_EQ(last_used(), clock_.Wall());
}

TEST_P(TokensTest, AnAccountHasSoManyAtMost) {
  for (size_t i = 1; i < Tokens::kMostOfAccount; ++i) {
    Make(std::to_string(i));
  }
  EXPECT_EQ(tokens().Create(account_.id, Named("more")).error().code(),
            ErrorCode::kLimit);
}

}  // namespace
}  // namespace caravel::registry

// Accounts, members and their roles over the API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "control/testing/test_platform.h"

namespace caravel::api {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class AccountsApiTest : public ::testing::Test {
 protected:
  static std::string Text(const TestReply& reply, std::string_view key) {
    return reply.result().at(key).as_string().c_str();
  }
  // The id of a new account.
  std::string MakeAccount(std::string_view name) {
    const TestReply made = client_.Send(
        "POST", "/accounts", fmt::format(R"({{"name":"{}"}})", name));
    EXPECT_EQ(made.status, 200) << made.error();
    return Text(made, "id");
  }
  // The value of a new token of the account; `more`: of its JSON.
  std::string MakeToken(std::string_view account, std::string_view more) {
    const TestReply made =
        client_.Send("POST", fmt::format("/accounts/{}/tokens", account),
                     fmt::format(R"({{"name":"t{}",{}}})", ++made_, more));
    EXPECT_EQ(made.status, 200) << made.error();
    return made.status == 200 ? Text(made, "value") : "";
  }
  TestReply AddMember(std::string_view account, std::string_view email,
                      std::string_view role) {
    return client_.Send(
        "POST", fmt::format("/accounts/{}/members", account),
        fmt::format(R"({{"email":"{}","role":"{}"}})", email, role));
  }
  void As(const std::string& token) { client_.set_token(token); }
  void AsOperator() { client_.set_token(platform_.token()); }
  std::string ScriptIn(std::string_view account) {
    return fmt::format("/accounts/{}/workers/scripts/hello", account);
  }
  TestReply Deploy(std::string_view account) {
    return client_.Upload("PUT", ScriptIn(account),
                          R"({"main_module":"index.js"})", {kIndexModule});
  }
  std::vector<std::string> AccountsSeen() {
    std::vector<std::string> ids;
    const TestReply reply = client_.Get("/accounts");
    for (const auto& account : reply.result().as_array()) {
      ids.emplace_back(account.at("id").as_string().c_str());
    }
    return ids;
  }

  TestPlatform platform_;
  TestClient client_{platform_};
  int made_ = 0;
};

TEST_F(AccountsApiTest, AnAccountHasWorkersOfItsOwn) {
  const std::string acme = MakeAccount("Acme");
  const std::string token = MakeToken(acme, R"("scopes":["*"])");
  EXPECT_THAT(AccountsSeen(),
              ::testing::ElementsAre(platform_.account(), acme));
  As(token);
  EXPECT_THAT(AccountsSeen(), ::testing::ElementsAre(acme));
  ASSERT_EQ(Deploy(acme).status, 200);
  EXPECT_EQ(
      Text(client_.Get(fmt::format("/accounts/{}/workers/subdomain", acme)),
           "subdomain"),
      "acme");
  EXPECT_EQ(client_.Get("/accounts/ACCOUNT/workers/scripts").status, 404);
  AsOperator();
  EXPECT_EQ(client_.Get(ScriptIn(acme) + "/settings").status, 200);
  const TestReply refused = client_.Send("DELETE", "/accounts/" + acme);
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.error(), HasSubstr("still has Worker \"hello\""));
  ASSERT_EQ(client_.Send("DELETE", ScriptIn(acme)).status, 200);
  EXPECT_EQ(client_.Send("DELETE", "/accounts/" + acme).status, 200);
  As(token);
  EXPECT_EQ(client_.Get("/accounts").status, 401);
}

TEST_F(AccountsApiTest, OnlyWhoRunsThePlatformMakesAccounts) {
  const std::string acme = MakeAccount("Acme");
  const std::string other = MakeAccount("Other");
  As(MakeToken(acme, R"("scopes":["*"])"));
  EXPECT_THAT(client_.Send("POST", "/accounts", R"({"name":"x"})").error(),
              HasSubstr("lacks the scope \"platform:write\""));
  EXPECT_EQ(client_.Send("DELETE", "/accounts/" + acme).status, 403);
  EXPECT_EQ(client_.Send("DELETE", "/accounts/" + other).status, 404);
  // An account's own name is its own matter.
  EXPECT_EQ(
      Text(client_.Send("PUT", "/accounts/" + acme, R"({"name":"Acme Ltd"})"),
           "name"),
      "Acme Ltd");
}

TEST_F(AccountsApiTest, AScopeForThePlatformIsEnough) {
  const std::string token =
      MakeToken("ACCOUNT", R"("scopes":["platform:write","account:read"])");
  As(token);
  const std::string acme = MakeAccount("Acme");
  EXPECT_EQ(AccountsSeen().size(), 2U);
  EXPECT_EQ(client_.Send("DELETE", "/accounts/" + acme).status, 200);
  // It may nothing else in them.
  EXPECT_EQ(client_.Get("/accounts/ACCOUNT/workers/scripts").status, 403);
}

TEST_F(AccountsApiTest, ZonesAreAnAccountsOwn) {
  const std::string acme = MakeAccount("Acme");
  const TestReply zone = client_.Send(
      "POST", "/zones",
      fmt::format(R"({{"name":"a.test","account":{{"id":"{}"}}}})", acme));
  ASSERT_EQ(zone.status, 200) << zone.error();
  const std::string path = "/zones/" + Text(zone, "id");
  EXPECT_EQ(client_.Get(path).status, 200);
  EXPECT_EQ(client_.Get("/zones").result().as_array().size(), 0U);
  EXPECT_EQ(client_.Get("/zones?account.id=" + acme).result().as_array().size(),
            1U);
  As(MakeToken(acme, R"("scopes":["zone:read"])"));
  EXPECT_EQ(client_.Get("/zones").result().as_array().size(), 1U);
  EXPECT_EQ(client_.Get(path).status, 200);
  EXPECT_EQ(client_.Send("DELETE", path).status, 403);
  AsOperator();
  As(MakeToken(MakeAccount("Other"), R"("scopes":["*"])"));
  EXPECT_EQ(client_.Send("DELETE", path).status, 404);
  EXPECT_EQ(
      client_
          .Send("POST", "/zones",
                fmt::format(R"({{"name":"b.test","account":{{"id":"{}"}}}})",
                            acme))
          .status,
      404);
}

TEST_F(AccountsApiTest, AMemberMayWhatScopesAndRoleAllow) {
  ASSERT_EQ(AddMember("ACCOUNT", "ada@b.test", "developer").status, 200);
  const std::string member =
      Text(AddMember("ACCOUNT", "bob@b.test", "reader"), "id");
  const std::string ada =
      MakeToken("ACCOUNT", R"("scopes":["*"],"member":"ada@b.test")");
  const std::string bob =
      MakeToken("ACCOUNT", R"("scopes":["*"],"member":"bob@b.test")");
  As(ada);
  EXPECT_EQ(Deploy("ACCOUNT").status, 200);
  EXPECT_THAT(client_.Get("/accounts/ACCOUNT/tokens").error(),
              HasSubstr("lacks the scope \"tokens:read\""));
  EXPECT_EQ(client_.Send("POST", "/accounts", R"({"name":"x"})").status, 403);
  const TestReply versions = client_.Get(ScriptIn("ACCOUNT") + "/versions");
  EXPECT_THAT(versions.body, HasSubstr("ada@b.test"));
  As(bob);
  EXPECT_EQ(client_.Get(ScriptIn("ACCOUNT") + "/settings").status, 200);
  EXPECT_EQ(client_.Get("/accounts/ACCOUNT/tokens").status, 200);
  EXPECT_EQ(Deploy("ACCOUNT").status, 403);

  AsOperator();
  const std::string path = "/accounts/ACCOUNT/members/" + member;
  EXPECT_EQ(client_.Send("PUT", path, R"({"role":"developer"})").status, 200);
  As(bob);
  EXPECT_EQ(Deploy("ACCOUNT").status, 200);
  AsOperator();
  EXPECT_EQ(client_.Send("DELETE", path).status, 200);
  As(bob);
  EXPECT_EQ(client_.Get("/accounts").status, 401);
}

TEST_F(AccountsApiTest, AMembersTokenIsAUsers) {
  const std::string acme = MakeAccount("Acme");
  AddMember("ACCOUNT", "ada@b.test", "developer");
  AddMember(acme, "ada@b.test", "reader");
  As(MakeToken("ACCOUNT", R"("scopes":["*"],"member":"ada@b.test")"));
  EXPECT_EQ(Text(client_.Get("/user"), "email"), "ada@b.test");
  EXPECT_EQ(Text(client_.Get("/user/tokens/verify"), "status"), "active");
  EXPECT_THAT(AccountsSeen(),
              ::testing::ElementsAre(platform_.account(), acme));
  const TestReply memberships = client_.Get("/memberships");
  ASSERT_EQ(memberships.result().as_array().size(), 2U);
  EXPECT_EQ(memberships.result().at(0).at("roles").at(0), "Workers Admin");
  EXPECT_EQ(Deploy("ACCOUNT").status, 200);
  EXPECT_EQ(Deploy(acme).status, 403);
  EXPECT_EQ(
      client_.Get(fmt::format("/accounts/{}/workers/scripts", acme)).status,
      200);
}

TEST_F(AccountsApiTest, AnAccountMakesNobodysTokenForOtherAccounts) {
  const std::string acme = MakeAccount("Acme");
  AddMember("ACCOUNT", "ada@b.test", "administrator");
  AddMember(acme, "ada@b.test", "reader");
  const std::string whole =
      MakeToken(acme, R"("scopes":["workers:read"],"member":"ada@b.test")");
  const std::string admin = MakeToken(acme, R"("scopes":["*"])");
  As(admin);
  const std::string confined =
      MakeToken(acme, R"("scopes":["*"],"member":"ada@b.test")");
  As(confined);
  EXPECT_THAT(AccountsSeen(), ::testing::ElementsAre(acme));
  EXPECT_EQ(client_.Get("/accounts/ACCOUNT/workers/scripts").status, 404);
  // Nor does it get at one that opens them.
  As(whole);
  EXPECT_EQ(client_.Get("/accounts/ACCOUNT/workers/scripts").status, 200);
  As(admin);
  const TestReply tokens =
      client_.Get(fmt::format("/accounts/{}/tokens", acme));
  std::string id;
  for (const auto& token : tokens.result().as_array()) {
    if (token.at("name") == "t1") id = token.at("id").as_string().c_str();
  }
  const std::string path = fmt::format("/accounts/{}/tokens/{}", acme, id);
  EXPECT_THAT(client_.Send("PUT", path + "/value", "{}").error(),
              StartsWith("9109 token \"t1\": opens all accounts of "
                         "ada@b.test"));
  EXPECT_EQ(client_.Send("PUT", path, R"({"name":"t1","scopes":["*"]})").status,
            403);
  EXPECT_EQ(client_.Send("DELETE", path).status, 200);
}

TEST_F(AccountsApiTest, NoAccountPutsItselfAmongThoseOfAStranger) {
  const std::string acme = MakeAccount("Acme");
  AddMember("ACCOUNT", "ada@b.test", "developer");
  const std::string ada =
      MakeToken("ACCOUNT", R"("scopes":["*"],"member":"ada@b.test")");
  const std::string admin = MakeToken(acme, R"("scopes":["*"])");
  As(admin);
  const TestReply added = AddMember(acme, "ada@b.test", "administrator");
  ASSERT_EQ(added.status, 200) << added.error();
  As(ada);
  EXPECT_THAT(AccountsSeen(), ::testing::ElementsAre(platform_.account()));
  EXPECT_EQ(client_.Get("/memberships").result().as_array().size(), 1U);
  EXPECT_EQ(
      client_.Get(fmt::format("/accounts/{}/workers/scripts", acme)).status,
      404);
  // A token of that account is hers there.
  As(admin);
  const std::string there =
      MakeToken(acme, R"("scopes":["*"],"member":"ada@b.test")");
  As(there);
  EXPECT_THAT(AccountsSeen(), ::testing::ElementsAre(acme));
  // Who runs the platform confirms it by setting the role.
  AsOperator();
  const std::string path =
      fmt::format("/accounts/{}/members/{}", acme, Text(added, "id"));
  EXPECT_EQ(client_.Send("PUT", path, R"({"role":"reader"})").status, 200);
  As(ada);
  EXPECT_THAT(AccountsSeen(),
              ::testing::ElementsAre(platform_.account(), acme));
  const TestReply memberships = client_.Get("/memberships");
  ASSERT_EQ(memberships.result().as_array().size(), 2U);
  EXPECT_EQ(memberships.result().at(1).at("id").as_string(), Text(added, "id"));
}

TEST_F(AccountsApiTest, NobodyActsInTheNameOfAMember) {
  AddMember("ACCOUNT", "ada@b.test", "developer");
  const TestReply own = client_.Send("POST", "/accounts/ACCOUNT/tokens",
                                     R"({"name":"ada","scopes":["workers:read"],
                       "member":"ada@b.test"})");
  ASSERT_EQ(own.status, 200) << own.error();
  const std::string path = "/accounts/ACCOUNT/tokens/" + Text(own, "id");
  As(MakeToken("ACCOUNT", R"("scopes":["tokens:write","workers:read"])"));
  const TestReply refused =
      client_.Send("POST", "/accounts/ACCOUNT/tokens",
                   R"({"name":"x","scopes":["workers:read"],
                       "member":"Ada@b.test"})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.error(),
              HasSubstr("lacks the scope \"account:write\" and makes no token "
                        "of Ada@b.test"));
  EXPECT_EQ(client_.Send("PUT", path + "/value", "{}").status, 403);
  EXPECT_EQ(
      client_.Send("PUT", path, R"({"name":"ada","scopes":["workers:read"]})")
          .status,
      403);
  // Who chooses members may, and a member for themselves.
  AsOperator();
  As(MakeToken("ACCOUNT",
               R"("scopes":["tokens:write","account:write","workers:read"])"));
  EXPECT_EQ(client_
                .Send("POST", "/accounts/ACCOUNT/tokens",
                      R"({"name":"x","scopes":["workers:read"],
                          "member":"ada@b.test"})")
                .status,
            200);
  AsOperator();
  AddMember("ACCOUNT", "bob@b.test", "administrator");
  As(MakeToken("ACCOUNT",
               R"("scopes":["tokens:write"],"member":"bob@b.test")"));
  EXPECT_EQ(client_
                .Send("POST", "/accounts/ACCOUNT/tokens",
                      R"({"name":"y","scopes":["tokens:read"],
                          "member":"bob@b.test"})")
                .status,
            200);
}

TEST_F(AccountsApiTest, NobodyChangesWhoIsMore) {
  const std::string ada =
      "/accounts/ACCOUNT/members/" +
      Text(AddMember("ACCOUNT", "ada@b.test", "administrator"), "id");
  As(MakeToken("ACCOUNT", R"("scopes":["account:write"])"));
  const TestReply refused = client_.Send("DELETE", ada);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.error(),
              HasSubstr("cannot change a member who is administrator"));
  EXPECT_EQ(client_.Send("PUT", ada, R"({"role":"reader"})").status, 403);
}

TEST_F(AccountsApiTest, AFollowedLogEndsWithTheMembership) {
  const std::string acme = MakeAccount("Acme");
  ASSERT_EQ(Deploy(acme).status, 200);
  const std::string member =
      Text(AddMember(acme, "ada@b.test", "reader"), "id");
  AddMember("ACCOUNT", "ada@b.test", "reader");
  As(MakeToken("ACCOUNT", R"("scopes":["*"],"member":"ada@b.test")"));
  const TestReply tail = client_.Send("POST", ScriptIn(acme) + "/tails", "{}");
  ASSERT_EQ(tail.status, 200) << tail.error();
  AsOperator();
  EXPECT_TRUE(platform_.tails().IsThere(Text(tail, "id")));
  ASSERT_EQ(
      client_
          .Send("DELETE", fmt::format("/accounts/{}/members/{}", acme, member))
          .status,
      200);
  EXPECT_FALSE(platform_.tails().IsThere(Text(tail, "id")));
}

TEST_F(AccountsApiTest, WhatOthersCannotSeeIsInNoName) {
  for (const char* name :
       {R"(a\u001b[2J)", R"(a\u0000)", R"(a\u202eb)", R"(a\nb)"}) {
    EXPECT_THAT(
        client_
            .Send("POST", "/accounts", fmt::format(R"({{"name":"{}"}})", name))
            .error(),
        StartsWith("1001 name: must not have control characters"))
        << name;
    EXPECT_THAT(client_
                    .Send("PUT", "/accounts/ACCOUNT",
                          fmt::format(R"({{"name":"{}"}})", name))
                    .error(),
                StartsWith("1001 name: must not have control characters"))
        << name;
  }
  EXPECT_THAT(client_.Send("POST", "/accounts", R"({"name":"Acme "})").error(),
              StartsWith("1001 name: must not begin or end with a space"));
}

TEST_F(AccountsApiTest, NobodyMakesOthersMoreThanTheyAre) {
  As(MakeToken("ACCOUNT", R"("scopes":["account:write"])"));
  const TestReply refused = AddMember("ACCOUNT", "ada@b.test", "reader");
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.error(), HasSubstr("cannot make anybody reader"));
  AsOperator();
  AddMember("ACCOUNT", "ada@b.test", "administrator");
  As(MakeToken("ACCOUNT", R"("scopes":["*"],"member":"ada@b.test")"));
  EXPECT_EQ(AddMember("ACCOUNT", "bob@b.test", "administrator").status, 200);
  // An administrator's token does not run the platform, nor what it makes.
  EXPECT_EQ(client_
                .Send("POST", "/accounts/ACCOUNT/tokens",
                      R"({"name":"x","scopes":["*"]})")
                .status,
            403);
  EXPECT_EQ(client_
                .Send("POST", "/accounts/ACCOUNT/tokens",
                      R"({"name":"x","scopes":["platform:write"]})")
                .status,
            403);
  EXPECT_EQ(client_
                .Send("POST", "/accounts/ACCOUNT/tokens",
                      R"({"name":"x","scopes":["*"],"member":"bob@b.test"})")
                .status,
            200);
}

TEST_F(AccountsApiTest, RolesAreGivenAsTheCloudflareApiGivesThem) {
  const TestReply roles = client_.Get("/accounts/ACCOUNT/roles");
  ASSERT_EQ(roles.result().as_array().size(), 3U);
  const auto& developer = roles.result().at(1);
  EXPECT_EQ(developer.at("name"), "Workers Admin");
  const std::string id = developer.at("id").as_string().c_str();
  const TestReply made = client_.Send(
      "POST", "/accounts/ACCOUNT/members",
      fmt::format(R"({{"email":"ada@b.test","roles":["{}"]}})", id));
  ASSERT_EQ(made.status, 200) << made.error();
  EXPECT_EQ(made.result().at("user").at("email"), "ada@b.test");
  EXPECT_EQ(made.result().at("status"), "accepted");
  EXPECT_EQ(made.result().at("roles").at(0).at("role"), "developer");
  const TestReply changed =
      client_.Send("PUT", "/accounts/ACCOUNT/members/" + Text(made, "id"),
                   fmt::format(R"({{"id":"x","roles":[{{"id":"{}"}}]}})", id));
  EXPECT_EQ(changed.status, 200) << changed.error();
}

TEST_F(AccountsApiTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(AddMember("ACCOUNT", "ada@b.test", "develper").error(),
              StartsWith("1001 role \"develper\" does not exist (did you mean "
                         "\"developer\"?)"));
  EXPECT_THAT(AddMember("ACCOUNT", "ada.b.test", "reader").error(),
              HasSubstr("\"ada.b.test\" is no e-mail address"));
  EXPECT_THAT(client_
                  .Send("POST", "/accounts/ACCOUNT/members",
                        R"({"email":"ada@b.test"})")
                  .error(),
              HasSubstr("roles: a member has one role, not 0"));
  EXPECT_THAT(client_
                  .Send("POST", "/accounts/ACCOUNT/members",
                        R"({"email":"ada@b.test","roles":[{"name":"x"}]})")
                  .error(),
              HasSubstr("roles[0]: is neither the id of a role nor has one"));
  EXPECT_THAT(client_
                  .Send("POST", "/accounts/ACCOUNT/tokens",
                        R"({"name":"x","scopes":["*"],"member":"no@b.test"})")
                  .error(),
              HasSubstr("member \"no@b.test\" does not exist"));
  EXPECT_THAT(
      client_.Send("POST", "/accounts", R"({"name":"x","subdomain":"A"})")
          .error(),
      HasSubstr("subdomain \"A\": cannot be part of a host name"));
  EXPECT_THAT(client_.Send("DELETE", "/accounts/ACCOUNT").error(),
              HasSubstr("is the platform's first and stays"));
}

TEST_F(AccountsApiTest, AZoneStandsInTheLogOfItsAccount) {
  const std::string acme = MakeAccount("Acme");
  const TestReply zone = client_.Send(
      "POST", "/zones",
      fmt::format(R"({{"name":"a.test","account":{{"id":"{}"}}}})", acme));
  ASSERT_EQ(zone.status, 200) << zone.error();
  const auto log = [&](std::string_view account) {
    return client_.Get(fmt::format("/accounts/{}/logs/audit", account)).body;
  };
  EXPECT_THAT(log(acme), HasSubstr("/client/v4/zones"));
  EXPECT_THAT(log("ACCOUNT"), Not(HasSubstr("/client/v4/zones")));
}

TEST_F(AccountsApiTest, WhatIsDoneToThePlatformStandsWithWhoRunsIt) {
  const std::string acme = MakeAccount("Acme");
  client_.Send("PUT", "/accounts/" + acme, R"({"name":"x"})");
  client_.Send("DELETE", "/accounts/" + acme);
  const TestReply log = client_.Get("/accounts/ACCOUNT/logs/audit");
  EXPECT_THAT(log.body, AllOf(HasSubstr("Make an account"),
                              HasSubstr("Remove an account"),
                              Not(HasSubstr("Rename an account"))));
}

}  // namespace
}  // namespace caravel::api

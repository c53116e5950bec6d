#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "control/testing/test_platform.h"

// The calls of `wrangler deploy`, `deployments list` and `delete`, in the order
// in which wrangler makes them.
namespace caravel::api {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kScript = "/accounts/ACCOUNT/workers/scripts/hello";

std::string Text(const boost::json::value& value) {
  return boost::json::serialize(value);
}

std::string String(const boost::json::value& value) {
  return value.as_string().c_str();
}

class DeployTest : public ::testing::Test {
 protected:
  std::string Path(std::string_view below) {
    return fmt::format("{}{}", kScript, below);
  }
  TestReply Get(std::string_view below) { return client_.Get(Path(below)); }

  TestReply PostVersion(std::string_view metadata) {
    return client_.Upload("POST", Path("/versions?bindings_inherit=strict"),
                          metadata, {kIndexModule});
  }
  // Its newest, which has no requests yet.
  TestReply PostVersionOfCallee() {
    return client_.Upload("POST",
                          "/accounts/ACCOUNT/workers/scripts/callee/versions",
                          R"({"main_module":"index.js"})", {kIndexModule});
  }
  TestReply PostDeployment(std::string_view body) {
    return client_.Send("POST", Path("/deployments"), std::string(body));
  }

  TestPlatform platform_;
  TestClient client_{platform_};
};

TEST_F(DeployTest, TheFirstDeployFindsNothingAndPublishes) {
  EXPECT_THAT(client_.Get("/accounts/ACCOUNT/workers/services/hello").error(),
              StartsWith("10090 "));
  EXPECT_FALSE(client_.Get("/accounts/ACCOUNT/workers/subdomain")
                   .result()
                   .at("subdomain")
                   .as_string()
                   .empty());
  EXPECT_THAT(Get("/deployments").error(), StartsWith("10007 "));

  const TestReply uploaded = client_.Upload(
      "PUT", Path("?excludeScript=true&bindings_inherit=strict"),
      R"({"main_module":"index.js","compatibility_date":"2026-01-01",
          "compatibility_flags":["nodejs_compat"],
          "bindings":[{"name":"GREETING","type":"plain_text","text":"hi"},
                      {"name":"LIST","type":"json","json":[1,"a"]},
                      {"name":"KEY","type":"secret_text","text":"hidden"}],
          "keep_bindings":["secret_text","secret_key"],
          "code_update_strategy":{"mode":"deferred","max_delay":300},
          "package_dependencies":[{"name":"x"}],
          "annotations":{"workers/message":"first"}})",
      {kIndexModule});
  ASSERT_EQ(uploaded.status, 200) << Text(uploaded.json);
  EXPECT_EQ(uploaded.result().at("startup_time_ms"), 7);
  EXPECT_GT(platform_.observer().newest(), 0u);

  const auto id = uploaded.result().at("deployment_id").as_string();
  const TestReply version =
      Get(fmt::format("/versions/{}", std::string_view(id)));
  ASSERT_EQ(version.status, 200) << Text(version.json);
  EXPECT_EQ(version.result().at("number"), 1);
  EXPECT_EQ(version.result().at("metadata").at("source"), "wrangler");
  EXPECT_EQ(version.result().at("annotations").at("workers/message"), "first");
  const auto& resources = version.result().at("resources");
  EXPECT_EQ(Text(resources.at("bindings")),
            R"([{"name":"GREETING","type":"plain_text","text":"hi"},)"
            R"({"name":"LIST","type":"json","json":[1,"a"]},)"
            R"({"name":"KEY","type":"secret_text"}])");
  EXPECT_EQ(resources.at("script_runtime").at("compatibility_date"),
            "2026-01-01");
  EXPECT_EQ(Text(resources.at("script").at("handlers")), R"(["fetch"])");

  const TestReply deployments = Get("/deployments");
  EXPECT_EQ(deployments.result()
                .at("deployments")
                .at(0)
                .at("versions")
                .at(0)
                .at("version_id"),
            id);

  const TestReply worker =
      client_.Get("/accounts/ACCOUNT/workers/workers/hello");
  EXPECT_EQ(worker.result().at("subdomain").at("enabled"), true);
  const std::string url = String(worker.result().at("subdomain").at("url"));
  EXPECT_THAT(url, StartsWith("http://hello."));
  EXPECT_THAT(url, HasSubstr(":8787/"));
  EXPECT_THAT(Text(Get("/secrets").result()),
              HasSubstr(R"([{"name":"KEY","type":"secret_text"}])"));
}

TEST_F(DeployTest, TheSecondDeployMakesAVersionAndDeploysIt) {
  ASSERT_EQ(client_.Put("hello").status, 200);
  const uint64_t before = platform_.observer().newest();
  platform_.clock().Advance(std::chrono::seconds(1));

  const TestReply version = PostVersion(R"({"main_module":"index.js"})");
  ASSERT_EQ(version.status, 200) << Text(version.json);
  EXPECT_EQ(version.result().at("number"), 2);
  EXPECT_EQ(version.result().at("metadata").at("has_preview"), true);
  const uint64_t made = platform_.observer().newest();
  EXPECT_GT(made, before);  // for its preview

  const std::string id = String(version.result().at("id"));
  const TestReply deployed = PostDeployment(fmt::format(
      R"({{"strategy":"percentage","versions":[{{"version_id":"{}",
          "percentage":100}}],"annotations":{{"workers/message":"second"}},
          "code_update_strategy":{{"mode":"deferred","max_delay":300}}}})",
      id));
  ASSERT_EQ(deployed.status, 200) << Text(deployed.json);
  EXPECT_GT(platform_.observer().newest(), made);

  const TestReply patched = client_.Send(
      "PATCH", Path("/script-settings"),
      R"({"observability":{"enabled":false},"tags":["a"],"logpush":false})");
  EXPECT_EQ(Text(patched.result().at("tags")), R"(["a"])")
      << Text(patched.json);

  const auto deployments = Get("/deployments").result().at("deployments");
  ASSERT_EQ(deployments.as_array().size(), 2u);
  EXPECT_EQ(String(deployments.at(0).at("versions").at(0).at("version_id")),
            id);
  EXPECT_EQ(deployments.at(0).at("versions").at(0).at("percentage"), 100);
  const std::string second = String(deployments.at(0).at("id"));
  EXPECT_EQ(Get("/deployments/" + second).result(), deployments.at(0));
  EXPECT_THAT(Get("/deployments/nonsense").error(),
              HasSubstr("deployment \"nonsense\" of Worker \"hello\" does not "
                        "exist"));
  EXPECT_EQ(
      Get("/versions?deployable=true").result().at("items").as_array().size(),
      2u);
}

TEST_F(DeployTest, RequestsAreDividedByPercentage) {
  ASSERT_EQ(client_.Put("hello").status, 200);
  platform_.clock().Advance(std::chrono::seconds(1));
  PostVersion(R"({"main_module":"index.js"})");
  const auto items = Get("/versions").result().at("items");
  const auto post = [&](double a, double b) {
    return PostDeployment(fmt::format(
        R"({{"versions":[{{"version_id":"{}","percentage":{}}},
                         {{"version_id":"{}","percentage":{}}}]}})",
        items.at(0).at("id").as_string().c_str(), a,
        items.at(1).at("id").as_string().c_str(), b));
  };
  EXPECT_EQ(post(33.33, 66.67).status, 200);
  EXPECT_EQ(post(50, 40).status, 400);
  EXPECT_THAT(post(-1, 101).error(),
              HasSubstr("versions[0].percentage: must be between 0 and 100"));
}

TEST_F(DeployTest, AVersionOfAWorkerThatIsNotThereIsNotChecked) {
  EXPECT_THAT(PostVersion(R"({"main_module":"index.js"})").error(),
              StartsWith("10007 "));
  EXPECT_EQ(platform_.checker().checks(), 0);
}

TEST_F(DeployTest, SecretsAndVarsAreKeptWhenAsked) {
  ASSERT_EQ(client_
                .Put("hello", R"({"main_module":"index.js","bindings":[
                    {"name":"KEY","type":"secret_text","text":"s"},
                    {"name":"OLD","type":"plain_text","text":"o"}]})")
                .status,
            200);
  platform_.clock().Advance(std::chrono::seconds(1));
  const TestReply version = PostVersion(
      R"({"main_module":"index.js","keep_bindings":["secret_text"],
          "bindings":[{"name":"OLD","type":"inherit"}]})");
  ASSERT_EQ(version.status, 200) << Text(version.json);
  const std::string bindings =
      Text(version.result().at("resources").at("bindings"));
  EXPECT_THAT(bindings, HasSubstr(R"({"name":"KEY","type":"secret_text"})"));
  EXPECT_THAT(bindings,
              HasSubstr(R"({"name":"OLD","type":"plain_text","text":"o"})"));
}

TEST_F(DeployTest, ABindingToInheritMustBeThere) {
  EXPECT_THAT(client_
                  .Put("hello", R"({"main_module":"index.js","bindings":[
              {"name":"NEED","type":"inherit"}]})")
                  .error(),
              StartsWith("10057 inherit binding 'NEED' is invalid"));
}

constexpr std::string_view kCallsCart =
    R"({"main_module":"index.js","bindings":[{"name":"B","type":"service",
        "service":"callee","entrypoint":"Cart"}]})";

TEST_F(DeployTest, AnEntrypointIsExportedByTheWorkerThatABindingCalls) {
  platform_.checker().SetExports({"Card"});
  ASSERT_EQ(client_.Put("callee").status, 200);
  EXPECT_EQ(client_.Put("hello", kCallsCart).error(),
            "10144 Could not resolve service binding 'B'. Target script "
            "'callee' does not export the entrypoint 'Cart' (did you mean "
            "\"Card\"?)\nname one that it exports, or deploy it with that "
            "export first; if it is to call this Worker in turn, without that "
            "binding at first");
  EXPECT_THAT(Get("/deployments").error(), StartsWith("10007 "));
  platform_.checker().SetExports({"Card", "Cart"});
  ASSERT_EQ(client_.Put("callee").status, 200);
  EXPECT_EQ(client_.Put("hello", kCallsCart).status, 200);
}

TEST_F(DeployTest, TheNewestVersionOfACalleeCountsBeforeItHasRequests) {
  ASSERT_EQ(client_.Put("callee").status, 200);
  ASSERT_EQ(client_.Put("hello").status, 200);
  platform_.checker().SetExports({"Cart"});
  const TestReply uploaded = PostVersionOfCallee();
  ASSERT_EQ(uploaded.status, 200) << Text(uploaded.json);
  EXPECT_EQ(PostVersion(kCallsCart).status, 200);
  EXPECT_EQ(client_.Put("hello", kCallsCart).status, 200);
}

TEST_F(DeployTest, ExportsOfVersionsThatHaveRequestsCountBesideTheNewest) {
  platform_.checker().SetExports({"Cart"});
  ASSERT_EQ(client_.Put("callee").status, 200);
  platform_.checker().SetExports({"Card"});
  const TestReply uploaded = PostVersionOfCallee();
  ASSERT_EQ(uploaded.status, 200) << Text(uploaded.json);
  EXPECT_EQ(client_.Put("hello", kCallsCart).status, 200);
}

TEST_F(DeployTest, AWorkerCallsEntrypointsOfItsOwnThatItExports) {
  constexpr std::string_view kOwn =
      R"({"main_module":"index.js","bindings":[{"name":"B","type":"service",
          "service":"own","entrypoint":"Cart"}]})";
  EXPECT_THAT(client_.Put("own", kOwn).error(),
              StartsWith("10144 Could not resolve service binding 'B'. Target "
                         "script 'own' does not export the entrypoint 'Cart'"));
  platform_.checker().SetExports({"Cart"});
  EXPECT_EQ(client_.Put("own", kOwn).status, 200);
}

TEST_F(DeployTest, CodeThatCannotStartIsRefusedAndNotPublished) {
  platform_.checker().Refuse(
      Error(ErrorCode::kInvalid,
            "Uncaught SyntaxError: Unexpected token\n  at index.js:3:7"));
  EXPECT_THAT(client_.Put("hello").error(),
              StartsWith("10021 Uncaught SyntaxError: Unexpected token\n  at "
                         "index.js:3:7"));
  EXPECT_THAT(Get("/deployments").error(), StartsWith("10007 "));
}

TEST_F(DeployTest, AServiceBindingNamesAWorkerThatIsThere) {
  constexpr std::string_view kMetadata =
      R"({"main_module":"index.js","bindings":[{"name":"B","type":"service",
          "service":"callee","entrypoint":"Cart","props":{"a":[1]}}]})";
  EXPECT_EQ(client_.Put("hello", kMetadata).error(),
            "10143 Could not resolve service binding 'B'. Target script "
            "'callee' not found. Please verify the target script and try "
            "again.\ndeploy that Worker first; where it calls this one in "
            "turn, without that binding at first");
  platform_.checker().SetExports({"Cart"});
  ASSERT_EQ(client_.Put("callee").status, 200);
  ASSERT_EQ(client_.Put("hello", kMetadata).status, 200);
  EXPECT_EQ(Text(Get("/settings").result().at("bindings")),
            R"([{"name":"B","type":"service","service":"callee",)"
            R"("entrypoint":"Cart","props":{"a":[1]},)"
            R"("environment":"production"}])");
  EXPECT_EQ(
      Text(client_.Get("/accounts/ACCOUNT/workers/scripts/callee/references")
               .result()
               .at("services")
               .at("incoming")),
      R"([{"service":"hello","environment":"production"}])");
  ASSERT_EQ(client_
                .Put("own", R"({"main_module":"index.js","bindings":[
                     {"name":"B","type":"service","service":"own"}]})")
                .status,
            200);
  EXPECT_EQ(client_
                .Put("hello", R"({"main_module":"index.js","bindings":[
                     {"name":"B","type":"service"}]})")
                .error(),
            "10021 binding \"B\" of type \"service\": \"service\" is "
            "required");
}

TEST_F(DeployTest, ADeletedWorkerIsGone) {
  ASSERT_EQ(client_.Put("hello").status, 200);
  const uint64_t before = platform_.observer().newest();
  EXPECT_EQ(Text(Get("/references").result().at("services").at("incoming")),
            "[]");
  EXPECT_EQ(
      Text(client_.Get("/accounts/ACCOUNT/workers/tails/by-consumer/hello")
               .result()),
      "[]");
  EXPECT_EQ(Text(client_
                     .Get("/accounts/ACCOUNT/workers/durable_objects/"
                          "namespaces?per_page=1000&page=1")
                     .result()),
            "[]");
  EXPECT_EQ(client_
                .Send("DELETE",
                      "/accounts/ACCOUNT/workers/services/hello?force=false")
                .status,
            200);
  EXPECT_GT(platform_.observer().newest(), before);
  EXPECT_EQ(Text(client_
                     .Get("/accounts/ACCOUNT/storage/kv/"
                          "namespaces?per_page=1000&page=1")
                     .result()),
            "[]");
  EXPECT_THAT(Get("/deployments").error(), StartsWith("10007 "));
}

struct Refusal {
  std::string_view metadata;
  std::string_view error;
};

TEST_F(DeployTest, WhatIsWrongInAnUploadIsNamed) {
  for (const Refusal& refusal : {
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"FILES","type":"r2_bucket"}]})",
                   "10021 binding \"FILES\" of type \"r2_bucket\": Caravel "
                   "does not have R2 yet\nremove it from \"r2_buckets\" in "
                   "the wrangler configuration"},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"ROOM","type":"durable_object_namespace"}],
                       "migrations":{"new_tag":"v1"}})",
                   "10021 binding \"ROOM\" of type "
                   "\"durable_object_namespace\": Caravel does not have "
                   "Durable Objects yet\nremove it from \"durable_objects\" "
                   "in the wrangler configuration, and \"migrations\" with "
                   "it"},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"X","type":"plain_txt"}]})",
                   "10021 binding \"X\" of type \"plain_txt\": no such type of "
                   "binding (did you mean \"plain_text\"?)\nCaravel has "
                   "inherit, plain_text, json, secret_text"},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"X","type":"plain_text"}]})",
                   "10021 binding \"X\" of type \"plain_text\": \"text\" is "
                   "required"},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"X","type":"json","json":1},
                       {"name":"X","type":"json","json":2}]})",
                   "10021 binding \"X\": is there twice"},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"a-b","type":"json","json":1}]})",
                   "10021 bindings[0].name: binding name \"a-b\""},
           Refusal{R"({"main_module":"index.js","bindings":[{"name":"X"}]})",
                   "10021 bindings[0].type: is required"},
           Refusal{R"({"main_module":"other.js"})",
                   "10021 metadata.main_module: no part is named \"other.js\""},
           Refusal{"{}", "10021 metadata.main_module: is required"},
           Refusal{R"({"body_part":"index.js"})",
                   "10021 metadata.body_part: \"index.js\" is no script"},
           Refusal{R"({"body_part":"other.js"})",
                   "10021 metadata.body_part: no part is named \"other.js\""},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"X","type":"wasm_module"}]})",
                   "10021 binding \"X\" of type \"wasm_module\": \"part\" is "
                   "required"},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"X","type":"wasm_module","part":"index.js"}]})",
                   "10021 binding \"X\": no part \"index.js\" of its type"},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"X","type":"ratelimit","namespace_id":"1"}]})",
                   "10021 binding \"X\" of type \"ratelimit\": \"simple\" is "
                   "required"},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"X","type":"ratelimit","namespace_id":"mine",
                        "simple":{"limit":1,"period":10}}]})",
                   "10021 binding \"X\" of type \"ratelimit\": namespace_id "
                   "\"mine\" is not a positive integer\nchoose a number for "
                   "it, such as \"1001\""},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"X","type":"ratelimit","namespace_id":"1",
                        "simple":{"limit":0,"period":10}}]})",
                   "10021 binding \"X\" of type \"ratelimit\": simple.limit is "
                   "not a positive integer"},
           Refusal{R"({"main_module":"index.js","bindings":[
                       {"name":"X","type":"ratelimit","namespace_id":"1",
                        "simple":{"limit":1,"period":30}}]})",
                   "10021 binding \"X\" of type \"ratelimit\": simple.period "
                   "is neither 10 nor 60\nperiods are of 10 or of 60 seconds, "
                   "as on Workers"},
           Refusal{R"({"main_module":"index.js",
                       "compatibility_date":"2030-01-01"})",
                   "10021 compatibility date \"2030-01-01\": lies in the "
                   "future"},
           Refusal{R"({"main_module":"index.js",
                       "compatibility_flags":["nodejs_compatt"]})",
                   "10021 compatibility flag \"nodejs_compatt\": no such flag "
                   "(did you mean \"nodejs_compat\"?)"},
           Refusal{R"({"main_module":"index.js","migrations":
                       {"new_tag":"v1","steps":[]}})",
                   "10021 metadata.migrations: Durable Objects: not built in "
                   "Caravel yet"},
           Refusal{
               R"({"main_module":"index.js","assets":{"jwt":"x"}})",
               "10021 metadata.assets.jwt: the token of the upload session is "
               "none"},
           Refusal{R"({"main_module":"index.js","limits":{"cpu_ms":0}})",
                   "10021 limits.cpu_ms: must be between 1 and 300000"},
           Refusal{"not json", "10021 metadata: not valid JSON at byte 0"},
       }) {
    const TestReply reply = client_.Put("hello", refusal.metadata);
    EXPECT_EQ(reply.status, 400) << refusal.metadata;
    EXPECT_THAT(reply.error(), StartsWith(std::string(refusal.error)));
  }
  EXPECT_EQ(platform_.checker().checks(), 0);
}

TEST_F(DeployTest, ARateLimitIsShownAsItWasUploaded) {
  ASSERT_EQ(client_
                .Put("hello", R"({"main_module":"index.js","bindings":[
                    {"name":"LIMIT","type":"ratelimit","namespace_id":"1001",
                     "simple":{"limit":100,"period":60}}]})")
                .status,
            200);
  EXPECT_EQ(Text(Get("/settings").result().at("bindings")),
            R"([{"name":"LIMIT","type":"ratelimit","namespace_id":"1001",)"
            R"("simple":{"limit":100,"period":60}}])");
}

TEST_F(DeployTest, SettingsThatAskForNothingAreNoReasonToRefuse) {
  EXPECT_EQ(client_
                .Put("hello", R"({"main_module":"index.js","logpush":false,
                    "tail_consumers":[],"containers":[],"assets":null,
                    "cache_options":{"enabled":false},"keep_assets":false,
                    "observability":{"enabled":true},"tags":["t"]})")
                .status,
            200);
  EXPECT_EQ(Text(Get("/settings").result().at("observability")),
            R"({"enabled":true})");
}

TEST_F(DeployTest, WhatWranglerSaysOfProjectsThatSayNothingLeavesNoSetting) {
  const auto seen = [this] {
    const auto settings = Get("/script-settings").result().as_object();
    const auto* setting = settings.if_contains("observability");
    return setting == nullptr ? std::string("none") : Text(*setting);
  };
  const auto patch = [this](std::string_view observability) {
    const TestReply patched = client_.Send(
        "PATCH", Path("/script-settings"),
        fmt::format(R"({{"observability":{},"tags":[]}})", observability));
    EXPECT_EQ(patched.status, 200) << Text(patched.json);
  };
  constexpr std::string_view kOff = R"({"enabled":false})";
  constexpr std::string_view kSampled =
      R"({"enabled":true,"head_sampling_rate":5E-1})";
  const auto deploy = [this](std::string_view observability) {
    return PostVersion(fmt::format(
        R"({{"main_module":"index.js","observability":{}}})", observability));
  };
  ASSERT_EQ(client_.Put("hello").status, 200);
  EXPECT_EQ(platform_.observer().observability(), "");
  patch(kOff);
  EXPECT_EQ(seen(), "none");
  ASSERT_EQ(deploy(kSampled).status, 200);
  patch(kSampled);
  EXPECT_EQ(seen(), kSampled);
  EXPECT_EQ(platform_.observer().observability(), kSampled);
  patch(kOff);
  EXPECT_EQ(seen(), "none");
  EXPECT_EQ(platform_.observer().observability(), "");
  ASSERT_EQ(deploy(kOff).status, 200);  // a project that says so
  patch(kOff);
  EXPECT_EQ(seen(), kOff);
  EXPECT_EQ(platform_.observer().observability(), kOff);
}

TEST_F(DeployTest, AnnotationsAreBounded) {
  const auto deploy = [this](size_t bytes) {
    return client_.Put(
        "hello",
        fmt::format(
            R"({{"main_module":"index.js","annotations":{{"a":"{}"}}}})",
            std::string(bytes, 'x')));
  };
  EXPECT_EQ(deploy(4095).status, 200);
  const int checks = platform_.checker().checks();
  EXPECT_THAT(deploy(4096).error(),
              HasSubstr("annotations: they have 4097 bytes together, and may "
                        "have 4096"));
  EXPECT_EQ(platform_.checker().checks(), checks);
}

TEST_F(DeployTest, BindingsThatAreTooLargeAreRefusedBeforeTheCodeStarts) {
  const std::string half(600 << 10, 'x');
  EXPECT_THAT(
      client_
          .Put("hello", fmt::format(
                            R"({{"main_module":"index.js","bindings":[
                     {{"name":"A","type":"plain_text","text":"{0}"}},
                     {{"name":"B","type":"plain_text","text":"{0}"}}]}})",
                            half))
          .error(),
      HasSubstr("the bindings have 1228802 bytes together, and may have"));
  EXPECT_EQ(platform_.checker().checks(), 0);
}

TEST_F(DeployTest, ModulesAreTakenByTheirContentType) {
  const auto upload = [this](std::string type) {
    return client_.Upload("PUT", kScript, R"({"main_module":"index.js"})",
                          {kIndexModule, {"./part", std::move(type), "1"}});
  };
  for (const char* type :
       {"application/wasm", "text/plain", "application/octet-stream",
        "application/json", "application/source-map",
        "application/javascript"}) {
    EXPECT_EQ(upload(type).status, 200) << type;
  }
  EXPECT_THAT(upload("text/x-python").error(),
              HasSubstr("Python Workers are not built"));
  EXPECT_THAT(upload("image/png").error(),
              HasSubstr("module \"./part\": content type \"image/png\" is no "
                        "type of module"));
}

TEST_F(DeployTest, AScriptIsTakenWithModulesAsItsBindings) {
  const TestReply reply = client_.Upload(
      "PUT", kScript,
      R"({"body_part":"worker.js","bindings":[
          {"name":"W","type":"wasm_module","part":"w"},
          {"name":"T","type":"text_blob","part":"t"},
          {"name":"D","type":"data_blob","part":"d"}]})",
      {{"worker.js", "application/javascript", "addEventListener('fetch')"},
       {"w", "application/wasm", "w"},
       {"t", "text/plain", "t"},
       {"d", "application/octet-stream", "d"}});
  EXPECT_EQ(reply.status, 200) << reply.error();
  EXPECT_EQ(Text(Get("/settings").result().at("bindings")),
            R"([{"name":"W","type":"wasm_module","part":"w"},)"
            R"({"name":"T","type":"text_blob","part":"t"},)"
            R"({"name":"D","type":"data_blob","part":"d"}])");
}

TEST_F(DeployTest, AWorkerThatIsTooLargeNamesItsLargestModules) {
  const TestReply reply = client_.Upload(
      "PUT", kScript, R"({"main_module":"index.js"})",
      {kIndexModule,
       {"big.bin", "application/octet-stream", std::string(65 << 20, 'x')}});
  EXPECT_EQ(reply.status, 413);
  EXPECT_THAT(
      reply.error(),
      testing::AllOf(StartsWith("10027 "),
                     HasSubstr("the largest: big.bin (68157440 bytes)")));
}

TEST_F(DeployTest, TheHostNamesCanBeSwitchedOff) {
  ASSERT_EQ(client_.Put("hello").status, 200);
  const TestReply off =
      client_.Send("POST", Path("/subdomain"), R"({"enabled":false})");
  EXPECT_EQ(Text(off.result()), R"({"enabled":false,"previews_enabled":true})");
  EXPECT_EQ(Text(Get("/subdomain").result()), Text(off.result()));
}

TEST_F(DeployTest, CronTriggersAreSetTogether) {
  ASSERT_EQ(client_.Put("hello").status, 200);
  const auto put = [this](std::string_view crons) {
    return client_.Send("PUT", Path("/schedules"), std::string(crons));
  };
  EXPECT_EQ(put(R"([{"cron":"0 0 * * *"},{"cron":"*/5 * * * *"}])").status,
            200);
  const TestReply wrong =
      put(R"([{"cron":"* * * * *"},{"cron":"* 24 * * *"}])");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.error(),
              HasSubstr("cron \"* 24 * * *\": hour \"24\" is none of 0-23"));
  const TestReply kept = Get("/schedules");
  const auto& schedules = kept.result().at("schedules").as_array();
  ASSERT_EQ(schedules.size(), 2u);
  EXPECT_EQ(schedules[0].at("cron"), "*/5 * * * *");
  EXPECT_EQ(schedules[1].at("cron"), "0 0 * * *");
  EXPECT_EQ(put("[]").status, 200);
  EXPECT_EQ(Text(Get("/schedules").result()), R"({"schedules":[]})");
  EXPECT_THAT(
      client_
          .Send("PUT", "/accounts/ACCOUNT/workers/scripts/nobody/schedules",
                "[]")
          .error(),
      HasSubstr("10007"));
}

TEST_F(DeployTest, WhatBecameOfCronTriggersIsListedNewestFirst) {
  ASSERT_EQ(client_.Put("hello").status, 200);
  EXPECT_EQ(Text(Get("/schedules/runs").result()), "[]");
  ASSERT_EQ(client_.Send("PUT", Path("/schedules"), R"([{"cron":"* * * * *"}])")
                .status,
            200);
  const registry::WorkerId worker =
      platform_.registry().GetWorker({platform_.account()}, "hello").value().id;
  const auto now =
      std::chrono::floor<std::chrono::minutes>(platform_.clock().Wall());
  for (const int minute : {1, 2}) {
    const registry::CronRun run{.worker = worker,
                                .cron = "* * * * *",
                                .slot = now + std::chrono::minutes(minute),
                                .outcome = minute == 1
                                               ? registry::CronOutcome::kOk
                                               : registry::CronOutcome::kFailed,
                                .detail = minute == 1 ? "" : "it threw"};
    ASSERT_EQ(platform_.crons().Claim({run}).value().size(), 1U);
    ASSERT_TRUE(platform_.crons().Finish({run}));
  }
  const auto runs = Get("/schedules/runs").result().as_array();
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].at("cron"), "* * * * *");
  EXPECT_EQ(runs[0].at("scheduled_on").as_string(),
            base::FormatTime(now + std::chrono::minutes(2)));
  EXPECT_EQ(runs[0].at("outcome"), "failed");
  EXPECT_EQ(runs[0].at("detail"), "it threw");
  EXPECT_EQ(runs[1].at("outcome"), "ok");
}

}  // namespace
}  // namespace caravel::api

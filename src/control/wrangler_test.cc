#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "base/fd.h"
#include "base/random.h"
#include "control/testing/api_test_server.h"

// The judge: the real wrangler from npm against the API over HTTP. Only code is
// not started (FakeChecker); what runs it is tested in tests/e2e.
namespace caravel::api {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Outcome {
  int exit_code = -1;
  std::string output;  // standard output and error, as they came
};

class WranglerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder_);
    std::filesystem::create_directory(folder_ / "home");
    Write("index.js",
          "export default { fetch() { return new Response('hi') } }");
    Configure("");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
  }

  // wrangler.jsonc of the project, with `more` keys in it.
  void Configure(std::string_view more) {
    Write("wrangler.jsonc", fmt::format(R"({{"name":"hello","main":"index.js",
                           "compatibility_date":"2026-01-01"{}}})",
                                        more));
  }

  // `token`: the valid one when empty.
  Outcome Wrangler(std::vector<std::string> arguments,
                   const std::string& token = {}) {
    std::vector<std::string> command = {CARAVEL_NODE, CARAVEL_WRANGLER};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const std::vector<std::string> environment = {
        "PATH=/usr/bin:/bin",
        "HOME=" + (folder_ / "home").string(),
        "CI=1",
        "WRANGLER_SEND_METRICS=false",
        "WRANGLER_HIDE_BANNER=true",
        "NO_COLOR=1",
        "NODE_COMPILE_CACHE=" CARAVEL_COMPILED,
        // An update check would leave this machine; it fails at once instead.
        "npm_config_registry=http://127.0.0.1:1/",
        fmt::format("CLOUDFLARE_API_BASE_URL=http://127.0.0.1:{}/client/v4",
                    server_.port()),
        "CLOUDFLARE_API_TOKEN=" + (token.empty() ? platform_.token() : token),
        "CLOUDFLARE_ACCOUNT_ID=" + platform_.account(),
    };
    return Spawn(command, environment);
  }

  TestPlatform platform_;
  ApiTestServer server_{platform_};
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      fmt::format("caravel-wrangler-{}", base::RandomHex(8));

 private:
  static std::vector<char*> Pointers(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) {
      pointers.push_back(const_cast<char*>(text.c_str()));
    }
    pointers.push_back(nullptr);
    return pointers;
  }

  Outcome Spawn(const std::vector<std::string>& command,
                const std::vector<std::string>& environment) {
    int ends[2];
    CARAVEL_CHECK(pipe2(ends, O_CLOEXEC) == 0, errno);
    const base::Fd read_end(ends[0]);
    base::Fd write_end(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder_.c_str());
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, write_end.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, write_end.get(), 2);
    pid_t pid = 0;
    const int error =
        posix_spawn(&pid, command[0].c_str(), &actions, nullptr,
                    Pointers(command).data(), Pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    CARAVEL_CHECK(error == 0, command[0], error);
    write_end.Reset();

    Outcome outcome;
    char buffer[4096];
    for (ssize_t got;
         (got = read(read_end.get(), buffer, sizeof buffer)) > 0;) {
      outcome.output.append(buffer, static_cast<size_t>(got));
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
    return outcome;
  }
};

TEST_F(WranglerTest, WhoamiShowsTheAccount) {
  const Outcome whoami = Wrangler({"whoami"});
  EXPECT_EQ(whoami.exit_code, 0) << whoami.output;
  EXPECT_THAT(whoami.output, AllOf(HasSubstr("Account API Token"),
                                   HasSubstr(platform_.account())));
}

TEST_F(WranglerTest, AWorkerLivesFromItsFirstDeployToItsDeletion) {
  const Outcome first = Wrangler({"deploy"});
  ASSERT_EQ(first.exit_code, 0) << first.output;
  EXPECT_THAT(first.output,
              AllOf(HasSubstr("Uploaded hello"), HasSubstr("hello."),
                    HasSubstr("Current Version ID: "), Not(HasSubstr("WARN"))));

  Configure(R"(,"vars":{"GREETING":"hi","LIST":[1,2]})");
  const Outcome second = Wrangler({"deploy", "--message", "the second"});
  ASSERT_EQ(second.exit_code, 0) << second.output;
  EXPECT_THAT(second.output, Not(HasSubstr("WARN")));

  const Outcome list = Wrangler({"deployments", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.output;
  EXPECT_THAT(list.output, AllOf(HasSubstr("the second"), HasSubstr("100%")));

  const Outcome status = Wrangler({"deployments", "status"});
  EXPECT_EQ(status.exit_code, 0) << status.output;

  const Outcome deleted = Wrangler({"delete", "--name", "hello"});
  EXPECT_EQ(deleted.exit_code, 0) << deleted.output;
  EXPECT_THAT(Wrangler({"deployments", "list"}).output, HasSubstr("10007"));
}

TEST_F(WranglerTest, VersionsAreUploadedShownAndRolledBack) {
  ASSERT_EQ(Wrangler({"deploy"}).exit_code, 0);
  const Outcome upload = Wrangler({"versions", "upload", "--message", "next"});
  EXPECT_EQ(upload.exit_code, 0) << upload.output;
  const Outcome list = Wrangler({"versions", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.output;
  EXPECT_THAT(list.output, HasSubstr("next"));

  ASSERT_EQ(Wrangler({"deploy"}).exit_code, 0);
  const Outcome rollback = Wrangler({"rollback", "--yes"});
  EXPECT_EQ(rollback.exit_code, 0) << rollback.output;
}

TEST_F(WranglerTest, AVersionIsSeenAndTriggersAreSetAlone) {
  ASSERT_EQ(Wrangler({"deploy"}).exit_code, 0);
  const Outcome upload =
      Wrangler({"versions", "upload", "--tag", "a-tag", "--message", "said"});
  ASSERT_EQ(upload.exit_code, 0) << upload.output;
  constexpr std::string_view kBefore = "Worker Version ID: ";
  const size_t at = upload.output.find(kBefore);
  ASSERT_NE(at, std::string::npos) << upload.output;
  const std::string id = upload.output.substr(at + kBefore.size(), 36);
  const Outcome view = Wrangler({"versions", "view", id});
  EXPECT_EQ(view.exit_code, 0) << view.output;
  EXPECT_THAT(view.output, AllOf(HasSubstr(id), HasSubstr("a-tag"),
                                 HasSubstr("said"), HasSubstr("fetch")));
  const Outcome absent =
      Wrangler({"versions", "view", "00000000-0000-4000-8000-000000000000"});
  EXPECT_NE(absent.exit_code, 0);
  EXPECT_THAT(absent.output, HasSubstr("has no version"));
  const Outcome triggers = Wrangler({"triggers", "deploy"});
  EXPECT_EQ(triggers.exit_code, 0) << triggers.output;
  EXPECT_THAT(triggers.output, HasSubstr("hello."));
}

TEST_F(WranglerTest, SecretsAreSetListedAndRemoved) {
  ASSERT_EQ(Wrangler({"deploy"}).exit_code, 0);
  Write("secrets.json", R"({"ONE":"first hidden","TWO":"second hidden"})");
  const Outcome bulk = Wrangler({"secret", "bulk", "secrets.json"});
  EXPECT_EQ(bulk.exit_code, 0) << bulk.output;
  const Outcome removed = Wrangler({"secret", "delete", "TWO"});
  EXPECT_EQ(removed.exit_code, 0) << removed.output;
  const Outcome list = Wrangler({"secret", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.output;
  EXPECT_THAT(list.output, AllOf(HasSubstr("ONE"), Not(HasSubstr("TWO")),
                                 Not(HasSubstr("hidden"))));
  const Outcome absent = Wrangler({"secret", "delete", "TWO"});
  EXPECT_NE(absent.exit_code, 0);
  EXPECT_THAT(absent.output,
              AllOf(HasSubstr("Worker \"hello\" has no secret \"TWO\""),
                    HasSubstr("[code: 10056]")));
}

TEST_F(WranglerTest, SecretsOfVersionsWaitForTheirDeployment) {
  ASSERT_EQ(Wrangler({"deploy"}).exit_code, 0);
  Write("secrets.json", R"({"ONE":"hidden"})");
  const Outcome made = Wrangler(
      {"versions", "secret", "bulk", "secrets.json", "--message", "with ONE"});
  EXPECT_EQ(made.exit_code, 0) << made.output;
  EXPECT_THAT(Wrangler({"versions", "list"}).output, HasSubstr("with ONE"));
  const Outcome refused = Wrangler({"secret", "bulk", "secrets.json"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.output, HasSubstr("versions secret"));
}

TEST_F(WranglerTest, ARollbackAsksWhetherSecretsMayChangeBack) {
  ASSERT_EQ(Wrangler({"deploy"}).exit_code, 0);
  Write("secrets.json", R"({"ONE":"1","TWO":"2"})");
  ASSERT_EQ(Wrangler({"secret", "bulk", "secrets.json"}).exit_code, 0);
  const Outcome rollback = Wrangler({"rollback", "--yes"});
  EXPECT_EQ(rollback.exit_code, 0) << rollback.output;
  EXPECT_THAT(rollback.output, AllOf(HasSubstr("* ONE\n"), HasSubstr("* TWO")));
}

TEST_F(WranglerTest, ModulesOfEveryTypeAreUploaded) {
  Write("note.txt", "a text");
  Write("data.bin", "bytes");
  Write("list.json", "[1,2]");
  Write("empty.wasm", std::string_view("\0asm\1\0\0\0", 8));
  Write("index.js",
        "import note from './note.txt'; import data from './data.bin';"
        "import list from './list.json'; import wasm from './empty.wasm';"
        "export default { fetch() { return Response.json("
        "[note, data.byteLength, list, String(wasm)]) } }");
  const Outcome deploy = Wrangler({"deploy"});
  EXPECT_EQ(deploy.exit_code, 0) << deploy.output;
}

TEST_F(WranglerTest, RoutesAreDeployedWithTheWorker) {
  platform_.AddZone("example.com");
  Configure(R"(,"routes":["example.com/*",
      {"pattern":"*.example.com/api/*","zone_name":"example.com"}])");
  const Outcome first = Wrangler({"deploy"});
  ASSERT_EQ(first.exit_code, 0) << first.output;
  EXPECT_THAT(first.output,
              AllOf(HasSubstr("example.com/*"),
                    HasSubstr("*.example.com/api/* (zone name: example.com)"),
                    Not(HasSubstr("WARN"))));
  EXPECT_EQ(platform_.RoutesOf("hello"), 2U);
  Configure(R"(,"route":"example.com/*","workers_dev":true)");
  const Outcome second = Wrangler({"deploy"});
  ASSERT_EQ(second.exit_code, 0) << second.output;
  EXPECT_EQ(platform_.RoutesOf("hello"), 1U);
}

TEST_F(WranglerTest, ARouteOfAnotherWorkerIsNotTaken) {
  platform_.AddZone("example.com");
  Configure(R"(,"routes":["example.com/*"])");
  ASSERT_EQ(Wrangler({"deploy"}).exit_code, 0);
  const Outcome other = Wrangler({"deploy", "--name", "other"});
  EXPECT_NE(other.exit_code, 0);
  EXPECT_THAT(other.output, HasSubstr("\"hello\""));
  EXPECT_EQ(platform_.RoutesOf("hello"), 1U);
}

TEST_F(WranglerTest, ARouteWithoutAZoneIsToldHowToAddIt) {
  Configure(R"(,"routes":["example.com/*"],"workers_dev":true)");
  const Outcome deploy = Wrangler({"deploy"});
  EXPECT_NE(deploy.exit_code, 0);
  EXPECT_THAT(deploy.output, HasSubstr("caravel zone add DOMAIN"));
}

TEST_F(WranglerTest, CustomDomainsAreDeployedWithTheWorker) {
  platform_.AddZone("example.com");
  Configure(
      R"(,"routes":[{"pattern":"shop.example.com","custom_domain":true}])");
  const Outcome deploy = Wrangler({"deploy"});
  ASSERT_EQ(deploy.exit_code, 0) << deploy.output;
  EXPECT_THAT(deploy.output, HasSubstr("shop.example.com (custom domain)"));
  EXPECT_EQ(platform_.registry()
                .zones()
                .ListDomains({platform_.account()})
                .value()
                .size(),
            1U);
}

TEST_F(WranglerTest, AnUploadedVersionHasPreviewUrls) {
  Configure(R"(,"preview_urls":true)");
  ASSERT_EQ(Wrangler({"deploy"}).exit_code, 0);
  const Outcome upload =
      Wrangler({"versions", "upload", "--preview-alias", "staging"});
  ASSERT_EQ(upload.exit_code, 0) << upload.output;
  EXPECT_THAT(upload.output, HasSubstr("-hello.localhost:8787"));
  EXPECT_THAT(upload.output, HasSubstr("https://staging-hello.localhost:8787"));
}

TEST_F(WranglerTest, ABadTokenIsToldAtOnce) {
  const Outcome deploy = Wrangler({"deploy"}, "not-a-token");
  EXPECT_NE(deploy.exit_code, 0);
  EXPECT_THAT(deploy.output, AllOf(HasSubstr("no such API token"),
                                   HasSubstr("[code: 10000]")));
}

TEST_F(WranglerTest, CodeThatCannotStartIsShownWithItsPlace) {
  platform_.checker().Refuse(Error(ErrorCode::kInvalid,
                                   "Uncaught ReferenceError: x is not defined\n"
                                   "  at index.js:1:1"));
  const Outcome deploy = Wrangler({"deploy"});
  EXPECT_NE(deploy.exit_code, 0);
  EXPECT_THAT(deploy.output,
              AllOf(HasSubstr("Uncaught ReferenceError: x is not defined"),
                    HasSubstr("index.js:1:"), HasSubstr("[code: 10021]")));
}

TEST_F(WranglerTest, WhatIsNotBuiltIsRefusedByName) {
  Configure(R"(,"r2_buckets":[{"binding":"FILES","bucket_name":"files"}])");
  const Outcome deploy = Wrangler({"deploy"});
  EXPECT_NE(deploy.exit_code, 0);
  EXPECT_THAT(deploy.output, AllOf(HasSubstr("R2: not built in Caravel yet"),
                                   HasSubstr("r2_buckets")));
}

// The id in the output of `kv namespace create`.
std::string IdIn(const std::string& output) {
  constexpr std::string_view kBefore = "\"id\": \"";
  const size_t at = output.find(kBefore);
  return at == std::string::npos ? std::string()
                                 : output.substr(at + kBefore.size(), 32);
}

TEST_F(WranglerTest, KvNamespacesAreMadeListedRenamedAndDeleted) {
  const Outcome made = Wrangler({"kv", "namespace", "create", "cache"});
  EXPECT_EQ(made.exit_code, 0) << made.output;
  const std::string id = IdIn(made.output);
  ASSERT_EQ(id.size(), 32U) << made.output;
  const Outcome again = Wrangler({"kv", "namespace", "create", "cache"});
  EXPECT_NE(again.exit_code, 0);
  EXPECT_THAT(again.output, HasSubstr("already exists"));
  const Outcome renamed = Wrangler(
      {"kv", "namespace", "rename", "--namespace-id", id, "--new-name", "new"});
  EXPECT_EQ(renamed.exit_code, 0) << renamed.output;
  const Outcome list = Wrangler({"kv", "namespace", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.output;
  EXPECT_THAT(list.output, AllOf(HasSubstr(id), HasSubstr("\"new\"")));
  const Outcome deleted =
      Wrangler({"kv", "namespace", "delete", "--namespace-id", id});
  EXPECT_EQ(deleted.exit_code, 0) << deleted.output;
  EXPECT_THAT(Wrangler({"kv", "namespace", "list"}).output, Not(HasSubstr(id)));
}

TEST_F(WranglerTest, KvKeysArePutReadListedAndDeleted) {
  const std::string id =
      IdIn(Wrangler({"kv", "namespace", "create", "cache"}).output);
  const auto key = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"kv", "key"});
    arguments.insert(arguments.end(), {"--namespace-id", id, "--remote"});
    return Wrangler(std::move(arguments));
  };
  const Outcome put = key(
      {"put", "a/b c", "the value", "--ttl", "60", "--metadata", R"({"m":1})"});
  EXPECT_EQ(put.exit_code, 0) << put.output;
  EXPECT_THAT(key({"get", "a/b c"}).output, HasSubstr("the value"));
  const Outcome list = key({"list", "--prefix", "a/"});
  EXPECT_EQ(list.exit_code, 0) << list.output;
  EXPECT_THAT(list.output, AllOf(HasSubstr("a/b c"), HasSubstr("\"m\": 1"),
                                 HasSubstr("expiration")));
  Write("value.txt", "of a file");
  EXPECT_EQ(key({"put", "file", "--path", "value.txt"}).exit_code, 0);
  EXPECT_THAT(key({"get", "file"}).output, HasSubstr("of a file"));
  const Outcome deleted = key({"delete", "file"});
  EXPECT_EQ(deleted.exit_code, 0) << deleted.output;
  EXPECT_THAT(key({"get", "file"}).output, Not(HasSubstr("of a file")));
}

TEST_F(WranglerTest, ManyKvKeysArePutReadAndDeletedAtATime) {
  const std::string id =
      IdIn(Wrangler({"kv", "namespace", "create", "cache"}).output);
  const auto bulk = [&](std::string verb, std::string file) {
    return Wrangler({"kv", "bulk", std::move(verb), std::move(file),
                     "--namespace-id", id, "--remote"});
  };
  std::string pairs;
  for (int i = 0; i < 1500; ++i) {
    pairs += fmt::format(R"({}{{"key":"key{}","value":"value{}"}})",
                         i == 0 ? "[" : ",", i, i);
  }
  Write("pairs.json", pairs + "]");
  Write("keys.json", R"(["key1","key1499","absent"])");
  const Outcome put = bulk("put", "pairs.json");
  EXPECT_EQ(put.exit_code, 0) << put.output;
  const Outcome got = bulk("get", "keys.json");
  EXPECT_EQ(got.exit_code, 0) << got.output;
  EXPECT_THAT(got.output,
              AllOf(HasSubstr("value1499"), HasSubstr("\"absent\"")));
  const Outcome deleted =
      Wrangler({"kv", "bulk", "delete", "keys.json", "--namespace-id", id,
                "--remote", "--force"});
  EXPECT_EQ(deleted.exit_code, 0) << deleted.output;
  EXPECT_THAT(bulk("get", "keys.json").output, Not(HasSubstr("value1499")));
}

TEST_F(WranglerTest, ANamespaceWithoutAnIdIsMadeByTheDeployment) {
  Configure(R"(,"kv_namespaces":[{"binding":"CACHE"}])");
  const Outcome deploy = Wrangler({"deploy"});
  EXPECT_EQ(deploy.exit_code, 0) << deploy.output;
  const Outcome list = Wrangler({"kv", "namespace", "list"});
  EXPECT_THAT(list.output, HasSubstr("hello-cache"));
  const Outcome again = Wrangler({"deploy"});
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_EQ(Wrangler({"kv", "namespace", "list"}).output, list.output);
}

TEST_F(WranglerTest, ANamespaceThatIsNotThereCannotBeBound) {
  Configure(R"(,"kv_namespaces":[{"binding":"CACHE","id":"0123"}])");
  const Outcome deploy = Wrangler({"deploy"});
  EXPECT_NE(deploy.exit_code, 0);
  EXPECT_THAT(deploy.output, AllOf(HasSubstr("KV namespace '0123' not found"),
                                   HasSubstr("[code: 10041]")));
}

TEST_F(WranglerTest, AssetsAreUploadedOnce) {
  std::filesystem::create_directory(folder_ / "public");
  Write("public/index.html", "<h1>home</h1>");
  Write("public/a b.txt", "text");
  Write("public/_headers", "/*\n  X-A: 1\n");
  Configure(
      R"(,"assets":{"directory":"public","binding":"ASSETS",)"
      R"("run_worker_first":["/api/*"],"not_found_handling":"404-page"})");
  const Outcome first = Wrangler({"deploy"});
  EXPECT_EQ(first.exit_code, 0) << first.output;
  EXPECT_THAT(first.output, HasSubstr("Found 2 new or modified static assets"));
  Write("public/new.txt", "new");
  const Outcome second = Wrangler({"deploy"});
  EXPECT_EQ(second.exit_code, 0) << second.output;
  EXPECT_THAT(second.output, HasSubstr("Found 1 new or modified static asset"));
  const Outcome upload = Wrangler({"versions", "upload"});
  EXPECT_EQ(upload.exit_code, 0) << upload.output;
  EXPECT_THAT(upload.output, HasSubstr("No updated asset files to upload"));
}

TEST_F(WranglerTest, ASiteNeedsNoCode) {
  std::filesystem::create_directory(folder_ / "public");
  Write("public/index.html", "<h1>home</h1>");
  Write("wrangler.jsonc", R"({"name":"site","compatibility_date":"2026-01-01",
                              "assets":{"directory":"public"}})");
  for (int i = 0; i < 2; ++i) {
    const Outcome deploy = Wrangler({"deploy"});
    EXPECT_EQ(deploy.exit_code, 0) << deploy.output;
  }
  Write("public/_redirects", "/* /index.html");
  const Outcome loop = Wrangler({"deploy"});
  EXPECT_NE(loop.exit_code, 0) << loop.output;
}

TEST_F(WranglerTest, AQueueProducerIsRefusedByName) {
  Configure(R"(,"queues":{"producers":[{"binding":"Q","queue":"jobs"}]})");
  const Outcome deploy = Wrangler({"deploy"});
  EXPECT_NE(deploy.exit_code, 0);
  EXPECT_THAT(deploy.output,
              AllOf(HasSubstr("Queues: not built in Caravel yet"),
                    HasSubstr("\"queues\"")));
}

}  // namespace
}  // namespace caravel::api

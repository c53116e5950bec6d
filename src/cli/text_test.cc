// What people read: addresses, logs, wrangler's results.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/ask_status.h"
#include "cli/log_text.h"
#include "cli/running.h"
#include "cli/terminal.h"
#include "cli/wrangler_run.h"
#include "daemon/client/testing/temporary_folder.h"

namespace caravel::cli {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

TEST(WorkerUrl, IsTheNameAtThePortWhereWorkersAnswer) {
  daemon::RunInfo running;
  running.http = "http://127.0.0.1:8787";
  EXPECT_EQ(WorkerUrl(running, "shop"), "http://shop.localhost:8787");
}

TEST(WorkerUrl, HasTheSubdomainOfAnotherAccount) {
  daemon::RunInfo running;
  running.http = "http://127.0.0.1:8787";
  EXPECT_EQ(WorkerUrl(running, {.id = "1", .subdomain = "acme"}, "shop"),
            "http://shop.acme.localhost:8787");
}

TEST(PortOf, IsThePortOfAUrl) {
  EXPECT_EQ(PortOf("http://127.0.0.1:8787"), 8787U);
  EXPECT_EQ(PortOf("http://[::1]:8788/client/v4"), 8788U);
  EXPECT_EQ(PortOf("http://localhost/a:1"), 0U);
}

TEST(DeployedWorkers, AreThoseThatWranglerSaysItDeployed) {
  EXPECT_THAT(DeployedWorkers(
                  R"({"type":"wrangler-session","version":1}
{"type":"deploy","version":1,"worker_name":"shop-staging","targets":["x"]}
{"type":"deploy","version":1,"worker_name":"silent","targets":[]}
half a line
{"type":"version-upload","worker_name":"other"}
)"),
              ElementsAre("shop-staging"));
}

TEST(PreviewUrls, AreThoseThatWranglerSaysItUploaded) {
  EXPECT_THAT(PreviewUrls(R"({"type":"deploy","preview_url":"https://none"}
{"type":"version-upload","preview_url":"https://1-a.localhost:1"}
{"type":"version-upload","preview_url":null,"preview_alias_url":"https://b"}
)"),
              ElementsAre("https://1-a.localhost:1", "https://b"));
}

TEST(WorkerOf, IsTheOneThatTheWordsOrTheConfigurationName) {
  const testing_support::TemporaryFolder folder;
  const auto of = [&folder](const std::vector<std::string>& words) {
    return WorkerOf(words, folder.path("shop"));
  };
  ASSERT_EQ(::unsetenv("CLOUDFLARE_ENV"), 0);
  // So that none is looked for above the folder.
  folder.Write("wrangler.json", "{}");
  EXPECT_EQ(of({"deploy"}), "");
  folder.Make("shop");
  folder.Make("other");
  folder.Write("wrangler.json", R"({"name": "above"})");
  EXPECT_EQ(of({"deploy"}), "above");
  folder.Write("shop/wrangler.json",
               R"({"name": "shop", "env": {"staging": {}}})");
  folder.Write("other/wrangler.json", R"({"name": "other"})");
  EXPECT_EQ(of({"deploy"}), "shop");
  EXPECT_EQ(of({"deploy", "--minify", "index.js", "--env", "staging"}),
            "shop-staging");
  EXPECT_EQ(of({"-e=staging", "deploy", "--name=versions"}), "versions");
  EXPECT_EQ(of({"deploy", "--name", "versions"}), "versions");
  EXPECT_EQ(of({"deploy", "../other/index.js"}), "other");
  EXPECT_EQ(of({"deploy", "-c", "../other/wrangler.json"}), "other");
  EXPECT_EQ(of({"--cwd", "../other", "deploy"}), "other");
  EXPECT_EQ(of({"deploy", "--env", "absent"}), "");
  EXPECT_EQ(of({"versions", "deploy"}), "");
  EXPECT_EQ(of({"triggers", "deploy", "--name", "shop"}), "");
  EXPECT_EQ(of({"--name", "deploy"}), "");
}

TEST(ConsoleText, ShowsStringsAsTheyStandAndTheRestAsJson) {
  EXPECT_EQ(ConsoleText(R"(["a b",{"c":1},[2],null])"),
            R"(a b {"c":1} [2] null)");
  EXPECT_EQ(ConsoleText("no json"), "no json");
}

TEST(LogText, ShowsTheLineForPeopleAndObeysNoControlCharacters) {
  const Terminal terminal(STDOUT_FILENO, STDERR_FILENO);
  registry::LogEvent event;
  event.logs = {
      {"log", R"(["n=%d",4.5])", 0, "n=4.5\n\tnext"},
      {"log", R"(["plain"])", 0},
      {"log", "[]", 0, "\x1b[31mred\x1b[0m \x1b]0;title\x07 \xc2\x9b"}};
  event.exceptions = {{"Error", "\x1b[2J", "", 0}};
  event.request_id = "0123456789abcdef";
  event.url = "http://a/\xc2\x9b\x1b[31m";
  const std::string text = LogText(terminal, "shop", event);
  EXPECT_THAT(text, testing::HasSubstr("\n    n=4.5\n    \tnext\n    plain\n"
                                       "    red \\x1b]0;title\\x07 \\x9b\n"));
  EXPECT_THAT(text, testing::HasSubstr("\n    Error: \\x1b[2J"));
  EXPECT_THAT(text, testing::HasSubstr(" http://a/\\x9b\\x1b[31m "));
}

TEST(RoutesText, SaysHowManyMoreThereAre) {
  daemon::WorkerReport worker;
  EXPECT_EQ(RoutesText(worker), "");
  worker.routes = {"a.test/*", "b.test"};
  EXPECT_EQ(RoutesText(worker), "a.test/*, b.test");
  worker.more_routes = 3;
  EXPECT_EQ(RoutesText(worker), "a.test/*, b.test and 3 more");
}

TEST(Terminal, IsNotActedOnByJson) {
  testing::internal::CaptureStdout();
  Terminal terminal(STDOUT_FILENO, STDERR_FILENO);
  terminal.PrintJson("{\"name\":\"\u009b2J\"}");
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "{\"name\":\"\\u009b2J\"}\n");
}

TEST(Terminal, IsNotActedOnByAnError) {
  testing::internal::CaptureStderr();
  Terminal terminal(STDOUT_FILENO, STDERR_FILENO);
  terminal.PrintError(
      Error(ErrorCode::kInvalid, "KV namespace \"\x1b]0;x\x07\":\n\ttaken")
          .Remedy("\u202eno"));
  terminal.PrintWarning("\u009b2J");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "caravel: KV namespace \"\\x1b]0;x\\x07\":\n\ttaken\n"
            "  \\u202eno\n"
            "caravel: warning: \\x9b2J\n");
}

TEST(Terminal, WritesCommandsAsItWasCalled) {
  const Terminal terminal(STDOUT_FILENO, STDERR_FILENO, "/opt/caravel/caravel");
  EXPECT_EQ(terminal.AsCalled("./caravel up, then ./caravel down"),
            "/opt/caravel/caravel up, then /opt/caravel/caravel down");
  EXPECT_EQ(terminal.AsCalled("eval \"$(./caravel env)\""),
            "eval \"$(/opt/caravel/caravel env)\"");
  for (const char* text : {"as it stands", "/x/./caravel", "./caravel.js"}) {
    EXPECT_EQ(terminal.AsCalled(text), text);
  }
}

TEST(Terminal, LeavesWhatOthersSaidAsItIs) {
  testing::internal::CaptureStderr();
  Terminal terminal(STDOUT_FILENO, STDERR_FILENO, "/opt/caravel/caravel");
  terminal.PrintError(Error(ErrorCode::kInvalid, "Error: run ./caravel first")
                          .Remedy("see ./caravel help"));
  terminal.PrintWarning("run ./caravel first");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "caravel: Error: run ./caravel first\n"
            "  see /opt/caravel/caravel help\n"
            "caravel: warning: run ./caravel first\n");
}

TEST(LogText, TellsRequestOutcomeLinesAndExceptions) {
  const Terminal terminal(STDOUT_FILENO, STDERR_FILENO);
  registry::LogEvent event;
  event.method = "GET";
  event.url = "http://shop.localhost/";
  event.status = 500;
  event.outcome = "exception";
  event.request_id = "0123456789abcdef";
  event.logs = {{"log", R"(["one\ntwo"])", 0},
                {"warn", R"(["low"])", 0},
                {"error", R"(["no"])", 0}};
  event.exceptions = {{"TypeError", "x is null", "", 0}};
  const std::string text = LogText(terminal, "shop", event);
  EXPECT_THAT(text, HasSubstr("GET http://shop.localhost/ 500"));
  EXPECT_THAT(text, HasSubstr("exception"));
  EXPECT_THAT(text,
              HasSubstr("    one\n    two\n    (warn) low\n    (error) no"));
  EXPECT_THAT(text, HasSubstr("    TypeError: x is null"));
}

TEST(LogText, TellsWhichMethodWasCalled) {
  const Terminal terminal(STDOUT_FILENO, STDERR_FILENO);
  registry::LogEvent event;
  event.kind = "rpc";
  event.rpc_method = "add";
  event.outcome = "ok";
  event.request_id = "0123456789abcdef";
  EXPECT_THAT(LogText(terminal, "shop", event), HasSubstr("RPC default.add "));
  event.entrypoint = "Cart";
  EXPECT_THAT(LogText(terminal, "shop", event), HasSubstr("RPC Cart.add "));
}

TEST(LogText, TellsWhatBelongsToNoRequestThatIsKnown) {
  const Terminal terminal(STDOUT_FILENO, STDERR_FILENO);
  registry::LogEvent event;
  event.outcome = "exceededCpu";
  event.exceptions = {{"Error", "no end", "", 0}};
  EXPECT_THAT(LogText(terminal, "shop", event),
              EndsWith(" shop exceededCpu\n    Error: no end"));
}

}  // namespace
}  // namespace caravel::cli

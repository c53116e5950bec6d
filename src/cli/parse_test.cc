#include "cli/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "cli/commands.h"
#include "cli/help.h"

namespace caravel::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string ErrorOf(const std::vector<std::string>& words) {
  const Result<Invocation> invocation = ParseCommandLine(words);
  return invocation ? "no error" : invocation.error().ToText();
}

TEST(CommandLine, TakesFlagsBehindASignOrASpaceAndOperandsAnywhere) {
  const Result<Invocation> up =
      ParseCommandLine({"up", "--port=0", "--data", "/d", "--allow-egress",
                        "10.0.0.0/8", "--allow-egress=::1/128", "--detach"});
  ASSERT_TRUE(up);
  EXPECT_EQ(up->arguments.Number("port"), 0U);
  EXPECT_EQ(up->arguments.Text("data"), "/d");
  EXPECT_THAT(up->arguments.List("allow-egress"),
              ElementsAre("10.0.0.0/8", "::1/128"));
  EXPECT_TRUE(up->arguments.Has("detach"));
  EXPECT_FALSE(up->arguments.Has("json"));

  const Result<Invocation> logs =
      ParseCommandLine({"logs", "-f", "-n", "5", "shop"});
  ASSERT_TRUE(logs);
  EXPECT_EQ(logs->arguments.Text("WORKER"), "shop");
  EXPECT_EQ(logs->arguments.Number("lines"), 5U);
  EXPECT_TRUE(logs->arguments.Has("follow"));
}

TEST(CommandLine, GivesEachOperandOneWord) {
  const Result<Invocation> zone =
      ParseCommandLine({"zone", "add", "--origin", "http://a", "example.com"});
  ASSERT_TRUE(zone) << zone.error().ToText();
  EXPECT_EQ(zone->arguments.Text("ACTION"), "add");
  EXPECT_EQ(zone->arguments.Text("DOMAIN"), "example.com");
}

TEST(CommandLine, LeavesToWranglerWhatIsWranglers) {
  const Result<Invocation> wrangler = ParseCommandLine(
      {"wrangler", "--data", "/d", "deploy", "--name", "x", "--help"});
  ASSERT_TRUE(wrangler);
  EXPECT_EQ(wrangler->arguments.Text("data"), "/d");
  EXPECT_THAT(wrangler->arguments.rest(),
              ElementsAre("deploy", "--name", "x", "--help"));
  EXPECT_FALSE(wrangler->wants_help);

  const Result<Invocation> version =
      ParseCommandLine({"wrangler", "--version"});
  ASSERT_TRUE(version);
  EXPECT_THAT(version->arguments.rest(), ElementsAre("--version"));
}

TEST(CommandLine, TakesVersionAsAnOptionToo) {
  const Result<Invocation> version = ParseCommandLine({"--version"});
  ASSERT_TRUE(version);
  EXPECT_EQ(version->command, FindCommand("version"));
  EXPECT_FALSE(version->wants_help);
}

TEST(CommandLine, NamesTheNearestCommand) {
  EXPECT_EQ(ErrorOf({"upp"}),
            "there is no command \"upp\"\ndid you mean ./caravel up?");
  EXPECT_EQ(ErrorOf({"frobnicate"}),
            "there is no command \"frobnicate\"\nsee ./caravel help");
}

TEST(CommandLine, NamesTheNearestOption) {
  EXPECT_EQ(ErrorOf({"up", "--prot=1"}),
            "up: unknown option --prot\n"
            "did you mean --port? see ./caravel help up");
  EXPECT_EQ(ErrorOf({"deploy", "--frobnicate", "x", "folder"}),
            "deploy: unknown option --frobnicate\nsee ./caravel help deploy");
  EXPECT_EQ(ErrorOf({"logs", "-x"}),
            "logs: unknown option -x\nsee ./caravel help logs");
}

TEST(CommandLine, RefusesANumberOutOfItsRange) {
  EXPECT_EQ(ErrorOf({"audit", "--limit", "5000"}),
            "audit: --limit 5000 is not between 1 and 1000\n"
            "--limit N: how many at most, 1 to 1000; else 100");
  EXPECT_THAT(ErrorOf({"cron", "list", "shop", "-n", "0"}),
              StartsWith("cron: --lines 0 is not between 1 and 1000\n"));
  EXPECT_EQ(ErrorOf({"audit", "--limit", "1000"}), "no error");
}

TEST(CommandLine, RefusesWhatIsNoNumber) {
  EXPECT_THAT(ErrorOf({"up", "--port", "http"}),
              StartsWith("up: --port \"http\" is no number\n--port N: where "
                         "workers answer"));
}

TEST(CommandLine, RefusesAnOptionThatIsGivenTwice) {
  EXPECT_EQ(ErrorOf({"up", "--port=1", "--port=2"}),
            "up: --port is given twice");
}

TEST(CommandLine, RefusesWordsThatACommandDoesNotTake) {
  EXPECT_EQ(ErrorOf({"down", "now"}),
            "down: does not take \"now\"\nsee ./caravel help down");
  EXPECT_EQ(ErrorOf({"deploy", "one", "two"}),
            "deploy: does not take \"two\"\nsee ./caravel help deploy");
}

TEST(CommandLine, TakesSeveralOfAnOperandAroundOptions) {
  const Result<Invocation> serve =
      ParseCommandLine({"serve", "web", "quotes", "--port", "0", "mail"});
  ASSERT_TRUE(serve) << serve.error().ToText();
  EXPECT_THAT(serve->arguments.List("DIR"),
              ElementsAre("web", "quotes", "mail"));
  EXPECT_EQ(serve->arguments.Number("port"), 0U);
}

TEST(CommandLine, SaysWhichOperandIsMissing) {
  EXPECT_EQ(ErrorOf({"open"}),
            "open: WORKER is missing\n"
            "WORKER: the name of a Worker");
}

TEST(CommandLine, SaysThatAValueIsMissing) {
  for (const auto& words : {std::vector<std::string>{"up", "--port"},
                            {"up", "--port", "--detach"}}) {
    EXPECT_THAT(ErrorOf(words),
                StartsWith("up: --port: its value is missing\n--port N: "));
  }
}

TEST(Help, TellsOfEachCommandItsFlagsAndOperands) {
  const std::string all = HelpForAll();
  std::set<std::string_view> names;
  for (const Command* command : kCommands) {
    EXPECT_TRUE(names.insert(command->name).second) << command->name;
    EXPECT_THAT(all, HasSubstr(std::string(command->summary)));
    const std::string help = HelpFor(*command);
    EXPECT_FALSE(command->help.empty()) << command->name;
    for (const Flag& flag : command->flags) {
      EXPECT_THAT(help, HasSubstr("--" + std::string(flag.name)));
      EXPECT_FALSE(flag.help.empty()) << flag.name;
    }
    for (const Operand& operand : command->operands) {
      EXPECT_THAT(help, HasSubstr(std::string(operand.help)));
    }
  }
}

}  // namespace
}  // namespace caravel::cli

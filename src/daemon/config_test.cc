#include "daemon/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace caravel::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::optional<std::string> NoEnvironment(const std::string&) {
  return std::nullopt;
}

std::optional<std::string> SomeEnvironment(const std::string& name) {
  if (name == "CARAVEL_PORT") return "2";
  if (name == "CARAVEL_API_PORT") return "2";
  if (name == "CARAVEL_ALLOW_EGRESS") return "10.0.0.0/8,::1/128";
  return std::nullopt;
}

std::optional<std::pair<std::string, std::string>> File(std::string text) {
  return std::pair(std::move(text), std::string("caravel.toml"));
}

Config WithPorts(uint32_t port, uint32_t api_port) {
  Config config;
  config.port = port;
  config.api_port = api_port;
  return config;
}

TEST(Config, TakesDefaultsThatStandBehindAllOthers) {
  Config defaults = WithPorts(1, 2);
  defaults.shards = 1;
  const Result<Config> config = LoadConfig(File("shards = 3\n"), NoEnvironment,
                                           {{"port", "3"}}, defaults);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->port, 3U);
  EXPECT_EQ(config->api_port, 2U);
  EXPECT_EQ(config->shards, 3U);
}

TEST(Config, TakesHostNamesOnlyAsADomain) {
  const auto error_of = [](std::string domain) {
    const Result<Config> config =
        LoadConfig({}, NoEnvironment, {{"domain", std::move(domain)}});
    return config ? "" : config.error().ToText();
  };
  EXPECT_EQ(error_of("workers.example.com"), "");
  EXPECT_EQ(error_of("http://x"),
            "--domain: \"http://x\" is no host name\na name such as "
            "workers.example.com, without scheme and port");
  for (const char* wrong : {"a..b", ".a", "a.", "-a.b", "a_b", "a:80", "a b"}) {
    EXPECT_NE(error_of(wrong), "") << wrong;
  }
}

TEST(Config, RefusesOnePortForWorkersAndTheApi) {
  EXPECT_TRUE(CheckPortsDiffer(WithPorts(1, 2)));
  EXPECT_TRUE(CheckPortsDiffer(WithPorts(0, 0)));
  const Status same = CheckPortsDiffer(WithPorts(7, 7));
  ASSERT_FALSE(same);
  EXPECT_THAT(same.error().ToText(),
              HasSubstr("--port and --api-port are both 7"));
}

TEST(Config, TakesFlagsBeforeTheEnvironmentBeforeTheFileBeforeDefaults) {
  const Result<Config> config =
      LoadConfig(File("port = 1\napi_port = 1\nshards = 1\n"
                      "allow_egress = [\"192.168.0.0/16\"]\n"),
                 SomeEnvironment, {{"port", "3"}});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->port, 3U);
  EXPECT_EQ(config->api_port, 2U);
  EXPECT_EQ(config->shards, 1U);
  EXPECT_EQ(config->bind, "127.0.0.1");
  EXPECT_THAT(config->allow_egress, ElementsAre("10.0.0.0/8", "::1/128"));
}

TEST(Config, ReplacesAListAsAWhole) {
  const Result<Config> config = LoadConfig(
      std::nullopt, SomeEnvironment,
      {{"allow_egress", "127.0.0.0/8"}, {"allow_egress", "::1/128"}});
  ASSERT_TRUE(config);
  EXPECT_THAT(config->allow_egress, ElementsAre("127.0.0.0/8", "::1/128"));
}

TEST(Config, NamesEveryWrongKeyOfTheFileAndTheNearestRightOne) {
  const std::vector<Error> wrong = CheckConfigFile(
      "api_prot = 1\nzzzzzz = 2\nshards = \"two\"\nlog_level = \"loud\"\n",
      "c.toml");
  ASSERT_EQ(wrong.size(), 4U);
  std::vector<std::string> texts;
  for (const Error& error : wrong) texts.push_back(error.ToText());
  EXPECT_THAT(
      texts,
      testing::UnorderedElementsAre(
          "c.toml: there is no key \"api_prot\"\n"
          "did you mean \"api_port\"?",
          "c.toml: there is no key \"zzzzzz\"\ncaraveld --help lists the keys",
          HasSubstr("c.toml: shards: must be a whole number"),
          "c.toml: log_level: there is no \"loud\"\n"
          "one of debug, info, warning, error"));
}

TEST(Config, NamesTheLineOfAMistakeInTheFile) {
  const Result<Config> config =
      LoadConfig(File("port = 1\nbind = = 2\n"), NoEnvironment, {});
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message(), HasSubstr("caravel.toml:2:"));
}

TEST(Config, SaysWhereAWrongValueCameFrom) {
  const Result<Config> flag =
      LoadConfig(std::nullopt, NoEnvironment, {{"port", "65536"}});
  ASSERT_FALSE(flag);
  EXPECT_EQ(flag.error().message(),
            "--port: \"65536\" is no number from 0 to 65535");
  const Result<Config> variable = LoadConfig(
      std::nullopt,
      [](const std::string& name) -> std::optional<std::string> {
        return name == "CARAVEL_SHARDS" ? std::optional<std::string>("x")
                                        : std::nullopt;
      },
      {});
  ASSERT_FALSE(variable);
  EXPECT_THAT(variable.error().message(), HasSubstr("CARAVEL_SHARDS"));
}

TEST(Config, HasOneKeyForEachNameAndSaysWhatItIs) {
  std::set<std::string_view> names;
  const std::string help = ConfigHelp();
  for (const ConfigKey& key : kConfigKeys) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_FALSE(key.help.empty()) << key.name;
    EXPECT_THAT(help, HasSubstr(FlagName(key)));
  }
}

}  // namespace
}  // namespace caravel::daemon

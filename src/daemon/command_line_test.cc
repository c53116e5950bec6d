#include "daemon/command_line.h"

#include <gtest/gtest.h>

namespace caravel::daemon {
namespace {

TEST(DaemonCommandLine, TakesValuesBehindASignOrASpace) {
  const Result<CommandLine> line =
      ParseDaemonCommandLine({"--port=1", "--api-port", "2", "--check-config",
                              "--config", "c.toml", "--ready-fd=7"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->flags, (ConfigFlags{{"port", "1"}, {"api_port", "2"}}));
  EXPECT_TRUE(line->check_config);
  EXPECT_EQ(line->config_file, "c.toml");
  EXPECT_EQ(line->ready_fd, 7);
}

TEST(DaemonCommandLine, IsAskedForHelpOrTheVersionAlone) {
  const Result<CommandLine> version = ParseDaemonCommandLine({"--version"});
  ASSERT_TRUE(version);
  EXPECT_TRUE(version->version);
  EXPECT_FALSE(version->help);
  const Result<CommandLine> help = ParseDaemonCommandLine({"-h"});
  ASSERT_TRUE(help);
  EXPECT_TRUE(help->help);
}

TEST(DaemonCommandLine, NamesTheNearestOption) {
  const Result<CommandLine> line = ParseDaemonCommandLine({"--api-prot=1"});
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().ToText(),
            "there is no option --api-prot\ndid you mean --api-port?");
}

TEST(DaemonCommandLine, SaysThatAValueIsMissing) {
  const Result<CommandLine> line = ParseDaemonCommandLine({"--port"});
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().message(), "--port: its value is missing");
}

}  // namespace
}  // namespace caravel::daemon

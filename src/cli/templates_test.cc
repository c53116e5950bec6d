#include "cli/templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/shell_quote.h"

namespace caravel::cli {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

TEST(Templates, HaveTheFilesThatTheyName) {
  for (const Template& each : Templates()) {
    const std::vector<TemplateFile> files = FilesOf(each);
    EXPECT_THAT(files, Contains(Field(&TemplateFile::path, each.begin)))
        << each.name;
    ASSERT_EQ(each.serves.size(), each.deploys.size()) << each.name;
    for (const std::string_view folder : each.deploys) {
      const std::string config = folder == "."
                                     ? "wrangler.jsonc"
                                     : fmt::format("{}/wrangler.jsonc", folder);
      EXPECT_THAT(files, Contains(Field(&TemplateFile::path, config)))
          << each.name;
    }
  }
}

TEST(Templates, KeepFilesOfSecretsOutOfGit) {
  for (const Template& each : Templates()) {
    const std::vector<TemplateFile> files = FilesOf(each);
    const auto ignored =
        std::ranges::find(files, ".gitignore", &TemplateFile::path);
    ASSERT_NE(ignored, files.end()) << each.name;
    for (const char* pattern : {"\n.dev.vars*\n", "\n.env*\n"}) {
      EXPECT_THAT(std::string(ignored->content), HasSubstr(pattern))
          << each.name;
    }
  }
}

TEST(Templates, StandInTheHelp) {
  for (const Template& each : Templates()) {
    EXPECT_THAT(kInitCommand.help,
                HasSubstr(fmt::format("  {:7} {}\n", each.name, each.summary)));
  }
}

TEST(Templates, LeaveNoNameAndNoDateOfTheirOwn) {
  for (const Template& each : Templates()) {
    for (const TemplateFile& file : FilesOf(each)) {
      const std::string text = ForProject(file.content, "shop", "2026-11-30");
      EXPECT_THAT(text, Not(HasSubstr("my-app"))) << file.path;
      EXPECT_THAT(text, Not(HasSubstr("2026-01-01"))) << file.path;
    }
  }
}

TEST(Templates, AreNamedInTheErrorForOneThatIsNotThere) {
  const Result<const Template*> wrong = FindTemplate("helo");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(
      wrong.error().ToText(),
      HasSubstr("template \"helo\": there is none (did you mean "
                "\"hello\"?)\nsay one of hello, api, spa, static, rpc"));
}

TEST(ShellWord, IsQuotedOnlyWhereItMustBe) {
  EXPECT_EQ(ShellWord("a/b-c.d"), "a/b-c.d");
  EXPECT_EQ(ShellWord("My App"), "'My App'");
  EXPECT_EQ(ShellWord("it's"), R"('it'\''s')");
  EXPECT_EQ(ShellWord(""), "''");
}

}  // namespace
}  // namespace caravel::cli

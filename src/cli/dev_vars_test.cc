#include "cli/dev_vars.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/client/testing/temporary_folder.h"

namespace caravel::cli {
namespace {

using registry::Binding;
using registry::BindingType;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(DotEnv, HasOneEntryALine) {
  EXPECT_THAT(ParseDotEnv("A=1\nB = two words \n\nexport C=3\r\nD: 4\n"),
              ElementsAre(Pair("A", "1"), Pair("B", "two words"),
                          Pair("C", "3"), Pair("D", "4")));
}

TEST(DotEnv, BeginsCommentsOutsideOfQuotes) {
  EXPECT_THAT(
      ParseDotEnv("# A=0\nA=1 # one\nB='1 # one' # two\nC=a#b"),
      ElementsAre(Pair("A", "1"), Pair("B", "1 # one"), Pair("C", "a")));
}

TEST(DotEnv, KeepsWhatIsQuoted) {
  EXPECT_THAT(
      ParseDotEnv("A=\"a\\nb\"\nB='a\\nb'\nC=`it's \"so\"`\nD=' x '\nE=\"\""),
      ElementsAre(Pair("A", "a\nb"), Pair("B", "a\\nb"),
                  Pair("C", "it's \"so\""), Pair("D", " x "), Pair("E", "")));
}

TEST(DotEnv, TakesQuotedValuesOfSeveralLines) {
  EXPECT_THAT(
      ParseDotEnv("KEY=\"-----BEGIN\nabc=\n-----END\"\nB=2\n"),
      ElementsAre(Pair("KEY", "-----BEGIN\nabc=\n-----END"), Pair("B", "2")));
}

TEST(DotEnv, TakesAnOpenQuotationMarkAsALetter) {
  EXPECT_THAT(ParseDotEnv("A='open\nB=2"),
              ElementsAre(Pair("A", "'open"), Pair("B", "2")));
}

TEST(DotEnv, PassesOverWhatIsNoEntry) {
  EXPECT_THAT(ParseDotEnv("just words\n=x\nA=\n"), ElementsAre(Pair("A", "")));
  EXPECT_THAT(ParseDotEnv(""), IsEmpty());
}

class DevVarsTest : public testing::Test {
 protected:
  DevVarsTest() {
    project_.folder = folder_.path();
    project_.vars = {{"A", BindingType::kPlainText, "of the configuration"},
                     {"B", BindingType::kJson, "1"}};
  }

  testing_support::TemporaryFolder folder_;
  Project project_;
};

TEST_F(DevVarsTest, StandInForVarsAsSecrets) {
  folder_.Write(".dev.vars", "B=secret\nC=more\n");
  EXPECT_EQ(AddDevVars("", project_).value(), folder_.path(".dev.vars"));
  EXPECT_THAT(
      project_.vars,
      ElementsAre(Binding{"A", BindingType::kPlainText, "of the configuration"},
                  Binding{"B", BindingType::kSecretText, "secret"},
                  Binding{"C", BindingType::kSecretText, "more"}));
}

TEST_F(DevVarsTest, OfAnEnvironmentStandInForTheCommonOnes) {
  folder_.Write(".dev.vars", "B=common\n");
  folder_.Write(".dev.vars.staging", "C=staging\n");
  EXPECT_EQ(AddDevVars("staging", project_).value(),
            folder_.path(".dev.vars.staging"));
  EXPECT_EQ(project_.vars.back(),
            (Binding{"C", BindingType::kSecretText, "staging"}));
  EXPECT_EQ(AddDevVars("production", project_).value(),
            folder_.path(".dev.vars"));
}

TEST_F(DevVarsTest, ComeFromDotEnvFilesWhereThereAreNone) {
  folder_.Write(".env", "A=1\nB=1\n");
  folder_.Write(".env.local", "B=2\nC=2\n");
  folder_.Write(".env.staging", "C=3\n");
  EXPECT_EQ(AddDevVars("staging", project_).value(),
            fmt::format("{0}/.env, {0}/.env.local, {0}/.env.staging",
                        folder_.path()));
  EXPECT_THAT(project_.vars,
              ElementsAre(Binding{"A", BindingType::kSecretText, "1"},
                          Binding{"B", BindingType::kSecretText, "2"},
                          Binding{"C", BindingType::kSecretText, "3"}));
}

TEST_F(DevVarsTest, OfTheirOwnFileLeaveDotEnvAside) {
  folder_.Write(".env", "A=1\n");
  folder_.Write(".dev.vars", "C=more\n");
  EXPECT_EQ(AddDevVars("", project_).value(), folder_.path(".dev.vars"));
  EXPECT_EQ(project_.vars.size(), 3U);
}

TEST_F(DevVarsTest, AreNotNeeded) {
  EXPECT_EQ(AddDevVars("", project_).value(), "");
  EXPECT_EQ(project_.vars.size(), 2U);
}

}  // namespace
}  // namespace caravel::cli

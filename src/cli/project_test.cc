#include "cli/project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "cli/bundler.h"
#include "daemon/client/testing/temporary_folder.h"

namespace caravel::cli {
namespace {

using registry::Binding;
using registry::BindingType;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ProjectTest : public testing::Test {
 protected:
  std::string ErrorOf(const std::string& path) {
    const Result<Project> project = ReadProject(path);
    return project ? "no error" : project.error().ToText();
  }

  testing_support::TemporaryFolder folder_;
};

TEST_F(ProjectTest, AScriptOfAProjectIsNotTakenAlone) {
  folder_.Make("src");
  folder_.Write("src/index.ts", "");
  folder_.Write("wrangler.jsonc", R"({"name": "shop"})");
  EXPECT_THAT(
      ErrorOf(folder_.path("src/index.ts")),
      HasSubstr("belongs to the project of " + folder_.path("wrangler.jsonc") +
                "\nname the project's folder instead: " + folder_.path()));
}

TEST_F(ProjectTest, AFolderOfAProjectIsNotTakenAlone) {
  folder_.Make("src/deep");
  folder_.Write("src/index.ts", "");
  folder_.Write("src/deep/index.ts", "");
  folder_.Write("wrangler.toml", "name = \"shop\"");
  for (const char* inner : {"src", "src/deep"}) {
    EXPECT_THAT(
        ErrorOf(folder_.path(inner)),
        HasSubstr("belongs to the project of " + folder_.path("wrangler.toml") +
                  "\nname the project's folder instead: " + folder_.path()));
  }
}

TEST_F(ProjectTest, WarnsOfFieldsThatThereAreNone) {
  folder_.Write("index.js", "");
  folder_.Write("wrangler.json",
                R"({"main": "index.js", "compatibilty_date": "2026-01-01",
                    "workers_dev": true, "limits": {"cpu": 5}})");
  const Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project);
  EXPECT_THAT(project->warnings,
              ElementsAre(folder_.path("wrangler.json") +
                              ": there is no field \"compatibilty_date\" (did "
                              "you mean \"compatibility_date\"?)",
                          folder_.path("wrangler.json") +
                              ": there is no field \"limits.cpu\" (did you "
                              "mean \"limits.cpu_ms\"?)"));
}

TEST_F(ProjectTest, ReadsJsonWithCommentsAndTrailingCommas) {
  folder_.Make("src");
  folder_.Write("src/index.ts", "");
  folder_.Write("wrangler.jsonc", R"({
    // the Worker
    "name": "shop", "main": "src/index.ts",
    "compatibility_date": "2026-01-01",
    "compatibility_flags": ["a_flag",],
    "vars": { "TEXT": "t", "NUMBER": 1, "LIST": [1, 2] },
    "define": { "X": "1" }, "limits": { "cpu_ms": 20, "subrequests": 5 },
    "observability": { "enabled": true },
    "kv_namespaces": [{ "binding": "OWN" }, { "binding": "BY_ID", "id": "0a" }],
  })");
  const Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  EXPECT_EQ(project->name, "shop");
  EXPECT_EQ(project->main, folder_.path("src/index.ts"));
  EXPECT_EQ(project->compatibility_date, "2026-01-01");
  EXPECT_THAT(project->compatibility_flags, ElementsAre("a_flag"));
  EXPECT_THAT(project->vars,
              ElementsAre(Binding{"TEXT", BindingType::kPlainText, "t"},
                          Binding{"NUMBER", BindingType::kJson, "1"},
                          Binding{"LIST", BindingType::kJson, "[1,2]"}));
  EXPECT_THAT(
      project->namespaces,
      ElementsAre(Binding{"OWN", BindingType::kKvNamespace, "of binding OWN"},
                  Binding{"BY_ID", BindingType::kKvNamespace, "0a"}));
  EXPECT_EQ(project->limits.cpu_ms, 20U);
  EXPECT_EQ(project->limits.subrequests, 5U);
}

TEST_F(ProjectTest, ReadsRateLimitsInEitherForm) {
  folder_.Write("index.js", "");
  folder_.Write("wrangler.json", R"({
    "name": "shop", "main": "index.js",
    "ratelimits": [{ "name": "LIMIT", "namespace_id": "1001",
                     "simple": { "limit": 5, "period": 10 } }],
    "unsafe": { "bindings": [{ "name": "OLD", "type": "ratelimit",
      "namespace_id": "1", "simple": { "limit": 1, "period": 60 } }] }
  })");
  const Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  EXPECT_THAT(
      project->rate_limits,
      ElementsAre(
          Binding{
              "LIMIT", BindingType::kRatelimit,
              R"({"namespace_id":"1001","simple":{"limit":5,"period":10}})"},
          Binding{"OLD", BindingType::kRatelimit,
                  R"({"namespace_id":"1","simple":{"limit":1,"period":60}})"}));
}

TEST_F(ProjectTest, IsRefusedForTwoBindingsOfOneName) {
  folder_.Write("index.js", "");
  for (const char* more :
       {R"("kv_namespaces": [{"binding": "A"}, {"binding": "A"}])",
        R"("kv_namespaces": [{"binding": "A"}], "vars": {"A": 1})",
        R"("version_metadata": {"binding": "A"}, "vars": {"A": 1})"}) {
    folder_.Write("wrangler.json",
                  fmt::format(R"({{"main": "index.js", {}}})", more));
    EXPECT_THAT(ErrorOf(folder_.path()),
                HasSubstr("wrangler.json: binding \"A\": there are two of this "
                          "name\ngive each its own"));
  }
}

TEST_F(ProjectTest, ReadsWhichFilesAreModulesOfTheirOwn) {
  folder_.Write("index.js", "");
  folder_.Write("wrangler.json", R"({ "main": "index.js", "rules": [
    { "type": "Text", "globs": ["**/*.md", "*.html"] },
    { "type": "Text", "globs": ["**/*.never"] },
    { "type": "Data", "globs": ["**/*.dat"], "fallthrough": true },
    { "type": "CompiledWasm", "globs": ["**/*.wasm?module"] },
    { "type": "ESModule", "globs": ["**/*.js"] }] })");
  const Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  using enum registry::ModuleType;
  EXPECT_THAT(project->files,
              ElementsAre(FileType{".md", kText}, FileType{".html", kText},
                          FileType{".dat", kData}, FileType{".wasm", kWasm},
                          FileType{".bin", kData}));
  EXPECT_THAT(project->warnings, IsEmpty());
  const std::vector<std::string> command =
      Bundler::CommandFor(Installation(), *project, "/out");
  EXPECT_THAT(command, Contains("--loader:.md=copy"));
  EXPECT_THAT(command, Not(Contains("--loader:.sql=copy")));
}

TEST_F(ProjectTest, WhatRulesCannotHaveHereIsTold) {
  folder_.Write("index.js", "");
  folder_.Write("wrangler.json", R"({ "main": "index.js", "rules": [
    { "type": "Text", "globs": ["docs/*.md"] }] })");
  const Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  EXPECT_THAT(project->warnings,
              ElementsAre(folder_.path("wrangler.json") +
                          ": rules: \"docs/*.md\": `serve` knows globs of an "
                          "extension alone, such as \"**/*.md\": what this one "
                          "names is bundled as code"));
  folder_.Write("wrangler.json", R"({ "main": "index.js", "rules": [
    { "type": "text", "globs": ["**/*.md"] }] })");
  EXPECT_THAT(
      ErrorOf(folder_.path()),
      HasSubstr("wrangler.json: rules[0]: type \"text\": `serve` has "
                "none of that name (did you mean \"Text\"?)\nsay one of "
                "Text, Data, CompiledWasm, ESModule, CommonJS"));
}

TEST_F(ProjectTest, WarnsThatItIsBundledThoughADeployWouldNot) {
  folder_.Write("index.js", "");
  folder_.Write("wrangler.json",
                R"({ "main": "index.js", "no_bundle": true,
                     "find_additional_modules": false })");
  const Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  EXPECT_THAT(
      project->warnings,
      ElementsAre(folder_.path("wrangler.json") +
                  ": no_bundle: `serve` bundles the project all the same, "
                  "without files that are imported under a name that is "
                  "computed; a deploy has them"));
}

TEST_F(ProjectTest, WhatJsxBecomesIsSaidToTheBundler) {
  folder_.Write("index.js", "");
  folder_.Write("wrangler.json",
                R"({ "main": "index.js", "jsx_factory": "h",
                     "jsx_fragment": "Fragment" })");
  const Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  const std::vector<std::string> command =
      Bundler::CommandFor(Installation(), *project, "/out");
  EXPECT_THAT(command, Contains("--jsx-factory=h"));
  EXPECT_THAT(command, Contains("--jsx-fragment=Fragment"));
}

TEST_F(ProjectTest, ReadsAssetsWithCodeOrAlone) {
  folder_.Make("public");
  folder_.Write("index.js", "");
  folder_.Write("wrangler.json", R"({ "name": "site", "main": "index.js",
    "assets": { "directory": "./public/", "binding": "FILES",
                "html_handling": "none" } })");
  Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  EXPECT_EQ(project->assets, folder_.path("public"));
  EXPECT_EQ(project->asset_binding, "FILES");
  EXPECT_THAT(project->asset_config, HasSubstr(R"("html_handling":"none")"));
  folder_.Write("wrangler.json", R"({ "name": "site",
    "assets": { "directory": "public" } })");
  project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  EXPECT_EQ(project->main, "");
  folder_.Write("wrangler.json", R"({ "name": "site",
    "assets": { "directory": "dist" } })");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("assets.directory: there is no folder " +
                        folder_.path("dist")));
}

TEST_F(ProjectTest, SaysWhatIsMissingInTheSyntaxOfItsConfiguration) {
  folder_.Write("wrangler.toml", "name = \"shop\"");
  EXPECT_THAT(ErrorOf(folder_.path()), HasSubstr(R"(: main = "src/index.ts")"));
  folder_.Write("wrangler.toml", "[assets]\nbinding = \"FILES\"");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr(R"(: directory = "./public")"));
  // wrangler takes this one first.
  folder_.Write("wrangler.json", "{}");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr(R"(: "main": "src/index.ts")"));
}

TEST_F(ProjectTest, ReadsItsBuildWhichMayMakeTheEntryFileAndTheAssets) {
  folder_.Write("wrangler.json", R"({"main": "made.js",
    "assets": {"directory": "made"}, "build": {
    "command": "make made.js", "cwd": "lib", "watch_dir": ["src", "lib"]}})");
  const Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  EXPECT_EQ(project->build.command, "make made.js");
  EXPECT_EQ(project->build.folder, folder_.path("lib"));
  EXPECT_THAT(project->build.watched,
              ElementsAre(folder_.path("src"), folder_.path("lib")));
}

TEST_F(ProjectTest, ReadsToml) {
  folder_.Write("index.js", "");
  folder_.Write("wrangler.toml",
                "name = \"shop\"\nmain = \"index.js\"\n"
                "compatibility_date = 2026-01-01\n[vars]\nA = \"b\"\n");
  const Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  EXPECT_EQ(project->compatibility_date, "2026-01-01");
  EXPECT_THAT(project->vars,
              ElementsAre(Binding{"A", BindingType::kPlainText, "b"}));
}

TEST_F(ProjectTest, NeedsNoConfiguration) {
  folder_.Make("My Shop/src");
  folder_.Write("My Shop/src/index.ts", "");
  folder_.Write("My Shop/api.js", "");
  EXPECT_EQ(ReadProject(folder_.path("My Shop"))->name, "my-shop");
  EXPECT_EQ(ReadProject(folder_.path("My Shop/api.js"))->name, "api");
}

TEST_F(ProjectTest, NamesTheLineAndTheColumnOfAMistake) {
  folder_.Write("wrangler.jsonc", "{\n  \"name\": \"shop\",\n  main\n}");
  EXPECT_THAT(ErrorOf(folder_.path()), HasSubstr("wrangler.jsonc:3:3: "));
}

TEST_F(ProjectTest, NamesTheFieldThatIsWrong) {
  folder_.Write("wrangler.json", R"({"main": "a.js", "vars": [1]})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("wrangler.json: vars: must be a table, is [1]"));
  folder_.Write("wrangler.json", R"({"main": "a.js", "vars": {"a-b": "1"}})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("wrangler.json: vars: binding name \"a-b\": "));
  folder_.Write("wrangler.json", R"({"name": "x"})");
  EXPECT_THAT(ErrorOf(folder_.path()), HasSubstr("main: is missing"));
  folder_.Write("wrangler.json", R"({"main": "a.js"})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("there is no file " + folder_.path("a.js")));
}

TEST_F(ProjectTest, RefusesByNameWhatItCannotServe) {
  folder_.Write("a.js", "");
  folder_.Write(
      "wrangler.json",
      R"({"main": "a.js", "queues": {"producers": [{"queue": "q"}]}})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("queues: `serve` does not have this"));
  folder_.Write("wrangler.json",
                R"({"main": "a.js", "text_blobs": {"TEXT": "a.txt"}})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("text_blobs: `serve` does not have this"));
  folder_.Write("wrangler.json", R"({"main": "a.js", "ratelimits": [
    {"name": "L", "namespace_id": "1", "simple": {"limit": 1, "period": 5}}]})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("ratelimits: binding \"L\": simple.period is neither "
                        "10 nor 60"));
  folder_.Write("wrangler.json", R"({"main": "a.js", "unsafe": {"bindings": [
    {"name": "X", "type": "strange"}]}})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("unsafe: bindings: bindings of type \"strange\": "
                        "`serve` does not have this"));
}

TEST_F(ProjectTest, SaysWhatItLookedForInAFolderWithoutAProject) {
  EXPECT_THAT(ErrorOf(folder_.path()), HasSubstr("wrangler.jsonc"));
  EXPECT_THAT(ErrorOf(folder_.path("nowhere")), HasSubstr("there is no such"));
}

TEST(NameFromPath, IsAWorkersName) {
  EXPECT_EQ(NameFromPath("/a/My App_2.0!"), "my-app-2-0");
  EXPECT_EQ(NameFromPath("/a/!!!"), "worker");
  EXPECT_EQ(NameFromPath("/a/" + std::string(100, 'x')).size(), 63U);
}

TEST(Bundler, GivesEsbuildTheProjectsOwnSettings) {
  Project project;
  project.main = "/p/index.ts";
  project.defines = {{"VERSION", "\"1\""}};
  project.aliases = {{"lib", "./other.js"}};
  const std::vector<std::string> command =
      Bundler::CommandFor(Installation(), project, "/out");
  EXPECT_THAT(command, Contains("/p/index.ts"));
  EXPECT_THAT(command, Contains("--outdir=/out"));
  EXPECT_THAT(command, Contains("--define:VERSION=\"1\""));
  EXPECT_THAT(command, Contains("--alias:lib=./other.js"));
}

TEST(Bundler, BundlesForDevelopmentUnlessNodeEnvIsSet) {
  const std::string name = "--define:globalThis.process.env.NODE_ENV=";
  const auto command = [] {
    return Bundler::CommandFor(Installation(), Project(), "/out");
  };
  ASSERT_EQ(::unsetenv("NODE_ENV"), 0);
  EXPECT_THAT(command(), Contains(name + "\"development\""));
  ASSERT_EQ(::setenv("NODE_ENV", "production", 1), 0);
  EXPECT_THAT(command(), Contains(name + "\"production\""));
  ASSERT_EQ(::unsetenv("NODE_ENV"), 0);
}

TEST(Bundler, LeavesModulesOfNodeToTheRuntimeWhereTheProjectHasThem) {
  Project project;
  project.main = "/p/index.js";
  project.compatibility_date = "2026-01-01";
  const auto command = [&project] {
    return Bundler::CommandFor(Installation(), project, "/out");
  };
  EXPECT_THAT(command(), Not(Contains("--external:events")));
  project.compatibility_flags = {"nodejs_compat"};
  EXPECT_THAT(command(), Contains("--external:events"));
  project.compatibility_flags = {};
  project.compatibility_date = "2026-08-04";
  EXPECT_THAT(command(), Contains("--external:events"));
}

TEST_F(ProjectTest, NamesTheBindingOfTheVersion) {
  folder_.Write("a.js", "");
  folder_.Write("wrangler.json",
                R"({"main": "a.js", "version_metadata": {"binding": "V"}})");
  EXPECT_EQ(ReadProject(folder_.path())->version_metadata, "V");
  folder_.Write("wrangler.json",
                R"({"main": "a.js", "version_metadata": {"binding": "1"}})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("version_metadata.binding: binding name \"1\""));
}

TEST_F(ProjectTest, BindsTheWorkerToItselfAndToOthers) {
  folder_.Write("a.js", "");
  folder_.Write("wrangler.json", R"({"main": "a.js", "name": "own",
      "services": [{"binding": "B", "service": "own", "entrypoint": "E",
                    "props": {"a": 1}}]})");
  const auto project = ReadProject(folder_.path());
  ASSERT_TRUE(project) << project.error().ToText();
  ASSERT_EQ(project->services.size(), 1U);
  EXPECT_EQ(project->services[0].name, "B");
  EXPECT_EQ(project->services[0].text,
            R"({"service":"own","entrypoint":"E","props":{"a":1}})");
  folder_.Write("wrangler.json", R"({"main": "a.js", "name": "own",
      "services": [{"binding": "B", "service": "other"}]})");
  EXPECT_THAT(ReadProject(folder_.path())->callees,
              ElementsAre(Callee{"B", "other", ""}));
  folder_.Write("wrangler.json",
                R"({"main": "a.js", "services": [{"binding": "B"}]})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("services: binding \"B\": service: is missing\n"
                        "name the Worker that it calls"));
}

TEST_F(ProjectTest, SaysWhetherNamesOfFunctionsStayAndCodeIsMinified) {
  folder_.Write("a.js", "");
  folder_.Write("wrangler.json", R"({"main": "a.js"})");
  const auto command = [this] {
    return Bundler::CommandFor(Installation(), *ReadProject(folder_.path()),
                               "/out");
  };
  EXPECT_THAT(command(), Contains("--keep-names"));
  EXPECT_THAT(command(), Not(Contains("--minify")));
  folder_.Write("wrangler.json",
                R"({"main": "a.js", "keep_names": false, "minify": true})");
  EXPECT_THAT(command(), Not(Contains("--keep-names")));
  EXPECT_THAT(command(), Contains("--minify"));
  folder_.Write("wrangler.json", R"({"main": "a.js", "minify": "yes"})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("minify: must be true or false, is \"yes\""));
}

TEST_F(ProjectTest, IsRefusedForADateOrAFlagThatADeployRefuses) {
  using std::chrono::sys_days;
  const base::WallTime now = sys_days(std::chrono::year(2026) / 11 / 28);
  Project project;
  project.compatibility_date = "2026-11-28";
  EXPECT_TRUE(CheckCompatibility(project, now));
  project.config_path = "/p/wrangler.json";
  project.compatibility_date = "2026-11-29";
  EXPECT_THAT(CheckCompatibility(project, now).error().ToText(),
              HasSubstr("/p/wrangler.json: compatibility date \"2026-11-29\": "
                        "lies in the future"));
  project.compatibility_date = "2026-11-28";
  project.compatibility_flags = {"nodejs_compt"};
  EXPECT_THAT(CheckCompatibility(project, now).error().ToText(),
              HasSubstr("nodejs_compt"));
}

TEST_F(ProjectTest, IsRefusedForANameThatADeployRefuses) {
  folder_.Write("a.js", "");
  folder_.Write("wrangler.json", R"({"name": "My_App", "main": "a.js"})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("wrangler.json: Worker name \"My_App\": has another "
                        "character\nuse 1 to 63 of a-z"));
}

TEST_F(ProjectTest, WarnsOfWhatItsEnvironmentDoesNotInherit) {
  folder_.Write("a.js", "");
  folder_.Write("wrangler.json",
                R"({"main": "a.js", "vars": {"A": "1"}, "env": {"b": {}}})");
  const Result<Project> project = ReadProject(folder_.path(), "b");
  ASSERT_TRUE(project);
  EXPECT_THAT(
      project->warnings,
      ElementsAre(HasSubstr("wrangler.json: env.b: is without \"vars\"")));
}

TEST_F(ProjectTest, WarnsOfCronTriggers) {
  folder_.Write("a.js", "");
  folder_.Write("wrangler.json",
                R"({"main": "a.js", "triggers": {"crons": ["0 * * * *"]}})");
  Result<Project> project = ReadProject(folder_.path());
  ASSERT_TRUE(project);
  EXPECT_THAT(
      project->warnings,
      ElementsAre(folder_.path("wrangler.json") +
                  ": cron \"0 * * * *\": `serve` goes by no clock; its handler "
                  "is called by a request of "
                  "/cdn-cgi/handler/scheduled?cron=0+*+*+*+*"));
  folder_.Write("wrangler.json",
                R"({"main": "a.js", "triggers": {"crons": ["61 * * * *"]}})");
  EXPECT_THAT(ErrorOf(folder_.path()),
              HasSubstr("wrangler.json: triggers.crons: cron \"61 * * * *\": "
                        "minute \"61\" is none of 0-59"));
  folder_.Write("wrangler.json",
                R"({"main": "a.js", "triggers": {"crons": []}})");
  project = ReadProject(folder_.path());
  ASSERT_TRUE(project);
  EXPECT_THAT(project->warnings, IsEmpty());
}

}  // namespace
}  // namespace caravel::cli

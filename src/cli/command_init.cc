#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/project.h"
#include "cli/shell_quote.h"
#include "cli/templates.h"
#include "daemon/client/data_folder.h"

namespace caravel::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr Flag kInitFlags[] = {
    {"template", Flag::Kind::kText, "NAME", "hello, api, spa, static or rpc"},
    kJsonFlag,
};
constexpr Operand kInitOperands[] = {
    {"DIR", true, "the folder to make; the Worker gets its name"}};

// A template may add to the name of the project for its other Workers.
constexpr size_t kLongestProjectName = 50;

std::string ProjectName(const std::string& folder) {
  std::string name = NameFromPath(folder);
  name.resize(std::min(name.size(), kLongestProjectName));
  while (name.ends_with('-')) name.pop_back();
  return name;
}

// Whether nothing is in `folder` but what `git init` or `git clone` made.
bool IsEmptyProject(const std::string& folder, std::error_code& error) {
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::end(entry); entry.increment(error)) {
    if (entry->path().filename() != ".git") return false;
  }
  return true;
}

// An error where something stands in `folder`.
Status CheckEmpty(const std::string& folder, const std::string& called) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_directory(status)) {
    return Error(ErrorCode::kConflict,
                 fmt::format("{}: is there and no folder", called))
        .Remedy("name a folder that is not there yet");
  }
  const bool is_empty = IsEmptyProject(folder, error);
  if (error) {
    return Error(ErrorCode::kDenied,
                 fmt::format("{}: {}", called, error.message()));
  }
  if (is_empty) return {};
  return Error(ErrorCode::kConflict,
               fmt::format("{}: the folder is not empty", called))
      .Remedy("name another one; nothing in this one was touched");
}

Status WriteFile(const fs::path& path, std::string_view content) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (!error) {
    std::ofstream file(path, std::ios::binary);
    file << content;
    file.close();
    if (file) return {};
    error = std::error_code(errno, std::generic_category());
  }
  return Error(
      ErrorCode::kUnavailable,
      fmt::format("{}: cannot be written: {}", path.string(), error.message()));
}

// The template that a person at a terminal chooses.
Result<const Template*> AskForTemplate(Terminal& terminal) {
  const std::span<const Template> all = Templates();
  for (size_t i = 0; i < all.size(); ++i) {
    terminal.Print(fmt::format("  {}  {}  {}", i + 1,
                               terminal.Bold(fmt::format("{:7}", all[i].name)),
                               all[i].summary));
  }
  terminal.Print("Number or name, Enter for the first:");
  std::string line;
  std::getline(std::cin, line);
  if (line.empty()) return all.data();
  for (size_t i = 0; i < all.size(); ++i) {
    if (line == std::to_string(i + 1)) return &all[i];
  }
  return FindTemplate(line);
}

Result<const Template*> ChooseTemplate(Context& context,
                                       const Arguments& arguments) {
  if (const auto name = arguments.Text("template")) return FindTemplate(*name);
  const bool can_ask = ::isatty(STDIN_FILENO) != 0 &&
                       ::isatty(STDOUT_FILENO) != 0 && !arguments.Has("json");
  if (can_ask) return AskForTemplate(context.terminal);
  return Templates().data();
}

std::string InFolder(const std::string& folder, std::string_view below) {
  if (below == ".") return ShellWord(folder);
  return ShellWord((fs::path(folder) / below).string());
}

// The commands that bring the project to the platform, as one line.
std::string DeployCommand(const Template& chosen, const std::string& folder) {
  std::vector<std::string> commands;
  for (const std::string_view part : chosen.deploys) {
    commands.push_back(
        fmt::format("./caravel deploy {}", InFolder(folder, part)));
  }
  return fmt::format("{}", fmt::join(commands, " && "));
}

std::string ServeCommand(const Template& chosen, const std::string& folder) {
  std::string command = "./caravel serve";
  for (const std::string_view part : chosen.serves) {
    command += fmt::format(" {}", InFolder(folder, part));
  }
  return command;
}

Result<int> RunInit(Context& context, const Arguments& arguments) {
  const std::string called = arguments.Text("DIR").value_or("");
  const std::string folder =
      fs::path(daemon::AbsolutePath(called)).lexically_normal();
  CARAVEL_TRY(CheckEmpty(folder, called));
  CARAVEL_TRY(const Template* const chosen, ChooseTemplate(context, arguments));
  const fs::path path =
      folder.ends_with('/') ? fs::path(folder).parent_path() : fs::path(folder);
  const std::string name = ProjectName(path);
  const std::string today =
      base::FormatTime(base::SystemClock().Wall()).substr(0, 10);
  json::array written;
  for (const TemplateFile& file : FilesOf(*chosen)) {
    CARAVEL_TRY(
        WriteFile(path / file.path, ForProject(file.content, name, today)));
    written.emplace_back(std::string(file.path));
  }

  Terminal& terminal = context.terminal;
  const std::string deploy = terminal.AsCalled(DeployCommand(*chosen, called));
  const std::string serve = terminal.AsCalled(ServeCommand(*chosen, called));
  if (arguments.Has("json")) {
    json::object told{{"name", name},
                      {"folder", path.string()},
                      {"template", chosen->name},
                      {"files", written},
                      {"deploy", deploy},
                      {"serve", serve}};
    terminal.PrintJson(json::serialize(told));
    return 0;
  }
  const std::string begin = InFolder(called, chosen->begin);
  const size_t width = std::max({deploy.size(), serve.size(), begin.size()});
  const auto next = [&](std::string_view what, std::string_view why) {
    terminal.Print(fmt::format("  {:{}}  {}", what, width, terminal.Dim(why)));
  };
  terminal.Print(fmt::format("{} is made, from the template {}. Next:",
                             terminal.Bold(name), chosen->name));
  next(begin, "the file to begin with");
  next(serve, "runs it here while you edit");
  next(deploy, "brings it to the platform that ./caravel up started");
  return 0;
}

}  // namespace

const Command kInitCommand{
    .name = "init",
    .summary = "make a project to begin with",
    .help =
        "Makes the folder DIR with a project that ./caravel deploy takes as it "
        "stands; it\n"
        "needs no package and no network. Templates:\n\n"
        "  hello   a Worker with one route\n"
        "  api     an API with a router, errors as JSON, and KV\n"
        "  spa     a page that code in the browser draws, and its API\n"
        "  static  a site of files, with headers and redirects\n"
        "  rpc     two Workers, one of which calls methods of the other\n\n"
        "Without --template it asks on a terminal, and takes hello elsewhere. "
        "The Worker's\n"
        "name is made of the folder's.",
    .flags = kInitFlags,
    .operands = kInitOperands,
    .run = &RunInit};

}  // namespace caravel::cli

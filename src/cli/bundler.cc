// The settings are those of wrangler 4.164 (esbuild 0.28): a bundle that
// differs from what `deploy` uploads would make `serve` a different runtime.
// Files that wrangler uploads as modules of their own (.wasm, .txt, .html,
// .sql, .bin) are copied beside the bundle by esbuild's loader "copy", which
// rewrites the import to the copy's name; .json is bundled. NODE_ENV is
// wrangler dev's: who edits code wants to see the warnings of frameworks.
#include "cli/bundler.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/clock.h"
#include "cli/node_names.h"
#include "cli/plain_output.h"
#include "daemon/client/files.h"
#include "registry/bundle.h"
#include "registry/compatibility.h"

namespace caravel::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMainModule = "index.js";
// What esbuild tells of its work, beside the modules.
constexpr std::string_view kReport = "report.json";

Result<registry::Module> ReadModule(const fs::path& path,
                                    const std::vector<FileType>& files) {
  registry::Module module;
  module.name = path.filename();
  if (module.name == kMainModule) {
    module.type = registry::ModuleType::kEsModule;
  } else if (path.extension() == ".map") {
    module.type = registry::ModuleType::kSourceMap;
  } else {
    for (const FileType& each : files) {
      if (path.extension() != each.extension) continue;
      module.type = each.type;
      module.name = "./" + module.name;  // as the import says
    }
  }
  constexpr size_t kLargestModule = 100 << 20;
  CARAVEL_TRY(module.content, daemon::ReadFile(path, kLargestModule));
  return module;
}

// A source map with its files named from the project's folder, as people know
// them; esbuild names them from where it writes. What is no map stays as it is.
// Of a map, mostly "mappings", that list alone is parsed: esbuild writes it
// first, and a person waits.
std::string NameSources(std::string map, const fs::path& output,
                        const fs::path& project) {
  constexpr std::string_view kKey = "\"sources\":";
  const size_t key = map.find(kKey);
  if (key == std::string::npos) return map;
  const size_t begin = key + kKey.size();
  boost::json::stream_parser parser;
  boost::system::error_code error;
  const size_t size =
      parser.write_some(map.data() + begin, map.size() - begin, error);
  if (error || !parser.done()) return map;
  boost::json::value sources = parser.release();
  if (!sources.is_array()) return map;
  for (boost::json::value& source : sources.as_array()) {
    if (!source.is_string()) continue;
    const fs::path file =
        (output / std::string(source.as_string())).lexically_normal();
    const fs::path name = file.lexically_relative(project);
    if (!name.empty()) source = name.string();
  }
  return map.replace(begin, size, boost::json::serialize(sources));
}

// What esbuild tells of a bundle.
struct Report {
  std::vector<std::string> inputs;
  // It exports nothing and imports nothing: a service worker, as wrangler has
  // it.
  bool is_script = false;
};

bool IsEmptyList(const boost::json::object& object, std::string_view key) {
  const auto* list = object.if_contains({key.data(), key.size()});
  return list != nullptr && list->is_array() && list->get_array().empty();
}

bool IsScript(const boost::json::object& report) {
  const auto* outputs = report.if_contains("outputs");
  if (outputs == nullptr || !outputs->is_object()) return false;
  for (const auto& output : outputs->get_object()) {
    const fs::path file{std::string(output.key())};
    if (file.filename() != kMainModule || !output.value().is_object()) continue;
    const boost::json::object& facts = output.value().get_object();
    return IsEmptyList(facts, "exports") && IsEmptyList(facts, "imports");
  }
  return false;
}

// Names of modules that are no files ("(disabled):x") are among them: nothing
// is ever written there. Paths are relative to the folder that esbuild ran in;
// "link/../x" is left to the file system, which alone knows where a link leads.
// Source: esbuild, "Metafile".
Result<Report> ReadReport(const std::string& report, const fs::path& folder) {
  constexpr size_t kLargestReport = 100 << 20;
  CARAVEL_TRY(const std::string text, daemon::ReadFile(report, kLargestReport));
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(text, error);
  Report read;
  const auto* object = error ? nullptr : parsed.if_object();
  const auto* files =
      object == nullptr ? nullptr : object->if_contains("inputs");
  if (files == nullptr || !files->is_object()) {
    return Error(ErrorCode::kInternal, "esbuild's report has no inputs");
  }
  for (const auto& entry : files->get_object()) {
    read.inputs.push_back(folder / std::string(entry.key()));
  }
  read.is_script = IsScript(*object);
  return read;
}

bool HasNode(const Project& project) {
  const Result<registry::Compatibility> compatibility =
      registry::Compatibility::Parse(project.compatibility_date,
                                     project.compatibility_flags,
                                     base::SystemClock().Wall());
  return compatibility && compatibility->IsOn("nodejs_compat_v2");
}

// What code reads of NODE_ENV: "development" unless it is set where `serve` was
// called.
std::string NodeEnv() {
  const char* set = std::getenv("NODE_ENV");
  return boost::json::serialize(boost::json::string_view(
      set == nullptr || *set == '\0' ? "development" : set));
}

}  // namespace

std::vector<std::string> Bundler::CommandFor(const Installation& installation,
                                             const Project& project,
                                             const std::string& output_folder) {
  std::vector<std::string> command = {
      installation.esbuild,
      "--bundle",
      "--format=esm",
      "--target=es2024",
      "--supported:using=true",
      "--conditions=workerd,worker,browser",
      "--loader:.js=jsx",
      "--loader:.mjs=jsx",
      "--loader:.cjs=jsx",
      "--sourcemap",
      "--sources-content=false",
      "--external:cloudflare:*",
      "--external:node:*",
      R"(--define:navigator.userAgent="Cloudflare-Workers")",
      "--asset-names=[name]-[hash]",
      "--entry-names=index",
      "--log-level=warning",
      "--outdir=" + output_folder,
      fmt::format("--metafile={}/{}", output_folder, kReport),
      project.main};
  for (const FileType& each : project.files) {
    command.push_back(fmt::format("--loader:{}=copy", each.extension));
  }
  const std::string node_env = NodeEnv();
  for (const char* object : {"", "global.", "globalThis."}) {
    command.push_back(
        fmt::format("--define:{}process.env.NODE_ENV={}", object, node_env));
  }
  for (const auto& [name, text] : project.defines) {
    command.push_back(fmt::format("--define:{}={}", name, text));
  }
  for (const auto& [name, path] : project.aliases) {
    command.push_back(fmt::format("--alias:{}={}", name, path));
  }
  if (HasNode(project)) {
    for (const std::string_view name : kNodeNames) {
      command.push_back(fmt::format("--external:{}", name));
    }
    // What packages of CommonJS require of Node. wrangler turns each into an
    // import, by a plugin, which esbuild's command line has none of.
    command.emplace_back(
        "--banner:js=import{createRequire as "
        "caravelRequire}from\"node:module\";"
        "const require=caravelRequire(\"/bundle/index.js\");");
  }
  if (project.keep_names) command.emplace_back("--keep-names");
  if (!project.jsx_factory.empty()) {
    command.push_back("--jsx-factory=" + project.jsx_factory);
  }
  if (!project.jsx_fragment.empty()) {
    command.push_back("--jsx-fragment=" + project.jsx_fragment);
  }
  if (project.minify) command.emplace_back("--minify");
  if (!project.tsconfig.empty()) {
    command.push_back("--tsconfig=" + project.tsconfig);
  }
  return command;
}

Result<Bundler> Bundler::Start(const Installation& installation,
                               const Project& project, bool colours) {
  CARAVEL_TRY(CheckProgram("esbuild", installation.esbuild));
  CARAVEL_TRY(TemporaryFolder output, TemporaryFolder::Make());
  daemon::ChildOptions child;
  child.command = CommandFor(installation, project, output.path());
  // Its report is relative to where PWD says that it is.
  child.environment = daemon::EnvironmentWith({{"PWD", ""}});
  child.folder = project.folder;
  child.dies_with_parent = true;
  if (colours) child.command.emplace_back("--color=true");
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoError("pipe", errno);
  base::Fd errors(ends[0]);
  const base::Fd write_end(ends[1]);
  child.fds = {{STDERR_FILENO, write_end.get()}};
  CARAVEL_TRY(daemon::ChildProcess process, daemon::StartChild(child));
  return Bundler(std::move(output), project, std::move(process),
                 std::move(errors));
}

void Bundler::CopyErrors() {
  ColourFilter filter;
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t size = ::read(errors_.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    const std::string_view piece(buffer, static_cast<size_t>(size));
    // Nobody may be there to read it.
    [[maybe_unused]] const ssize_t written =
        ::write(STDERR_FILENO, piece.data(), piece.size());
    told_ += filter.Pass(piece);
  }
  told_ += filter.Rest();
}

Result<std::string> Bundler::Finish() {
  CopyErrors();
  CARAVEL_TRY(const daemon::Ending ending, daemon::AwaitChild(process_.pidfd));
  if (ending.signal != 0 || ending.exit_code != 0) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}: the project could not be bundled", folder_))
        .Remedy("what esbuild says above names the file and the line");
  }
  std::vector<registry::Module> modules;
  bool is_script = false;
  for (const auto& entry : fs::directory_iterator(output_.path())) {
    if (entry.path().filename() == kReport) {
      CARAVEL_TRY(Report report, ReadReport(entry.path(), folder_));
      inputs_ = std::move(report.inputs);
      is_script = report.is_script;
      continue;
    }
    CARAVEL_TRY(registry::Module module, ReadModule(entry.path(), files_));
    if (module.type == registry::ModuleType::kSourceMap) {
      module.content =
          NameSources(std::move(module.content), output_.path(), folder_);
    }
    modules.push_back(std::move(module));
  }
  for (registry::Module& module : modules) {
    // What is put in front for modules of Node is an import.
    if (is_script && module.name == kMainModule &&
        !module.content.starts_with("import")) {
      module.type = registry::ModuleType::kScript;
    }
  }
  return registry::WriteBundle(kMainModule, modules);
}

}  // namespace caravel::cli

#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/bundle.h"
#include "registry/published.h"

namespace caravel::cli {

// The project's own step before it is bundled. Source: wrangler's
// documentation, "Custom builds".
struct ProjectBuild {
  std::string command;               // for a shell; empty: there is none
  std::string folder;                // absolute: where it runs
  std::vector<std::string> watched;  // absolute: folders of its sources
};

// Files whose names end in that are modules of their own, beside the bundled
// code.
struct FileType {
  std::string extension;  // with its dot
  registry::ModuleType type;
  bool operator==(const FileType&) const = default;
};

// Those of wrangler.
std::vector<FileType> UsualFileTypes();

// The Worker that a service binding calls, perhaps one that is not served.
struct Callee {
  std::string binding;
  std::string worker;
  std::string entrypoint;  // empty: the default export
  bool operator==(const Callee&) const = default;
};

// A Workers project as its wrangler configuration describes it: what `serve`
// needs of it. A value.
struct Project {
  std::string folder;       // absolute; paths in the configuration start there
  std::string config_path;  // absolute; empty: there is none
  std::string name;
  std::string main;  // absolute path of the entry file; empty: assets alone
  std::string compatibility_date;
  std::vector<std::string> compatibility_flags;
  std::vector<registry::Binding> vars;
  std::vector<registry::Binding> services;
  std::vector<Callee> callees;                // that `services` are to
  std::vector<registry::Binding> namespaces;  // of KV
  std::vector<registry::Binding> rate_limits;
  std::string version_metadata;  // name of that binding; empty: none
  std::string assets;            // absolute path of their folder; empty: none
  std::string asset_config;      // JSON, as the configuration has it
  std::string asset_binding;     // its name; empty: none
  registry::Limits limits;
  ProjectBuild build;
  std::vector<std::pair<std::string, std::string>> defines;  // name, JS text
  std::vector<std::pair<std::string, std::string>> aliases;  // module, path
  std::vector<FileType> files = UsualFileTypes();
  std::string tsconfig;      // absolute path; empty: esbuild's choice
  std::string jsx_factory;   // what JSX becomes a call of; empty: the same
  std::string jsx_fragment;  // and what <> is
  bool keep_names = true;    // of functions, as the code has them
  bool minify = false;
  std::vector<std::string> warnings;  // of the configuration, one a sentence

  // `path` from its folder on.
  std::string PathOf(std::string_view path) const;
};

// For projects that name no date. Behind it, nodejs_compat is on unless
// switched off, and needs modules that Caravel does not have.
inline constexpr std::string_view kUndatedProject = "2026-08-03";

// The project at `path`: a folder with wrangler.json, wrangler.jsonc or
// wrangler.toml, such a file itself, a folder with an entry file alone, or an
// entry file (.js, .mjs, .ts, .wasm) that belongs to no project. A
// configuration is taken as it is for `environment`
// (cli/project_environment.h); empty: for none. kInvalid names file and field;
// what the project uses and `serve` cannot give is refused by name.
Result<Project> ReadProject(const std::string& path,
                            std::string_view environment = {});

// What a deploy would refuse of the project's compatibility date and flags.
Status CheckCompatibility(const Project& project, base::WallTime now);

// The configuration file in `folder`; empty when there is none.
std::string FindConfig(const std::string& folder);

// The configuration that `path` stands for: that of the folder, or the file
// itself; empty when it is neither.
std::string ConfigOf(const std::string& path);

// The name that the configuration gives the Worker of `environment` (empty: of
// none); empty where it gives none or cannot be read.
std::string NameIn(const std::string& config, std::string_view environment);

// kNotFound names the environments that there are. A configuration that cannot
// be read is no error here.
Status CheckEnvironment(const std::string& config,
                        std::string_view environment);

// The entry file of a folder without a configuration: index or worker, in the
// folder or in src/, else the only script there. kNotFound says what was looked
// for.
Result<std::string> FindEntry(const std::string& folder);

// A Worker's name made of a file's or folder's name: "My App" is "my-app".
std::string NameFromPath(const std::string& path);

}  // namespace caravel::cli

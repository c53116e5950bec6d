#include "cli/project_modules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <set>

#include "base/nearest_name.h"
#include "cli/config_values.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;
using registry::ModuleType;

struct RuleType {
  std::string_view name;
  // Nothing: code, which is bundled.
  std::optional<ModuleType> type;
};
constexpr auto kRuleTypes = std::to_array<RuleType>({
    {"Text", ModuleType::kText},
    {"Data", ModuleType::kData},
    {"CompiledWasm", ModuleType::kWasm},
    {"ESModule", std::nullopt},
    {"CommonJS", std::nullopt},
});

Result<RuleType> TypeNamed(std::string_view name) {
  std::vector<std::string_view> names;
  for (const RuleType& each : kRuleTypes) {
    if (each.name == name) return each;
    names.push_back(each.name);
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("type \"{}\": `serve` has none of that name{}", name,
                           base::DidYouMean(name, names)))
      .Remedy(fmt::format("say one of {}", fmt::join(names, ", ")));
}

// ".md" of "**/*.md", whatever it asks behind a "?"; nothing where the glob is
// about more than an extension.
std::optional<std::string> ExtensionOf(std::string_view glob) {
  constexpr std::string_view kQuery = "?module";
  if (glob.starts_with("**/")) glob.remove_prefix(3);
  if (!glob.starts_with("*.")) return {};
  glob.remove_prefix(1);
  if (glob.ends_with(kQuery)) glob.remove_suffix(kQuery.size());
  const bool is_plain =
      glob.size() > 1 && std::ranges::all_of(glob.substr(1), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9') || c == '_' || c == '-';
      });
  if (!is_plain) return {};
  return std::string(glob);
}

// The files that rules name, in front of those that they leave. A rule is the
// last of its type unless it says fallthrough.
class FileTypes {
 public:
  explicit FileTypes(Project& project)
      : project_(project), usual_(std::move(project.files)) {
    project.files.clear();
  }

  Status Read(const json::object& rule) {
    std::string name;
    std::vector<std::string> globs;
    bool falls_through = false;
    CARAVEL_TRY(ReadText(rule, "type", name));
    CARAVEL_TRY(ReadTexts(rule, "globs", globs));
    CARAVEL_TRY(ReadSwitch(rule, "fallthrough", falls_through));
    CARAVEL_TRY(const RuleType type, TypeNamed(name));
    if (!type.type || complete_.contains(*type.type)) return {};
    for (const std::string& glob : globs) Add(glob, *type.type);
    if (!falls_through) complete_.insert(*type.type);
    return {};
  }

  void AddUsual() {
    for (const FileType& each : usual_) {
      if (!complete_.contains(each.type)) AddExtension(each);
    }
  }

 private:
  void Add(const std::string& glob, ModuleType type) {
    const auto extension = ExtensionOf(glob);
    if (extension) return AddExtension({*extension, type});
    project_.warnings.push_back(fmt::format(
        "{}: rules: \"{}\": `serve` knows globs of an extension alone, such as "
        "\"**/*.md\": what this one names is bundled as code",
        project_.config_path, glob));
  }

  void AddExtension(FileType file) {
    const bool is_known =
        std::ranges::any_of(project_.files, [&file](const FileType& known) {
          return known.extension == file.extension;
        });
    if (!is_known) project_.files.push_back(std::move(file));
  }

  Project& project_;
  const std::vector<FileType> usual_;
  std::set<ModuleType> complete_;
};

Status ReadRules(const json::object& config, Project& project) {
  constexpr std::string_view kField = "rules";
  const json::value* rules = config.if_contains({kField.data(), kField.size()});
  if (rules == nullptr) return {};
  if (!rules->is_array()) return WrongType(kField, "a list", *rules);
  FileTypes types(project);
  for (size_t i = 0; i < rules->get_array().size(); ++i) {
    const json::value& rule = rules->get_array()[i];
    if (!rule.is_object()) return WrongType(kField, "a list of tables", rule);
    CARAVEL_TRY(types.Read(rule.get_object()).In(fmt::format("rules[{}]", i)));
  }
  types.AddUsual();
  return {};
}

Status WarnOfModules(const json::object& config, Project& project) {
  for (const std::string_view field :
       {"no_bundle", "find_additional_modules"}) {
    bool is_on = false;
    CARAVEL_TRY(ReadSwitch(config, field, is_on));
    if (!is_on) continue;
    project.warnings.push_back(fmt::format(
        "{}: {}: `serve` bundles the project all the same, without files that "
        "are imported under a name that is computed; a deploy has them",
        project.config_path, field));
  }
  return {};
}

}  // namespace

Status ReadModules(const json::object& config, Project& project) {
  std::string tsconfig;
  CARAVEL_TRY(ReadText(config, "tsconfig", tsconfig));
  if (!tsconfig.empty()) {
    project.tsconfig = project.PathOf(tsconfig);
  }
  CARAVEL_TRY(ReadSwitch(config, "keep_names", project.keep_names));
  CARAVEL_TRY(ReadSwitch(config, "minify", project.minify));
  CARAVEL_TRY(ReadPairs(config, "define", project.defines));
  CARAVEL_TRY(ReadPairs(config, "alias", project.aliases));
  CARAVEL_TRY(ReadText(config, "jsx_factory", project.jsx_factory));
  CARAVEL_TRY(ReadText(config, "jsx_fragment", project.jsx_fragment));
  CARAVEL_TRY(ReadRules(config, project));
  return WarnOfModules(config, project);
}

}  // namespace caravel::cli

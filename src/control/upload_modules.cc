#include "control/upload_modules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace caravel::api {
namespace {

using registry::Module;
using registry::ModuleType;

struct ContentType {
  std::string_view name;
  ModuleType type;
};
constexpr auto kContentTypes = std::to_array<ContentType>({
    {"application/javascript+module", ModuleType::kEsModule},
    {"text/javascript+module", ModuleType::kEsModule},
    {"application/wasm", ModuleType::kWasm},
    {"text/plain", ModuleType::kText},
    {"application/octet-stream", ModuleType::kData},
    {"application/json", ModuleType::kJson},
    {"application/source-map", ModuleType::kSourceMap},
    {"application/javascript", ModuleType::kScript},
    {"text/javascript", ModuleType::kScript},
});

Error WrongType(const Part& part) {
  const std::string module = fmt::format("module \"{}\"", part.name);
  if (part.content_type.starts_with("text/x-python")) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}: Python Workers are not built in Caravel yet",
                             module))
        .Remedy("write it in JavaScript, TypeScript or Wasm");
  }
  std::vector<std::string_view> names;
  for (const ContentType& type : kContentTypes) names.push_back(type.name);
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: content type \"{}\" is no type of module",
                           module, part.content_type))
      .Remedy(fmt::format("types are {}", fmt::join(names, ", ")));
}

// A service worker imports nothing: a second script is never run.
Error SecondScript(const Part& part, std::string_view script) {
  return Error(ErrorCode::kInvalid,
               fmt::format("module \"{}\": the Worker is the script \"{}\", "
                           "which can import no other",
                           part.name, script))
      .Remedy("bundle it into the script, or write the Worker as an ES module");
}

Error TooLarge(size_t bytes, std::vector<Module> modules) {
  constexpr size_t kShown = 3;
  std::ranges::sort(modules, std::greater(),
                    [](const Module& module) { return module.content.size(); });
  if (modules.size() > kShown) modules.resize(kShown);
  std::vector<std::string> largest;
  for (const Module& module : modules) {
    largest.push_back(
        fmt::format("{} ({} bytes)", module.name, module.content.size()));
  }
  return Error(ErrorCode::kLimit,
               fmt::format("the Worker's modules have {} bytes, at most {} are "
                           "allowed; the largest: {}",
                           bytes, kMostModuleBytes, fmt::join(largest, ", ")))
      .Remedy("fetch large data at run time, or split the Worker");
}

}  // namespace

std::string_view ContentTypeOf(ModuleType type) {
  const auto found = std::ranges::find(kContentTypes, type, &ContentType::type);
  CARAVEL_CHECK(found != kContentTypes.end(), static_cast<int>(type));
  return found->name;
}

Result<std::vector<Module>> ModulesOf(const std::vector<Part>& parts,
                                      std::string_view script) {
  std::vector<Module> modules;
  size_t bytes = 0;
  for (const Part& part : parts) {
    const auto type =
        std::ranges::find(kContentTypes, part.content_type, &ContentType::name);
    if (type == kContentTypes.end()) return WrongType(part);
    const bool is_beside =
        type->type == ModuleType::kScript && part.name != script;
    if (is_beside && !script.empty()) return SecondScript(part, script);
    if (type->type != ModuleType::kSourceMap) bytes += part.content.size();
    modules.push_back({.name = part.name,
                       .type = is_beside ? ModuleType::kCommonJs : type->type,
                       .content = std::string(part.content)});
  }
  if (bytes > kMostModuleBytes) return TooLarge(bytes, std::move(modules));
  return modules;
}

}  // namespace caravel::api

#include "cli/templates.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_name.h"
#include "cli/template_files.h"

namespace caravel::cli {
namespace {

constexpr std::string_view kName = "my-app";
constexpr std::string_view kDate = "\"compatibility_date\": \"2026-01-01\"";

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

std::span<const Template> Templates() {
  static const std::vector<Template> all = {
      {.name = "hello",
       .summary = "a Worker with one route",
       .begin = "src/index.ts",
       .deploys = {"."},
       .serves = {"."}},
      {.name = "api",
       .summary = "an API with a router, errors as JSON, and KV",
       .begin = "src/index.ts",
       .deploys = {"."},
       .serves = {"."}},
      {.name = "spa",
       .summary = "a page that code in the browser draws, and its API",
       .begin = "src/app/main.ts",
       .deploys = {"."},
       .serves = {"."}},
      {.name = "static",
       .summary = "a site of files, with headers and redirects",
       .begin = "public/index.html",
       .deploys = {"."},
       .serves = {"."}},
      {.name = "rpc",
       .summary = "two Workers, one of which calls methods of the other",
       .begin = "web/src/index.ts",
       .deploys = {"quotes", "web"},
       .serves = {"web", "quotes"}},
  };
  return all;
}

Result<const Template*> FindTemplate(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Template& each : Templates()) {
    if (each.name == name) return &each;
    names.push_back(each.name);
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("template \"{}\": there is none{}", name,
                           base::DidYouMean(name, names)))
      .Remedy(fmt::format("say one of {}", fmt::join(names, ", ")));
}

std::vector<TemplateFile> FilesOf(const Template& made_from) {
  const std::string folder = fmt::format("{}/", made_from.name);
  std::vector<TemplateFile> files;
  for (const TemplateFile& file : kTemplateFiles) {
    if (!file.path.starts_with(folder)) continue;
    files.push_back({file.path.substr(folder.size()), file.content});
  }
  return files;
}

std::string ForProject(std::string_view content, std::string_view name,
                       std::string_view today) {
  std::string text(content);
  ReplaceAll(text, kName, name);
  ReplaceAll(text, kDate, fmt::format("\"compatibility_date\": \"{}\"", today));
  return text;
}

}  // namespace caravel::cli

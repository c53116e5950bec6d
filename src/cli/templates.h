#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// The projects that `caravel init` makes. Each is a folder of templates/ that
// works as it stands, built into this program so that nothing else is needed.
namespace caravel::cli {

struct TemplateFile {
  std::string_view path;  // "hello/src/index.ts"
  std::string_view content;
};

struct Template {
  std::string_view name;
  std::string_view summary;
  std::string_view begin;  // the file to look at first
  // Folders to deploy, in this order; "." is the project itself.
  std::vector<std::string_view> deploys;
  // Folders to serve; the first answers.
  std::vector<std::string_view> serves;
};

std::span<const Template> Templates();

// kInvalid, with the nearest name, when there is none of that name.
Result<const Template*> FindTemplate(std::string_view name);

// Its files, with paths from the project's folder on.
std::vector<TemplateFile> FilesOf(const Template& made_from);

// The content for a project of this name, begun on this day ("2026-11-30"): the
// files of templates/ call it my-app, of the first day of 2026.
std::string ForProject(std::string_view content, std::string_view name,
                       std::string_view today);

}  // namespace caravel::cli

#include "cli/served_version.h"

#include <filesystem>

#include "base/clock.h"
#include "base/random.h"
#include "daemon/client/files.h"

namespace caravel::cli {
namespace {

namespace fs = std::filesystem;

// A namespace without an id is the Worker's own; the store is that of all.
void NameOwnNamespaces(std::string_view worker,
                       std::vector<registry::Binding>& bindings) {
  for (registry::Binding& binding : bindings) {
    if (binding.type == registry::BindingType::kKvNamespace &&
        binding.text == "of binding " + binding.name) {
      binding.text += fmt::format(" of {}", worker);
    }
  }
}

// Path, size and date of each file below `folder`.
std::string ListingOf(const std::string& folder) {
  std::string listing;
  std::error_code error;
  fs::recursive_directory_iterator entry(
      folder, fs::directory_options::follow_directory_symlink, error);
  for (; !error && entry != fs::end(entry); entry.increment(error)) {
    std::error_code unknown;
    if (!entry->is_regular_file(unknown)) continue;
    listing += fmt::format(
        "{}\n{} {}\n", entry->path().string(), entry->file_size(unknown),
        entry->last_write_time(unknown).time_since_epoch().count());
  }
  return listing;
}

}  // namespace

registry::PublishedWorker ToPublish(const Project& project,
                                    const registry::WorkerId& id,
                                    bool is_first) {
  registry::Version version;
  version.id.value = base::RandomUuid();
  version.bundle_digest = base::RandomHex(32);  // kept nowhere, so any name
  version.compatibility_date = project.compatibility_date;
  version.compatibility_flags = project.compatibility_flags;
  version.bindings = project.vars;
  version.bindings.insert(version.bindings.end(), project.services.begin(),
                          project.services.end());
  version.bindings.insert(version.bindings.end(), project.namespaces.begin(),
                          project.namespaces.end());
  version.bindings.insert(version.bindings.end(), project.rate_limits.begin(),
                          project.rate_limits.end());
  if (!project.asset_binding.empty()) {
    version.bindings.push_back({.name = project.asset_binding,
                                .type = registry::BindingType::kAssets,
                                .text = {}});
  }
  if (!project.version_metadata.empty()) {
    version.bindings.push_back(
        {.name = project.version_metadata,
         .type = registry::BindingType::kVersionMetadata,
         .text = base::FormatTime(base::SystemClock().Wall())});
  }
  version.limits = project.limits;
  if (!is_first) NameOwnNamespaces(project.name, version.bindings);
  registry::PublishedWorker worker;
  worker.id = id;
  worker.account.value = std::string(32, '0');
  worker.name = project.name;
  worker.hosts = {is_first ? "*" : project.name + ".localhost"};
  worker.traffic = {{version.id, 10'000}};
  worker.versions = {std::move(version)};
  return worker;
}

Status StandInForCode(Project& project, const std::string& folder) {
  if (!project.main.empty()) return {};
  project.main = folder + "/index.js";
  return daemon::ReplaceFile(
      project.main,
      "export default {\n"
      "  fetch: () => new Response(null, { status: 404 }),\n"
      "};\n");
}

std::string ContentOf(daemon::ServeEdit edit, std::string_view bundle) {
  registry::Version& version = edit.worker.versions.front();
  version.id.value.clear();
  version.bundle_digest.clear();
  edit.worker.traffic.clear();
  for (registry::Binding& binding : version.bindings) {
    if (binding.type == registry::BindingType::kVersionMetadata) {
      binding.text.clear();
    }
  }
  std::string content = base::Encode(edit);
  content += bundle;
  if (!edit.assets.empty()) content += ListingOf(edit.assets);
  return content;
}

}  // namespace caravel::cli

#include "control/content_endpoints.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"
#include "control/upload_modules.h"
#include "registry/bundle.h"

namespace caravel::api {
namespace {

using registry::Bundle;
using registry::ModuleType;

Result<registry::VersionRecord> FindVersion(Caller& caller,
                                            const std::string& worker,
                                            const ContentQuery& query) {
  registry::Registry& registry = caller.services.registry;
  if (query.version) {
    return registry.GetVersion(caller.account, worker, {*query.version});
  }
  CARAVEL_TRY(std::vector<registry::VersionRecord> newest,
              registry.ListVersions(caller.account, worker, 1));
  if (!newest.empty()) return std::move(newest.front());
  return Error(ErrorCode::kNotFound,
               fmt::format("Worker \"{}\" has no version", worker));
}

// A name as it stands between quotes in a header (HTML, "multipart/form-data
// encoding algorithm").
std::string Escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    switch (c) {
      case '"':
        text += "%22";
        break;
      case '\r':
        text += "%0D";
        break;
      case '\n':
        text += "%0A";
        break;
      default:
        text += c;
    }
  }
  return text;
}

Raw AsParts(const Bundle& bundle) {
  const std::string boundary = "caravel-" + base::RandomHex(16);
  std::string body;
  for (const Bundle::ModuleView& module : bundle.modules()) {
    const std::string name = Escaped(module.name);
    body += fmt::format(
        "--{}\r\nContent-Disposition: form-data; name=\"{}\"; "
        "filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
        boundary, name, name, ContentTypeOf(module.type));
    body += module.content;
    body += "\r\n";
  }
  body += fmt::format("--{}--\r\n", boundary);
  return {.content_type = "multipart/form-data; boundary=" + boundary,
          .body = std::move(body),
          .headers = {{"cf-entrypoint", std::string(bundle.main_module())}}};
}

}  // namespace

Result<Raw> GetContent(Caller& caller, const ScriptPath& path,
                       Query<ContentQuery> query) {
  CARAVEL_TRY(const registry::VersionRecord record,
              FindVersion(caller, path.script_name, query.value));
  if (record.version.bundle_digest.empty()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("version {} of Worker \"{}\" has no code, only "
                             "assets",
                             record.version.id.value, path.script_name));
  }
  CARAVEL_TRY(const base::Fd file,
              caller.services.blobs.Open(record.version.bundle_digest));
  CARAVEL_TRY(const Bundle bundle, Bundle::Map(file));
  const bool is_alone =
      std::ranges::count_if(bundle.modules(), [](const auto& module) {
        return module.type != ModuleType::kSourceMap;
      }) == 1;
  if (!bundle.is_script() || !is_alone) return AsParts(bundle);
  return Raw{.content_type = std::string(ContentTypeOf(ModuleType::kScript)),
             .body = std::string(bundle.Find(bundle.main_module())->content)};
}

}  // namespace caravel::api

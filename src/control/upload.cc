#include "control/upload.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <span>

#include "control/service_targets.h"
#include "control/upload_modules.h"
#include "registry/binding_size.h"
#include "registry/bundle.h"
#include "registry/compatibility.h"
#include "registry/host_names.h"
#include "registry/module_binding.h"

namespace caravel::api {
namespace {

constexpr int kInheritInvalid = 10057;
constexpr int kNoSuchNamespace = 10041;

// Whether a value asks for something: null, false, [] and {} do not.
bool Asks(const boost::json::value& value) {
  if (const auto* list = value.if_array()) return !list->empty();
  if (const auto* object = value.if_object()) {
    // {"enabled": false} switches off what is off already.
    const boost::json::value* enabled = object->if_contains("enabled");
    return !object->empty() &&
           (enabled == nullptr || *enabled != boost::json::value(false));
  }
  return !value.is_null() && value != boost::json::value(false);
}

Status RefuseNotBuilt(const UploadMetadata& metadata) {
  struct Wish {
    const std::optional<boost::json::value>& value;
    std::string_view key;
    std::string_view product;
  };
  for (const Wish& wish : {
           Wish{metadata.cache_options, "cache_options", "Worker caching"},
           Wish{metadata.capnp_schema, "capnp_schema", "Cap'n Proto logging"},
           Wish{metadata.containers, "containers", "Containers"},
           Wish{metadata.exports, "exports", "Durable Objects"},
           Wish{metadata.migrations, "migrations", "Durable Objects"},
           Wish{metadata.streaming_tail_consumers, "streaming_tail_consumers",
                "Tail Workers"},
           Wish{metadata.tail_consumers, "tail_consumers", "Tail Workers"},
       }) {
    if (!wish.value || !Asks(*wish.value)) continue;
    return Error(ErrorCode::kInvalid,
                 fmt::format("metadata.{}: {}: not built in Caravel yet",
                             wish.key, wish.product))
        .Remedy(fmt::format("remove \"{}\" from the wrangler configuration",
                            wish.key));
  }
  if (metadata.logpush.value_or(false)) {
    return Error(ErrorCode::kInvalid,
                 "metadata.logpush: Logpush: not built in Caravel yet")
        .Remedy("remove \"logpush\" from the wrangler configuration");
  }
  return {};
}

// The module with the handlers: an ES module, or the script of a service
// worker.
Result<std::string> MainModule(const UploadMetadata& metadata,
                               const std::vector<registry::Module>& modules) {
  const bool is_script = metadata.body_part.has_value();
  if (!is_script && !metadata.main_module) {
    return Error(ErrorCode::kInvalid, "metadata.main_module: is required")
        .Remedy("name the module that exports the handlers");
  }
  const std::string_view key = is_script ? "body_part" : "main_module";
  const std::string& name =
      is_script ? *metadata.body_part : *metadata.main_module;
  const auto found = std::ranges::find(modules, name, &registry::Module::name);
  if (found == modules.end()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("metadata.{}: no part is named \"{}\"", key, name))
        .Remedy("upload the module in a part of that name");
  }
  if (is_script && found->type != registry::ModuleType::kScript) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("metadata.body_part: \"{}\" is no script", name))
        .Remedy(
            "upload it as application/javascript, or name an ES module "
            "as main_module");
  }
  return name;
}

// Bindings that are modules name those of their type.
Status CheckModuleBindings(const registry::NewVersion& version,
                           const std::vector<registry::Module>& modules) {
  for (const registry::Binding& binding : version.bindings) {
    const std::optional<registry::ModuleType> type =
        registry::ModuleTypeOf(binding.type);
    if (!type) continue;
    const auto found =
        std::ranges::find(modules, binding.text, &registry::Module::name);
    if (found != modules.end() && found->type == *type) continue;
    return Error(ErrorCode::kInvalid,
                 fmt::format("binding \"{}\": no part \"{}\" of its type is in "
                             "the upload",
                             binding.name, binding.text))
        .Remedy("upload the file in a part of that name");
  }
  return {};
}

// The bindings to inherit are names of the newest version's bindings.
Answer<registry::NewVersion> CheckInherited(Caller& caller,
                                            std::string_view worker,
                                            registry::NewVersion version) {
  if (version.inherited.empty()) return version;
  std::vector<registry::Binding> bindings;
  auto newest =
      caller.services.registry.ListVersions(caller.account, worker, 1);
  if (newest && !newest->empty()) {
    bindings = std::move(newest->front().version.bindings);
  } else if (!newest && newest.error().code() != ErrorCode::kNotFound) {
    return std::move(newest).error();
  }
  for (const std::string& name : version.inherited) {
    if (std::ranges::find(bindings, name, &registry::Binding::name) !=
        bindings.end()) {
      continue;
    }
    return NumberedError{
        kInheritInvalid,
        Error(
            ErrorCode::kInvalid,
            fmt::format("inherit binding '{}' is invalid: the Worker's newest "
                        "version has no binding of that name",
                        name))
            .Remedy("set it first, or remove it from the configuration")};
  }
  return version;
}

// Namespaces that the account has. Those to inherit were looked at when they
// were first bound.
Answer<registry::NewVersion> CheckNamespaces(Caller& caller,
                                             registry::NewVersion version) {
  for (const registry::Binding& binding : version.bindings) {
    if (binding.type != registry::BindingType::kKvNamespace) continue;
    const auto found =
        caller.services.kv_namespaces.Get(caller.account, binding.text);
    if (found) continue;
    if (found.error().code() != ErrorCode::kNotFound) {
      return found.error().Clone();
    }
    return NumberedError{
        kNoSuchNamespace,
        Error(ErrorCode::kInvalid,
              fmt::format("binding \"{}\": KV namespace '{}' not found",
                          binding.name, binding.text))
            .Remedy("`wrangler kv namespace list` shows the ids of yours")};
  }
  return version;
}

// Starts the bundle once, keeps it and its code cache, and writes down what was
// found.
Status CheckAndKeep(Caller& caller, std::string_view worker,
                    std::string_view bundle, registry::NewVersion& version) {
  const Services& services = caller.services;
  const registry::Version unpublished{
      .id = {},
      .bundle_digest = {},
      .assets_digest = {},
      .compatibility_date = version.compatibility_date,
      .compatibility_flags = version.compatibility_flags,
      .bindings = version.bindings,
      .limits = version.limits};
  CARAVEL_TRY(const base::Fd file, base::SealedMemoryFile("bundle", bundle));
  CARAVEL_TRY(const CheckedBundle checked,
              services.checker.Check(file, unpublished, worker));
  CARAVEL_TRY(registry::KeptBlobs::Stored stored,
              services.kept_blobs.Put(std::span(&bundle, 1),
                                      registry::BlobKind::kPlain));
  caller.holds.push_back(std::move(stored.hold));
  version.bundle_digest = std::move(stored.digests.front());
  version.handlers = checked.handlers;
  version.entrypoints = checked.exports;
  version.startup_ms = static_cast<uint32_t>(checked.startup.count());
  if (!checked.code_cache.valid()) return {};
  // A Worker starts without its code cache too, only more slowly.
  auto cache = base::ReadWholeFile(checked.code_cache, kCodeCacheLimit);
  Status kept = cache ? services.blobs.PutBeside(version.bundle_digest,
                                                 kCodeCacheName, *cache)
                      : Status(std::move(cache).error());
  if (!kept) {
    services.log.Warning("code cache not kept",
                         {{"worker", worker}, {"why", kept.error().message()}});
  }
  return {};
}

// The list of the version's assets, kept; empty where it has none.
Result<std::string> AssetsOf(Caller& caller, std::string_view worker,
                             const UploadMetadata& metadata) {
  if (metadata.keep_assets.value_or(false)) {
    return NewestAssets(caller, worker, metadata.assets);
  }
  if (!metadata.assets) return std::string();
  return NewAssets(caller, worker, *metadata.assets,
                   metadata.main_module || metadata.body_part);
}

Status CheckAssetBindings(const registry::NewVersion& version) {
  if (!version.assets_digest.empty()) return {};
  const auto binding =
      std::ranges::find(version.bindings, registry::BindingType::kAssets,
                        &registry::Binding::type);
  if (binding == version.bindings.end()) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("binding \"{}\" of type \"assets\": the version "
                           "has no assets",
                           binding->name))
      .Remedy("set \"assets.directory\" in the wrangler configuration");
}

}  // namespace

Answer<registry::NewVersion> PrepareVersion(
    Caller& caller, std::string_view worker,
    const Multipart<UploadMetadata>& upload) {
  const UploadMetadata& metadata = upload.metadata;
  const auto alias = metadata.annotations.find("workers/alias");
  if (alias != metadata.annotations.end()) {
    CARAVEL_TRY(registry::CheckPreviewAlias(alias->second, worker));
  }
  CARAVEL_TRY(const registry::Compatibility compatibility,
              registry::Compatibility::Parse(
                  metadata.compatibility_date.value_or(""),
                  metadata.compatibility_flags, caller.services.clock.Wall()));
  registry::NewVersion version;
  version.compatibility_date = compatibility.date();
  version.compatibility_flags = metadata.compatibility_flags;
  // Secrets stay unless the upload says what is to be kept.
  version.kept_types = metadata.keep_bindings
                           ? KeptTypes(*metadata.keep_bindings)
                           : std::vector{registry::BindingType::kSecretText};
  if (metadata.limits) {
    version.limits.cpu_ms =
        metadata.limits->cpu_ms.value_or(version.limits.cpu_ms);
    version.limits.subrequests =
        metadata.limits->subrequests.value_or(version.limits.subrequests);
  }
  CARAVEL_TRY(AddBindings(metadata.bindings, version));
  CARAVEL_TRY(registry::CheckBindingBytes(version.bindings));
  // Behind the bindings, which name what needs it.
  CARAVEL_TRY(RefuseNotBuilt(metadata));
  auto inheriting = CheckInherited(caller, worker, std::move(version));
  if (!inheriting) return inheriting;
  auto calling =
      CheckServiceTargets(caller, worker, std::move(inheriting).value());
  if (!calling) return calling;
  auto bound = CheckNamespaces(caller, std::move(calling).value());
  if (!bound) return bound;
  version = std::move(bound).value();

  CARAVEL_TRY(version.assets_digest, AssetsOf(caller, worker, metadata));
  CARAVEL_TRY(CheckAssetBindings(version));
  if (!version.assets_digest.empty() && !metadata.main_module &&
      !metadata.body_part && upload.parts.empty()) {
    return version;  // only assets
  }
  CARAVEL_TRY(const std::vector<registry::Module> modules,
              ModulesOf(upload.parts, metadata.body_part.value_or("")));
  CARAVEL_TRY(const std::string main_module, MainModule(metadata, modules));
  CARAVEL_TRY(CheckModuleBindings(version, modules));
  CARAVEL_TRY(const std::string bundle,
              registry::WriteBundle(main_module, modules));
  CARAVEL_TRY(CheckAndKeep(caller, worker, bundle, version));
  return CheckOwnEntrypoints(worker, std::move(version));
}

registry::WorkerSettingsPatch SettingsOf(const UploadMetadata& metadata) {
  registry::WorkerSettingsPatch patch;
  patch.tags = metadata.tags;
  patch.logpush = metadata.logpush;
  if (metadata.observability) {
    patch.observability = boost::json::serialize(*metadata.observability);
  }
  return patch;
}

}  // namespace caravel::api

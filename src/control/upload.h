#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/asset_config.h"
#include "control/binding_types.h"
#include "control/endpoint_traits.h"
#include "control/services.h"
#include "registry/model.h"

// From an upload to a version that can be stored: settings checked, modules
// bundled, started once, kept in Blobs. Nothing is published here.
namespace caravel::api {

struct LimitsInput {
  std::optional<uint32_t> cpu_ms;
  std::optional<uint32_t> subrequests;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&LimitsInput::cpu_ms, "CPU time of one request")
            .Range(1, 300'000),
        api::Field(&LimitsInput::subrequests, "Subrequests of one request")
            .Range(1, 10'000'000));
  }
};
BOOST_DESCRIBE_STRUCT(LimitsInput, (), (cpu_ms, subrequests))

// The part "metadata". Keys that are not listed have no effect here and are
// ignored: wrangler sends more than is of use to anyone.
struct UploadMetadata {
  std::optional<std::string> main_module;
  std::optional<std::string> body_part;  // of a service worker
  std::optional<std::string> compatibility_date;
  std::vector<std::string> compatibility_flags;
  std::vector<BindingInput> bindings;
  std::optional<std::vector<std::string>> keep_bindings;
  std::optional<LimitsInput> limits;
  std::optional<AssetsInput> assets;
  std::optional<bool> keep_assets;  // those of the newest version
  std::map<std::string, std::string> annotations;

  // Settings of the Worker, beside its version.
  std::optional<std::vector<std::string>> tags;
  std::optional<bool> logpush;
  std::optional<boost::json::value> observability;

  // Not built yet: refused when they ask for something.
  std::optional<boost::json::value> cache_options;
  std::optional<boost::json::value> capnp_schema;
  std::optional<boost::json::value> containers;
  std::optional<boost::json::value> exports;
  std::optional<boost::json::value> migrations;
  std::optional<boost::json::value> streaming_tail_consumers;
  std::optional<boost::json::value> tail_consumers;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&UploadMetadata::main_module,
                   "Name of the module that exports the handlers")
            .Length(1, 1024),
        api::Field(&UploadMetadata::body_part,
                   "Name of the script that listens to events")
            .Length(1, 1024),
        api::Field(&UploadMetadata::compatibility_date, "YYYY-MM-DD"),
        api::Field(&UploadMetadata::compatibility_flags,
                   "Changes switched on or off by name")
            .Length(0, 200),
        api::Field(&UploadMetadata::bindings, "What env holds").Length(0, 1000),
        api::Field(&UploadMetadata::keep_bindings,
                   "Types of bindings to keep from the version before; "
                   "secrets where it is absent"),
        api::Field(&UploadMetadata::annotations,
                   "workers/message, workers/tag, …")
            .Length(0, 32));
  }
};
BOOST_DESCRIBE_STRUCT(UploadMetadata, (),
                      (main_module, body_part, compatibility_date,
                       compatibility_flags, bindings, keep_bindings, limits,
                       annotations, tags, logpush, observability, assets,
                       keep_assets, cache_options, capnp_schema, containers,
                       exports, migrations, streaming_tail_consumers,
                       tail_consumers))

// kInvalid, and NumberedError 10057 for a binding to inherit that is not there
// and 10041 for a KV namespace: naming what is wrong and what to do. kLimit:
// too large.
Answer<registry::NewVersion> PrepareVersion(
    Caller& caller, std::string_view worker,
    const Multipart<UploadMetadata>& upload);

// What an upload says about its Worker's settings.
registry::WorkerSettingsPatch SettingsOf(const UploadMetadata& metadata);

}  // namespace caravel::api

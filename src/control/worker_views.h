#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/rules.h"
#include "registry/model.h"

// Workers, versions and deployments as the API shows them.
namespace caravel::api {

struct VersionMetadataSeen {
  std::string created_on;
  std::string modified_on;
  std::string author_email;
  std::string source;
  bool has_preview = false;
};
BOOST_DESCRIBE_STRUCT(VersionMetadataSeen, (),
                      (created_on, modified_on, author_email, source,
                       has_preview))

struct ScriptSeen {
  std::string etag;
  std::vector<std::string> handlers;
  std::vector<std::string> named_handlers;
};
BOOST_DESCRIBE_STRUCT(ScriptSeen, (), (etag, handlers, named_handlers))

struct LimitsSeen {
  uint32_t cpu_ms = 0;
  uint32_t subrequests = 0;
};
BOOST_DESCRIBE_STRUCT(LimitsSeen, (), (cpu_ms, subrequests))

struct ScriptRuntimeSeen {
  std::string compatibility_date;
  std::vector<std::string> compatibility_flags;
  LimitsSeen limits;
  std::string usage_model;
};
BOOST_DESCRIBE_STRUCT(ScriptRuntimeSeen, (),
                      (compatibility_date, compatibility_flags, limits,
                       usage_model))

struct VersionResourcesSeen {
  ScriptSeen script;
  ScriptRuntimeSeen script_runtime;
  std::vector<boost::json::value> bindings;
};
BOOST_DESCRIBE_STRUCT(VersionResourcesSeen, (),
                      (script, script_runtime, bindings))

struct VersionSeen {
  std::string id;
  uint32_t number = 0;
  VersionMetadataSeen metadata;
  std::map<std::string, std::string> annotations;
  VersionResourcesSeen resources;
  uint32_t startup_time_ms = 0;
};
BOOST_DESCRIBE_STRUCT(VersionSeen, (),
                      (id, number, metadata, annotations, resources,
                       startup_time_ms))

struct TrafficShareSeen {
  std::string version_id;
  double percentage = 0;
};
BOOST_DESCRIBE_STRUCT(TrafficShareSeen, (), (version_id, percentage))

struct DeploymentSeen {
  std::string id;
  std::string source;
  std::string strategy;
  std::string author_email;
  std::string created_on;
  std::map<std::string, std::string> annotations;
  std::vector<TrafficShareSeen> versions;
};
BOOST_DESCRIBE_STRUCT(DeploymentSeen, (),
                      (id, source, strategy, author_email, created_on,
                       annotations, versions))

// What an upload answers.
struct UploadedSeen {
  std::string id;   // the Worker's name
  std::string tag;  // the Worker's id
  std::string etag;
  std::string deployment_id;  // the version's id: wrangler shows it as such
  uint32_t startup_time_ms = 0;
  std::vector<std::string> handlers;
  std::string created_on;
  std::string modified_on;
};
BOOST_DESCRIBE_STRUCT(UploadedSeen, (),
                      (id, tag, etag, deployment_id, startup_time_ms, handlers,
                       created_on, modified_on))

VersionSeen Seen(const registry::VersionRecord& record);
DeploymentSeen Seen(const registry::Deployment& deployment);

}  // namespace caravel::api

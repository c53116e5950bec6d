#pragma once

#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paging.h"
#include "control/paths.h"
#include "control/script_endpoints.h"
#include "control/services.h"

// What wrangler looks at before and after a deployment or a deletion. Of what
// Caravel does not have yet (namespaces, consumers, schedules …) there are
// none, and these lists say so.
namespace caravel::api {

struct EnvironmentScript {
  std::string id;   // the Worker's name
  std::string tag;  // the Worker's id
  std::vector<std::string> tags;
  // "dash" would have wrangler compare remote settings first.
  std::string last_deployed_from;
  std::string created_on;
  std::string modified_on;
};
BOOST_DESCRIBE_STRUCT(EnvironmentScript, (),
                      (id, tag, tags, last_deployed_from, created_on,
                       modified_on))

struct EnvironmentSeen {
  std::string environment;
  EnvironmentScript script;
};
BOOST_DESCRIBE_STRUCT(EnvironmentSeen, (), (environment, script))

struct ServiceSeen {
  std::string id;
  EnvironmentSeen default_environment;
};
BOOST_DESCRIBE_STRUCT(ServiceSeen, (), (id, default_environment))

struct AccountSubdomain {
  std::string subdomain;
};
BOOST_DESCRIBE_STRUCT(AccountSubdomain, (), (subdomain))

struct WorkerSubdomainSeen {
  bool enabled = false;
  bool previews_enabled = false;
  std::string url;  // where it answers; wrangler shows its host
};
BOOST_DESCRIBE_STRUCT(WorkerSubdomainSeen, (), (enabled, previews_enabled, url))

struct WorkerSeen {
  std::string id;
  std::string name;
  WorkerSubdomainSeen subdomain;
  std::vector<std::string> tags;
  std::string created_on;
  std::string updated_on;
};
BOOST_DESCRIBE_STRUCT(WorkerSeen, (),
                      (id, name, subdomain, tags, created_on, updated_on))

struct WorkerPath {
  std::string account_id;
  std::string worker;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&WorkerPath::account_id, "Id of the account"),
        api::Field(&WorkerPath::worker, "Name or id of the Worker")
            .Length(1, 63));
  }
};
BOOST_DESCRIBE_STRUCT(WorkerPath, (), (account_id, worker))

// A list of things that Caravel has none of.
struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

struct ServiceReferences {
  std::vector<Nothing> incoming;
  bool pages_function = false;
};
BOOST_DESCRIBE_STRUCT(ServiceReferences, (), (incoming, pages_function))

struct References {
  ServiceReferences services;
  std::vector<Nothing> durable_objects;
  std::vector<Nothing> dispatch_outbounds;
};
BOOST_DESCRIBE_STRUCT(References, (),
                      (services, durable_objects, dispatch_outbounds))

struct ScheduleInput {
  std::string cron;
};
BOOST_DESCRIBE_STRUCT(ScheduleInput, (), (cron))

struct Schedules {
  std::vector<ScheduleInput> schedules;
};
BOOST_DESCRIBE_STRUCT(Schedules, (), (schedules))

Result<ServiceSeen> GetService(Caller& caller, const ServicePath& path);
Result<AccountSubdomain> GetAccountSubdomain(Caller& caller,
                                             const AccountPath& path);
Result<WorkerSeen> GetWorker(Caller& caller, const WorkerPath& path);
Result<References> GetReferences(Caller& caller, const ScriptPath& path);
Result<Schedules> GetSchedules(Caller& caller, const ScriptPath& path);
Result<Schedules> PutSchedules(Caller& caller, const ScriptPath& path,
                               std::vector<ScheduleInput> input);
Result<std::vector<Nothing>> ListTailProducers(Caller& caller,
                                               const ScriptPath& path);
Result<Page<Nothing>> ListObjectNamespaces(Caller& caller,
                                           const AccountPath& path,
                                           Query<PageQuery> query);
Result<Page<Nothing>> ListKvNamespaces(Caller& caller, const AccountPath& path,
                                       Query<PageQuery> query);

inline constexpr Endpoint kGetService{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/services/{service}",
    .scope = Scope::kWorkersRead,
    .summary = "See a Worker and from where it was deployed last",
    .handler = &GetService,
};

inline constexpr Endpoint kGetAccountSubdomain{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/subdomain",
    .scope = Scope::kWorkersRead,
    .summary = "The label under which the account's Workers answer",
    .handler = &GetAccountSubdomain,
};

inline constexpr Endpoint kGetWorker{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/workers/{worker}",
    .scope = Scope::kWorkersRead,
    .summary = "See a Worker and its URL",
    .handler = &GetWorker,
};

inline constexpr Endpoint kGetReferences{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/references",
    .scope = Scope::kWorkersRead,
    .summary = "What refers to a Worker",
    .handler = &GetReferences,
};

inline constexpr Endpoint kGetSchedules{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/schedules",
    .scope = Scope::kWorkersRead,
    .summary = "List the cron triggers of a Worker",
    .handler = &GetSchedules,
};

inline constexpr Endpoint kPutSchedules{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/schedules",
    .scope = Scope::kWorkersWrite,
    .summary = "Clear the cron triggers of a Worker; setting any is refused",
    .example = "[]",
    .handler = &PutSchedules,
};

inline constexpr Endpoint kListTailProducers{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/tails/by-consumer/{script_name}",
    .scope = Scope::kWorkersRead,
    .summary = "List the Workers whose tail a Worker consumes",
    .handler = &ListTailProducers,
};

inline constexpr Endpoint kListObjectNamespaces{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/durable_objects/namespaces",
    .scope = Scope::kWorkersRead,
    .summary = "List the namespaces of Durable Objects",
    .handler = &ListObjectNamespaces,
};

inline constexpr Endpoint kListKvNamespaces{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/storage/kv/namespaces",
    .scope = Scope::kStorageRead,
    .summary = "List the KV namespaces",
    .handler = &ListKvNamespaces,
};

}  // namespace caravel::api

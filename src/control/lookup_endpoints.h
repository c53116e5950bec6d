#pragma once

#include <string>
#include <vector>

#include "control/endpoint_traits.h"
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
  // Stands behind "https://" and a version's first digits or an alias.
  std::string preview_url_suffix;
};
BOOST_DESCRIBE_STRUCT(WorkerSubdomainSeen, (),
                      (enabled, previews_enabled, url, preview_url_suffix))

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

// The Worker of that name or, if there is none, of that id. kNotFound.
Result<registry::Worker> FindWorker(Caller& caller, const std::string& key);

Result<ServiceSeen> GetService(Caller& caller, const ServicePath& path);
Result<AccountSubdomain> GetAccountSubdomain(Caller& caller,
                                             const AccountPath& path);
Result<WorkerSeen> GetWorker(Caller& caller, const WorkerPath& path);
inline constexpr Endpoint kGetService{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/services/{service}",
    .scope = Scope::kWorkersRead,
    .summary = "See a Worker and from where it was deployed last",
    // wrangler 4.49 knows by this number alone that a deployment is the first.
    .errors = {.not_found = 10090},
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

}  // namespace caravel::api

#pragma once

#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paging.h"
#include "control/paths.h"
#include "control/services.h"

// What hangs on a Worker or on an account that Caravel does not have yet:
// consumers, namespaces. There are none, and these lists say so:
// wrangler asks for them before it deploys or deletes.
namespace caravel::api {

// A list of things that Caravel has none of.
struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

// A Worker whose newest version has a service binding to the one asked for.
struct IncomingService {
  std::string service;
  std::string environment = "production";
};
BOOST_DESCRIBE_STRUCT(IncomingService, (), (service, environment))

struct ServiceReferences {
  std::vector<IncomingService> incoming;
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

Result<References> GetReferences(Caller& caller, const ScriptPath& path);
Result<std::vector<Nothing>> ListTailProducers(Caller& caller,
                                               const ScriptPath& path);
Result<Page<Nothing>> ListObjectNamespaces(Caller& caller,
                                           const AccountPath& path,
                                           Query<PageQuery> query);

inline constexpr Endpoint kGetReferences{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/references",
    .scope = Scope::kWorkersRead,
    .summary = "What refers to a Worker",
    .handler = &GetReferences,
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

}  // namespace caravel::api

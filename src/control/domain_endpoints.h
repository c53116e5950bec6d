#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"

// Custom domains: host names of a zone whose requests all go to one Worker. A
// Worker's all at once, as wrangler sets them, and an account's one by one.
namespace caravel::api {

struct DomainPath {
  std::string account_id;
  std::string domain_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&DomainPath::account_id, "Id of the account"),
        api::Field(&DomainPath::domain_id, "Id of the custom domain")
            .Length(1, 64));
  }
};
BOOST_DESCRIBE_STRUCT(DomainPath, (), (account_id, domain_id))

struct DomainsQuery {
  std::optional<std::string> service;
  std::optional<std::string> hostname;
  std::optional<std::string> zone_id;
  std::optional<std::string> zone_name;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&DomainsQuery::service, "Only those of that Worker"),
        api::Field(&DomainsQuery::hostname, "Only that one"),
        api::Field(&DomainsQuery::zone_id, "Only those of that zone"),
        api::Field(&DomainsQuery::zone_name, "Only those of that zone"));
  }
};
BOOST_DESCRIBE_STRUCT(DomainsQuery, (), (service, hostname, zone_id, zone_name))

struct ChangesetQuery {
  std::optional<bool> replace_state;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ChangesetQuery::replace_state,
                   "Whether the Worker's other custom domains shall go"));
  }
};
BOOST_DESCRIBE_STRUCT(ChangesetQuery, (), (replace_state))

struct DomainOrigin {
  std::string hostname;
  std::optional<std::string> zone_id;
  std::optional<std::string> zone_name;
  std::optional<bool> enabled;
  std::optional<bool> previews_enabled;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&DomainOrigin::hostname, "The host name").Length(1, 255),
        api::Field(&DomainOrigin::zone_id, "Id of its zone"),
        api::Field(&DomainOrigin::zone_name, "Name of its zone"),
        api::Field(&DomainOrigin::enabled, "true"),
        api::Field(&DomainOrigin::previews_enabled,
                   "Previews under custom domains are not built yet: false"));
  }
};
BOOST_DESCRIBE_STRUCT(DomainOrigin, (),
                      (hostname, zone_id, zone_name, enabled, previews_enabled))

struct DomainsInput {
  std::vector<DomainOrigin> origins;
  std::optional<bool> override_scope;
  std::optional<bool> override_existing_origin;
  std::optional<bool> override_existing_dns_record;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&DomainsInput::origins, "All custom domains of the Worker")
            .Length(0, 1000),
        api::Field(&DomainsInput::override_scope, "Has no meaning here"),
        api::Field(&DomainsInput::override_existing_origin,
                   "Whether to take host names from other Workers"),
        api::Field(&DomainsInput::override_existing_dns_record,
                   "Has no meaning here"));
  }
};
BOOST_DESCRIBE_STRUCT(DomainsInput, (),
                      (origins, override_scope, override_existing_origin,
                       override_existing_dns_record))

struct DomainInput {
  std::string hostname;
  std::string service;
  std::optional<std::string> zone_id;
  std::optional<std::string> zone_name;
  std::optional<std::string> environment;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&DomainInput::hostname, "The host name").Length(1, 255),
        api::Field(&DomainInput::service, "Name of the Worker")
            .Check(registry::CheckWorkerName),
        api::Field(&DomainInput::zone_id, "Id of its zone"),
        api::Field(&DomainInput::zone_name, "Name of its zone"),
        api::Field(&DomainInput::environment, "production"));
  }
};
BOOST_DESCRIBE_STRUCT(DomainInput, (),
                      (hostname, service, zone_id, zone_name, environment))

struct DomainSeen {
  std::string id;
  std::string hostname;
  std::string zone_id;
  std::string zone_name;
  std::string service;
  std::string environment;
  bool enabled = true;
  bool previews_enabled = false;
};
BOOST_DESCRIBE_STRUCT(DomainSeen, (),
                      (id, hostname, zone_id, zone_name, service, environment,
                       enabled, previews_enabled))

struct DomainUpdate {
  std::string id;
  std::string hostname;
  bool modified = false;  // it belongs to another Worker now
  bool previews_enabled = false;
};
BOOST_DESCRIBE_STRUCT(DomainUpdate, (),
                      (id, hostname, modified, previews_enabled))

struct DomainAdded {
  std::string hostname;
  bool previews_enabled = false;
};
BOOST_DESCRIBE_STRUCT(DomainAdded, (), (hostname, previews_enabled))

// What PUT …/domains/records would do.
struct DomainChangeset {
  std::vector<DomainAdded> added;
  std::vector<DomainSeen> removed;
  std::vector<DomainUpdate> updated;
  std::vector<DomainAdded> conflicting;  // records of DNS: there are none here
};
BOOST_DESCRIBE_STRUCT(DomainChangeset, (),
                      (added, removed, updated, conflicting))

Result<DomainChangeset> PostDomainChangeset(Caller& caller,
                                            const ScriptPath& path,
                                            Query<ChangesetQuery> query,
                                            std::vector<DomainOrigin> input);
Result<std::vector<DomainSeen>> PutDomainRecords(Caller& caller,
                                                 const ScriptPath& path,
                                                 DomainsInput input);
Result<std::vector<DomainSeen>> ListDomains(Caller& caller,
                                            const AccountPath& path,
                                            Query<DomainsQuery> query);
Result<DomainSeen> PutDomain(Caller& caller, const AccountPath& path,
                             DomainInput input);
Result<DomainSeen> GetDomain(Caller& caller, const DomainPath& path);
Result<void> DeleteDomain(Caller& caller, const DomainPath& path);

// 100117: the host name belongs to another Worker.
inline constexpr ErrorNumbers kDomainErrors{
    .invalid = 10022, .not_found = 10007, .conflict = 100117};

inline constexpr Endpoint kPostDomainChangeset{
    .method = Method::kPost,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/domains/"
        "changeset",
    .scope = Scope::kRoutesWrite,
    .summary = "What setting these custom domains of a Worker would change",
    .example = R"([{"hostname":"shop.example.com","zone_name":"example.com"}])",
    .unknown_keys = UnknownKeys::kIgnore,
    .errors = kDomainErrors,
    .handler = &PostDomainChangeset,
};

inline constexpr Endpoint kPutDomainRecords{
    .method = Method::kPut,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/domains/"
        "records",
    .scope = Scope::kRoutesWrite,
    .summary = "Make these all the custom domains of a Worker",
    .example = R"({"override_scope":true,"override_existing_origin":true,)"
               R"("origins":[{"hostname":"shop.example.com"}]})",
    .unknown_keys = UnknownKeys::kIgnore,
    .errors = kDomainErrors,
    .handler = &PutDomainRecords,
};

inline constexpr Endpoint kListDomains{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/domains",
    .scope = Scope::kRoutesRead,
    .summary = "List the custom domains of an account",
    .errors = kDomainErrors,
    .handler = &ListDomains,
};

// The older name of the same.
inline constexpr Endpoint kListDomainRecords{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/domains/records",
    .scope = Scope::kRoutesRead,
    .summary = "List the custom domains of an account",
    .errors = kDomainErrors,
    .handler = &ListDomains,
};

inline constexpr Endpoint kPutDomain{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/workers/domains",
    .scope = Scope::kRoutesWrite,
    .summary = "Give a host name to a Worker, also one of another Worker",
    .example = R"({"hostname":"shop.example.com","service":"shop",)"
               R"("environment":"production","zone_id":"0123"})",
    .errors = kDomainErrors,
    .handler = &PutDomain,
};

inline constexpr Endpoint kGetDomain{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/domains/{domain_id}",
    .scope = Scope::kRoutesRead,
    .summary = "See a custom domain",
    .errors = kDomainErrors,
    .handler = &GetDomain,
};

inline constexpr Endpoint kGetDomainRecord{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/domains/records/{domain_id}",
    .scope = Scope::kRoutesRead,
    .summary = "See a custom domain",
    .errors = kDomainErrors,
    .handler = &GetDomain,
};

inline constexpr Endpoint kDeleteDomain{
    .method = Method::kDelete,
    .path = "/accounts/{account_id}/workers/domains/{domain_id}",
    .scope = Scope::kRoutesWrite,
    .summary = "Take a host name away from its Worker",
    .errors = kDomainErrors,
    .handler = &DeleteDomain,
};

}  // namespace caravel::api

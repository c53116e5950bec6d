#pragma once

#include <optional>
#include <string>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"

// The KV namespaces of an account.
namespace caravel::api {

struct KvNamespacePath {
  std::string account_id;
  std::string namespace_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&KvNamespacePath::account_id, "Id of the account"),
        api::Field(&KvNamespacePath::namespace_id, "Id of the namespace"));
  }
};
BOOST_DESCRIBE_STRUCT(KvNamespacePath, (), (account_id, namespace_id))

// wrangler asks page after page until one is empty.
struct KvNamespaceQuery {
  std::optional<uint32_t> page;
  std::optional<uint32_t> per_page;
  std::optional<std::string> order;
  std::optional<std::string> direction;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&KvNamespaceQuery::page, "Which page, 1 is the first")
            .Range(1, 1'000'000),
        api::Field(&KvNamespaceQuery::per_page, "Namespaces a page")
            .Range(1, 1000),
        api::Field(&KvNamespaceQuery::order, "By what: id or title"),
        api::Field(&KvNamespaceQuery::direction, "asc or desc"));
  }
};
BOOST_DESCRIBE_STRUCT(KvNamespaceQuery, (), (page, per_page, order, direction))

struct KvNamespaceInput {
  std::string title;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&KvNamespaceInput::title, "Name, unique in the account")
            .Length(1, 512));
  }
};
BOOST_DESCRIBE_STRUCT(KvNamespaceInput, (), (title))

struct KvNamespaceSeen {
  std::string id;
  std::string title;
  bool supports_url_encoding = true;
};
BOOST_DESCRIBE_STRUCT(KvNamespaceSeen, (), (id, title, supports_url_encoding))

Result<Page<KvNamespaceSeen>> ListKvNamespaces(Caller& caller,
                                               const AccountPath& path,
                                               Query<KvNamespaceQuery> query);
Result<KvNamespaceSeen> CreateKvNamespace(Caller& caller,
                                          const AccountPath& path,
                                          KvNamespaceInput input);
Result<KvNamespaceSeen> GetKvNamespace(Caller& caller,
                                       const KvNamespacePath& path);
Result<KvNamespaceSeen> RenameKvNamespace(Caller& caller,
                                          const KvNamespacePath& path,
                                          KvNamespaceInput input);
Answer<boost::json::value> DeleteKvNamespace(Caller& caller,
                                             const KvNamespacePath& path);

// Numbers of the Cloudflare API: namespace not found, already exists, malformed
// value, payload too large.
inline constexpr ErrorNumbers kKvErrors{
    .invalid = 10012, .not_found = 10013, .conflict = 10014, .limit = 10024};

inline constexpr Endpoint kListKvNamespaces{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/storage/kv/namespaces",
    .scope = Scope::kStorageRead,
    .summary = "List the KV namespaces",
    .errors = kKvErrors,
    .handler = &ListKvNamespaces,
};

inline constexpr Endpoint kCreateKvNamespace{
    .method = Method::kPost,
    .path = "/accounts/{account_id}/storage/kv/namespaces",
    .scope = Scope::kStorageWrite,
    .summary = "Make a KV namespace",
    .example = R"({"title":"cache"})",
    .unknown_keys = UnknownKeys::kIgnore,
    .errors = kKvErrors,
    .handler = &CreateKvNamespace,
};

inline constexpr Endpoint kGetKvNamespace{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}",
    .scope = Scope::kStorageRead,
    .summary = "See a KV namespace",
    .errors = kKvErrors,
    .handler = &GetKvNamespace,
};

inline constexpr Endpoint kRenameKvNamespace{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}",
    .scope = Scope::kStorageWrite,
    .summary = "Rename a KV namespace",
    .example = R"({"title":"cache"})",
    .unknown_keys = UnknownKeys::kIgnore,
    .errors = kKvErrors,
    .handler = &RenameKvNamespace,
};

inline constexpr Endpoint kDeleteKvNamespace{
    .method = Method::kDelete,
    .path = "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}",
    .scope = Scope::kStorageWrite,
    .summary =
        "Delete a KV namespace that no deployed Worker is bound to, "
        "with its entries",
    .errors = kKvErrors,
    .handler = &DeleteKvNamespace,
};

}  // namespace caravel::api

#include "control/kv_namespace_endpoints.h"

#include <algorithm>

#include "control/paging.h"

namespace caravel::api {
namespace {

// "namespace has associated scripts"
constexpr int kNamespaceBound = 10052;

KvNamespaceSeen SeenNamespace(registry::KvNamespace space) {
  return {.id = std::move(space.id.value), .title = std::move(space.title)};
}

Result<KvNamespaceSeen> SeenNamespace(Result<registry::KvNamespace> space) {
  if (!space) return std::move(space).error();
  return SeenNamespace(*std::move(space));
}

Error NotAnOrder(std::string_view field, std::string_view given,
                 std::string_view known) {
  return Error(ErrorCode::kInvalid,
               fmt::format("the query: {} \"{}\" is not one of {}", field,
                           given, known));
}

}  // namespace

Result<Page<KvNamespaceSeen>> ListKvNamespaces(Caller& caller,
                                               const AccountPath&,
                                               Query<KvNamespaceQuery> query) {
  const std::string order = query->order.value_or("title");
  const std::string direction = query->direction.value_or("asc");
  if (order != "id" && order != "title") {
    return NotAnOrder("order", order, "id, title");
  }
  if (direction != "asc" && direction != "desc") {
    return NotAnOrder("direction", direction, "asc, desc");
  }
  CARAVEL_TRY(auto namespaces,
              caller.services.kv_namespaces.List(caller.account));
  if (order == "id") {
    std::ranges::sort(namespaces, {}, &registry::KvNamespace::id);
  }
  if (direction == "desc") std::ranges::reverse(namespaces);
  std::vector<KvNamespaceSeen> seen;
  for (registry::KvNamespace& space : namespaces) {
    seen.push_back(SeenNamespace(std::move(space)));
  }
  return PageOf(std::move(seen),
                PageQuery{.page = query->page, .per_page = query->per_page});
}

Result<KvNamespaceSeen> CreateKvNamespace(Caller& caller, const AccountPath&,
                                          KvNamespaceInput input) {
  return SeenNamespace(
      caller.services.kv_namespaces.Create(caller.account, input.title));
}

Result<KvNamespaceSeen> GetKvNamespace(Caller& caller,
                                       const KvNamespacePath& path) {
  return SeenNamespace(
      caller.services.kv_namespaces.Get(caller.account, path.namespace_id));
}

Result<KvNamespaceSeen> RenameKvNamespace(Caller& caller,
                                          const KvNamespacePath& path,
                                          KvNamespaceInput input) {
  return SeenNamespace(caller.services.kv_namespaces.Rename(
      caller.account, path.namespace_id, input.title));
}

Answer<boost::json::value> DeleteKvNamespace(Caller& caller,
                                             const KvNamespacePath& path) {
  const Status deleted =
      caller.services.kv_namespaces.Delete(caller.account, path.namespace_id);
  if (!deleted && deleted.error().code() == ErrorCode::kConflict) {
    return NumberedError{kNamespaceBound, deleted.error().Clone()};
  }
  if (!deleted && deleted.error().code() == ErrorCode::kNotFound) {
    return deleted.error().Clone();
  }
  // Versions that are bound to it and have no requests of routes still run, as
  // previews and for WebSockets. Where deleting failed nobody knows what is
  // there.
  caller.services.kv_observer.Changed(
      {{.space = path.namespace_id, .key = {}}});
  if (!deleted) return deleted.error().Clone();
  return boost::json::value(nullptr);
}

}  // namespace caravel::api

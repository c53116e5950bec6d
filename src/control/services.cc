#include "control/services.h"

#include <fmt/format.h>

namespace caravel::api {
namespace {

// A list of versions or deployments has those of all.
constexpr size_t kMostAnnotationBytes = 4 << 10;

Status CheckAnnotations(const std::map<std::string, std::string>& annotations) {
  size_t bytes = 0;
  for (const auto& [name, text] : annotations) {
    bytes += name.size() + text.size();
  }
  if (bytes <= kMostAnnotationBytes) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("annotations: they have {} bytes together, and may "
                           "have {}",
                           bytes, kMostAnnotationBytes))
      .Remedy("choose a shorter message");
}

}  // namespace

Result<std::string> AuthorOf(const Caller& caller) {
  if (!caller.owner.email.empty()) return caller.owner.email;
  if (caller.owner.name != registry::kBootstrapToken) return caller.owner.name;
  CARAVEL_TRY(registry::Account account,
              caller.services.registry.GetAccount(caller.owner.account));
  return std::move(account.name);
}

Result<registry::Origin> OriginOf(
    const Caller& caller, std::map<std::string, std::string> annotations,
    std::string_view triggered_by) {
  CARAVEL_TRY(CheckAnnotations(annotations));
  CARAVEL_TRY(std::string author, AuthorOf(caller));
  if (!triggered_by.empty()) {
    annotations.emplace("workers/triggered_by", triggered_by);
  }
  return registry::Origin{.author = std::move(author),
                          .source = caller.source,
                          .annotations = std::move(annotations)};
}

}  // namespace caravel::api

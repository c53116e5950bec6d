#include "control/worker_urls.h"

#include <fmt/format.h>

#include "registry/host_names.h"

namespace caravel::api {
namespace {

constexpr uint16_t kHttpPort = 80;
constexpr std::string_view kDigits = "01234567";  // as many as an id shows

// The best host name, with the port.
std::string PlaceOf(const Caller& caller, const registry::Worker& worker) {
  const uint16_t port = caller.services.worker_port;
  return port == kHttpPort ? worker.hosts.front()
                           : fmt::format("{}:{}", worker.hosts.front(), port);
}

}  // namespace

std::string UrlOf(const Caller& caller, const registry::Worker& worker) {
  if (worker.hosts.empty()) return {};
  return fmt::format("http://{}/", PlaceOf(caller, worker));
}

std::string PreviewSuffix(const Caller& caller,
                          const registry::Worker& worker) {
  if (!worker.previews_enabled || worker.hosts.empty() ||
      registry::PreviewHost(kDigits, worker.hosts.front()).empty()) {
    return {};
  }
  return "-" + PlaceOf(caller, worker);
}

}  // namespace caravel::api

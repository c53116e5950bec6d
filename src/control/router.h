#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "control/endpoint.h"

namespace caravel::api {

// Which endpoint a method and path mean. A path is split at its slashes first
// and percent-decoded then, so that %2F belongs to a name. A literal segment is
// stronger than a placeholder.
class Router {
 public:
  struct Match {
    const EndpointInfo* endpoint = nullptr;  // nullptr: none
    std::map<std::string, std::string, std::less<>> path;
    // For a path that exists with other methods only: "GET, PUT".
    std::string allowed;
  };

  // `endpoints` outlive the router.
  explicit Router(std::span<const EndpointInfo> endpoints)
      : endpoints_(endpoints) {}

  // `path` begins with a slash and is still encoded, without its query.
  Match Find(std::string_view method, std::string_view path) const;

 private:
  std::span<const EndpointInfo> endpoints_;
};

}  // namespace caravel::api

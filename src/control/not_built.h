#pragma once

#include <string_view>

#include "base/result.h"

namespace caravel::api {

// What the Cloudflare API has at `path` and Caravel does not yet: "Queues".
// Empty: not known. `path` is below /client/v4 and still encoded.
std::string_view NotBuiltProduct(std::string_view method,
                                 std::string_view path);

// kNotFound, naming the request and, where it is known, the product.
Error NotBuilt(std::string_view method, std::string_view path);

}  // namespace caravel::api

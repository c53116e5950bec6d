#pragma once

#include <span>
#include <string>

#include "control/endpoint.h"

namespace caravel::api {

// The OpenAPI 3.1 document of `endpoints`, as JSON text.
std::string OpenApiDocument(std::span<const EndpointInfo> endpoints);

// The same as Markdown, a table of method, path, scope and summary: the API's
// section of docs/compatibility.md.
std::string ApiTable(std::span<const EndpointInfo> endpoints);

}  // namespace caravel::api

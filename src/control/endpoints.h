#pragma once

#include <span>

#include "control/endpoint.h"

namespace caravel::api {

// All endpoints of the API, one line each in endpoints.cc. Alive for the life
// of the program.
std::span<const EndpointInfo> Endpoints();

}  // namespace caravel::api

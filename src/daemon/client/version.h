#pragma once

#include <string_view>

namespace caravel::daemon {

// The version of this build, "1.2.3": that of project() in CMakeLists.txt.
std::string_view Version();

}  // namespace caravel::daemon

#include "daemon/client/version.h"

namespace caravel::daemon {

std::string_view Version() { return CARAVEL_VERSION; }

}  // namespace caravel::daemon

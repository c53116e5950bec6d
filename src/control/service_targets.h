#pragma once

#include <string_view>

#include "control/answer.h"
#include "control/services.h"
#include "registry/model.h"

// What the service bindings of an upload call. Which version of a Worker is
// called is decided at each call, so that what is found here may be gone then.
namespace caravel::api {

// NumberedError 10143: no Worker of the account has the name that a binding
// calls; 10144: it has, and neither a version that answers for it nor its
// newest one exports the entrypoint. The newest counts before it has requests,
// so that versions of several Workers can be uploaded, and then deployed. The
// Worker itself is looked at by CheckOwnEntrypoints().
Answer<registry::NewVersion> CheckServiceTargets(Caller& caller,
                                                 std::string_view worker,
                                                 registry::NewVersion version);

// NumberedError 10144: a binding calls an entrypoint of the Worker itself that
// this version does not export. Requires: its exports are known.
Answer<registry::NewVersion> CheckOwnEntrypoints(std::string_view worker,
                                                 registry::NewVersion version);

}  // namespace caravel::api

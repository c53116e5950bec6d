#pragma once

#include <string_view>

#include "base/result.h"

// Names that people give to accounts and tokens. They are shown to others: on
// terminals, in logs, in the audit log, where nobody may pass for another.
namespace caravel::api {

// kInvalid, to go on after the field's name: it has characters that nobody
// sees, or spaces at its ends.
Status CheckGivenName(std::string_view name);

// Nor one that the audit log has for somebody else: an e-mail address is a
// member there.
Status CheckTokenName(std::string_view name);

}  // namespace caravel::api

#include "control/given_name.h"

#include "base/unseen.h"
#include "registry/email.h"

namespace caravel::api {

Status CheckGivenName(std::string_view name) {
  if (base::HasUnseen(name)) {
    return Error(ErrorCode::kInvalid,
                 "must not have control characters, or others that are not "
                 "seen");
  }
  if (name.starts_with(' ') || name.ends_with(' ')) {
    return Error(ErrorCode::kInvalid, "must not begin or end with a space");
  }
  return {};
}

Status CheckTokenName(std::string_view name) {
  CARAVEL_TRY(CheckGivenName(name));
  if (registry::IsEmail(name)) {
    return Error(ErrorCode::kInvalid,
                 "must not be an e-mail address, which in the audit log "
                 "stands for a member")
        .Remedy("name whose the token is in \"member\"");
  }
  return {};
}

}  // namespace caravel::api

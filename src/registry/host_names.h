#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/model.h"

namespace caravel::registry {

// The host names of a Worker, lower case, best first: under the operator's
// `domain` where there is one, NAME.localhost for the first account, and always
// NAME.SUBDOMAIN.localhost. (*.localhost is this machine: RFC 6761,
// section 6.3.)
std::vector<std::string> HostNames(const Account& account,
                                   std::string_view worker,
                                   std::string_view domain);

// A version of each Worker's newest so many has a preview.
inline constexpr size_t kPreviews = 10;

// The host name of a preview: the first eight digits of the version's id, or an
// alias, in front of one of the Worker's host names. Empty where that makes
// more than a label of a host name may have (RFC 1035, section 2.3.4).
std::string PreviewHost(std::string_view preview, std::string_view host);

// kInvalid: `alias` cannot stand in front of the Worker's name: lower case
// letters, digits and dashes, a letter first and no dash last, and with the
// name no more than a label may have.
// Source: Workers documentation, Preview URLs, "Aliased preview URLs".
Status CheckPreviewAlias(std::string_view alias, std::string_view worker);

}  // namespace caravel::registry

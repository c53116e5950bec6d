#pragma once

#include <string_view>

namespace caravel::registry {

// Whether the text has the form of an e-mail address: something plain on both
// sides of the one @. Whether a letter arrives there is not known here.
bool IsEmail(std::string_view text);

}  // namespace caravel::registry

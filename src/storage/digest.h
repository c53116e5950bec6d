#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace caravel::storage {

// SHA-256 in 64 lower-case hexadecimal digits. Any thread may call.
std::string Sha256Hex(std::string_view bytes);

// Of all bytes of a file from its start, read in pieces.
Result<std::string> Sha256HexOfFile(const base::Fd& file);

// Whether `text` has the form that these functions give.
bool IsDigest(std::string_view text);

}  // namespace caravel::storage

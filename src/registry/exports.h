#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Names that the code of a version exports beside its default export, which a
// host reports in one packet: a list that is too long for one is cut, and who
// asks it takes what may have been cut off for exported.
namespace caravel::registry {

// What a service binding may name, in bytes.
inline constexpr size_t kLongestEntrypoint = 256;

// Cuts the list: at its end, and of names that no binding may have.
void CutExports(std::vector<std::string>& exports);

// Whether `name` is among `exports`, or may have been before they were cut.
// Requires: `exports` are those of one version.
bool MayExport(const std::vector<std::string>& exports, std::string_view name);

}  // namespace caravel::registry

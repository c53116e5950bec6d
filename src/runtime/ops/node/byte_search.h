#pragma once

#include <cstddef>
#include <string_view>

// Search of bytes in bytes, in time that is linear in both whatever they hold:
// who asks is a tenant, and nothing can end native code on the way. Any thread
// may call.
namespace caravel::runtime {

// The first place at or behind `from`, and the last at or before it, at a
// multiple of `step`; npos: none. Requires: `needle` is not empty, `step` is 1
// or 2, and for FindLastBytes `from + needle.size() <= bytes.size()`.
size_t FindBytes(std::string_view bytes, std::string_view needle, size_t from,
                 size_t step);
size_t FindLastBytes(std::string_view bytes, std::string_view needle,
                     size_t from, size_t step);

}  // namespace caravel::runtime

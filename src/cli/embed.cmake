# cmake -DINPUT=FILE -DOUTPUT=HEADER -DNAME=kName -P embed.cmake
# makes a header that holds the file as a string.
file(READ "${INPUT}" content)
file(WRITE "${OUTPUT}"
"#pragma once

#include <string_view>

namespace caravel::cli {
inline constexpr std::string_view ${NAME} = R\"embedded(${content})embedded\";
}  // namespace caravel::cli
")

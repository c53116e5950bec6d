# cmake -DFOLDER=templates -DFILES=hello/a,hello/b -DOUTPUT=HEADER -P embed_templates.cmake
# makes a header that holds the files of templates/ with their paths.
set(entries "")
string(REPLACE "," ";" files "${FILES}")
foreach(file IN LISTS files)
  file(READ "${FOLDER}/${file}" content)
  string(APPEND entries "    {\"${file}\",\n     R\"embedded(${content})embedded\"},\n")
endforeach()
file(WRITE "${OUTPUT}"
"#pragma once

#include \"cli/templates.h\"

namespace caravel::cli {
inline constexpr TemplateFile kTemplateFiles[] = {
${entries}};
}  // namespace caravel::cli
")

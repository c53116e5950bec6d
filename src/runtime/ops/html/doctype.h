#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caravel::runtime::html {

// What a doctype says (HTML, sections 13.2.5.53 to 13.2.5.68).
struct Doctype {
  std::optional<std::string> name;  // in lower case
  std::optional<std::string> public_id;
  std::optional<std::string> system_id;
};

// Of "<!DOCTYPE …>", which may lack its end.
Doctype ParseDoctype(std::string_view raw);

}  // namespace caravel::runtime::html

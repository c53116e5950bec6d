#include "cli/wasm_adapter.h"

#include <filesystem>

#include "base/json_text.h"
#include "cli/wasm_adapter_source.h"
#include "daemon/client/files.h"

namespace caravel::cli {

Status AdaptWasm(Project& project, const std::string& folder) {
  if (!project.main.ends_with(".wasm")) return {};
  // Beside the module, so that its import is a name and no path.
  const std::string program = "program.wasm";
  std::error_code error;
  std::filesystem::copy_file(project.main, folder + "/" + program, error);
  if (error) {
    return Error(ErrorCode::kInternal,
                 fmt::format("copy {}: {}", project.main, error.message()));
  }
  std::string source(kWasmAdapterSource);
  constexpr std::string_view kPlaceholder = "'PROGRAM'";
  source.replace(source.find(kPlaceholder), kPlaceholder.size(),
                 base::JsonQuote("./" + program));
  project.main = folder + "/index.js";
  return daemon::ReplaceFile(project.main, source);
}

}  // namespace caravel::cli

#include "cli/unstarted_worker.h"

#include "base/json_text.h"
#include "cli/unstarted_worker_source.h"
#include "registry/bundle.h"

namespace caravel::cli {

Result<std::string> UnstartedWorker(std::string_view why,
                                    const std::set<std::string>& entrypoints) {
  std::string source(kUnstartedWorkerSource);
  constexpr std::string_view kPlaceholder = "= 'WHY'";
  source.replace(source.find(kPlaceholder), kPlaceholder.size(),
                 "= " + base::JsonQuote(why));
  for (const std::string& name : entrypoints) {
    source +=
        fmt::format("export {{ Unstarted as {} }};\n", base::JsonQuote(name));
  }
  constexpr std::string_view kName = "index.js";
  return registry::WriteBundle(kName, {{.name = std::string(kName),
                                        .type = registry::ModuleType::kEsModule,
                                        .content = std::move(source)}});
}

}  // namespace caravel::cli

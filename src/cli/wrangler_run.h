#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/running.h"
#include "daemon/client/run_info.h"

namespace caravel::cli {

// The account that wrangler is pointed at: the one that --account names; else,
// where the caller's token is taken, the one of CLOUDFLARE_ACCOUNT_ID; else the
// first.
Result<ChosenAccount> AccountForWrangler(const daemon::RunInfo& running,
                                         const Arguments& arguments);

// Runs the pinned wrangler on the pinned Node in `folder` (empty: here),
// pointed at the account of the Caravel that runs, with the token that the
// caller has in CLOUDFLARE_API_TOKEN where that is one of Caravel's. When it
// has deployed something, prints the address under which that answers, for what
// wrangler prints is not it; when it fails behind the upload, says that the
// Worker is deployed, where WorkerOf() knows which. Build commands of the
// project find our esbuild and Node behind what PATH has. Returns wrangler's
// exit code.
Result<int> RunWrangler(Context& context, const daemon::RunInfo& running,
                        const ChosenAccount& account, const std::string& folder,
                        const std::vector<std::string>& words);

// The names of the Workers that `output` says were deployed: the ND-JSON that
// wrangler writes to WRANGLER_OUTPUT_FILE_PATH.
std::vector<std::string> DeployedWorkers(std::string_view output);

// The addresses of versions that `output` says were uploaded, as wrangler has
// them.
std::vector<std::string> PreviewUrls(std::string_view output);

// The name of the Worker that wrangler deploys when it is run in `folder` with
// `words`, as the words or the configuration that it reads have it; empty:
// these words deploy none, or nothing names it.
std::string WorkerOf(const std::vector<std::string>& words,
                     const std::string& folder);

}  // namespace caravel::cli

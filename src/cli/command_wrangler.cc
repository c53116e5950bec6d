#include "cli/api_view.h"
#include "cli/commands.h"
#include "cli/running.h"
#include "cli/wrangler_run.h"

namespace caravel::cli {
namespace {

constexpr Flag kWranglerFlags[] = {kAccountFlag, kDataFlag};

Result<int> RunWranglerCommand(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
  CARAVEL_TRY(const ChosenAccount account,
              AccountForWrangler(running, arguments));
  return RunWrangler(context, running, account, /*folder=*/"",
                     arguments.rest());
}

}  // namespace

const Command kWranglerCommand{
    .name = "wrangler",
    .summary = "run the pinned wrangler, pointed here",
    .help =
        "Everything behind our own flags goes to wrangler as it stands:\n\n"
        "  ./caravel wrangler deploy --name shop\n\n"
        "After a deployment, and a version that is uploaded, it prints the "
        "address that\nreally answers. Where CLOUDFLARE_API_TOKEN is a token "
        "of this Caravel's, wrangler\ngets that one.",
    .flags = kWranglerFlags,
    .operands = {},
    .passes_rest = true,
    .run = &RunWranglerCommand};

}  // namespace caravel::cli

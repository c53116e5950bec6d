// Commands that need the source tree: the script ./caravel runs them before
// this program is reached. They are declared here for the help.
#include "cli/commands.h"

namespace caravel::cli {
namespace {

constexpr Operand kSuiteOperand[] = {
    {"SUITE", false, "one suite instead of all"}};
constexpr Flag kTestFlags[] = {
    {"all", Flag::Kind::kSwitch, "", "the long suites as well"}};
constexpr Operand kBenchOperand[] = {
    {"NAME", false, "one benchmark instead of all"}};
constexpr Flag kBenchFlags[] = {
    {"json", Flag::Kind::kText, "FILE", "write the figures there too"}};

Result<int> RunByLauncher(Context&, const Arguments&) {
  return Error(ErrorCode::kInvalid,
               "this command is run by the script ./caravel")
      .Remedy("start it from the root of the project: ./caravel");
}

}  // namespace

const Command kBuildCommand{
    .name = "build",
    .summary = "build Caravel, installing what is missing",
    .help = "CARAVEL_PRESET chooses the preset of CMake; \"dev\" unless set.",
    .flags = {},
    .operands = {},
    .run = &RunByLauncher};

const Command kTestCommand{.name = "test",
                           .summary = "run the tests",
                           .help = "Builds, then runs what CI runs.",
                           .flags = kTestFlags,
                           .operands = kSuiteOperand,
                           .run = &RunByLauncher};

const Command kBenchCommand{
    .name = "bench",
    .summary = "measure, beside other runtimes",
    .help = "Prints a table of throughput, CPU time, latency and memory.",
    .flags = kBenchFlags,
    .operands = kBenchOperand,
    .run = &RunByLauncher};

const Command kCheckCommand{
    .name = "check",
    .summary = "run the checks of style and structure",
    .help = "Format, lint, directions of includes, lists of packages.",
    .flags = {},
    .operands = {},
    .run = &RunByLauncher};

const Command kFormatCommand{.name = "format",
                             .summary = "format the sources",
                             .help = "C++ by clang-format, the rest by Biome.",
                             .flags = {},
                             .operands = {},
                             .run = &RunByLauncher};

}  // namespace caravel::cli

// caraveld: the trusted part of Caravel, without V8. Reads its settings and
// runs one of two modes: the platform (`caravel up`) or the Workers of some
// projects (`caravel serve`).
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "daemon/client/build_tree.h"
#include "daemon/client/data_folder.h"
#include "daemon/client/exit_code.h"
#include "daemon/client/files.h"
#include "daemon/client/last_ports.h"
#include "daemon/client/version.h"
#include "daemon/command_line.h"
#include "daemon/installation.h"
#include "daemon/launch.h"

namespace caravel::daemon {
namespace {

std::optional<std::string> Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

void PrintToErrors(const std::string& text) {
  [[maybe_unused]] const ssize_t ignored =
      ::write(STDERR_FILENO, text.data(), text.size());
}

using ConfigFile = std::optional<std::pair<std::string, std::string>>;

Result<ConfigFile> ReadConfigFile(const CommandLine& line) {
  if (!line.config_file) return ConfigFile();
  Result<std::string> text = ReadFile(*line.config_file);
  if (text) return ConfigFile({*std::move(text), *line.config_file});
  return std::move(text)
      .error()
      .In("--config")
      .Remedy("name a TOML file of settings that this user can read");
}

// --check-config: everything that is wrong, not only the first.
int CheckConfig(const CommandLine& line, const ConfigFile& file) {
  bool wrong = false;
  const auto tell = [&wrong](const Error& error) {
    PrintToErrors("caraveld: " + error.ToText() + "\n");
    wrong = true;
  };
  if (file) {
    for (const Error& error : CheckConfigFile(file->first, file->second)) {
      tell(error);
    }
  }
  if (!wrong) {
    const Result<Config> config = LoadConfig(file, Environment, line.flags);
    if (!config) tell(config.error());
  }
  if (!wrong) PrintToErrors("caraveld: the settings are right\n");
  return wrong ? ExitCodeFor(ErrorCode::kInvalid) : 0;
}

// A descriptor that was handed over by number; hosts do not get it.
base::Fd TakeDescriptor(int number) {
  if (number >= 0) ::fcntl(number, F_SETFD, FD_CLOEXEC);
  return base::Fd(number);
}

// Takes the ports used last in the data folder where nobody says which.
Status TakeLastPorts(const CommandLine& line, const ConfigFile& file,
                     Launch& launch) {
  Config& config = launch.config;
  const DataFolder folder(AbsolutePath(config.data));
  if (const std::optional<LastPorts> last = LoadLastPorts(folder)) {
    Config defaults;
    defaults.data = config.data;
    defaults.port = last->workers;
    defaults.api_port = last->api;
    CARAVEL_TRY(Config with_last,
                LoadConfig(file, Environment, line.flags, std::move(defaults)));
    if (with_last.port != config.port) {
      launch.port_kept_in = folder.last_ports();
    }
    if (with_last.api_port != config.api_port) {
      launch.api_port_kept_in = folder.last_ports();
    }
    config = std::move(with_last);
  }
  Status differ = CheckPortsDiffer(config);
  const std::string& kept_in = launch.port_kept_in.empty()
                                   ? launch.api_port_kept_in
                                   : launch.port_kept_in;
  if (differ || kept_in.empty()) return differ;
  return std::move(differ).error().Remedy(fmt::format(
      "give both (--port N --api-port N; 0 takes a free one): {} is that of "
      "the "
      "last time, kept in {}",
      launch.port_kept_in.empty() ? "--api-port" : "--port", kept_in));
}

Status RunDaemon(const CommandLine& line, const ConfigFile& file,
                 base::Fd& ready) {
  CARAVEL_TRY(Config config, LoadConfig(file, Environment, line.flags));
  CARAVEL_TRY(const BuildTree tree, FindBuildTree());
  const base::SystemClock clock;
  base::FdLog log(STDERR_FILENO, base::LogFormatOf(config.log_format),
                  base::LogLevelOf(config.log_level), clock);
  const bool serves = line.serve_fd >= 0;
  if (config.data.empty() && !serves) {
    CARAVEL_TRY(config.data, DefaultDataFolder());
  }
  Launch launch{.config = std::move(config),
                .files = HostFilesIn(tree),
                .ready = std::move(ready),
                .serve = TakeDescriptor(line.serve_fd),
                .clock = clock,
                .log = log};
  // The data folder had to be known first.
  Status ended = serves ? Status() : TakeLastPorts(line, file, launch);
  if (ended) ended = serves ? RunServeMode(launch) : RunPlatform(launch);
  ready = std::move(launch.ready);  // who waits is told of a failure
  return ended;
}

int RunWith(const std::vector<std::string>& words) {
  base::Fd ready;
  bool serves = false;
  const auto fail = [&](const Error& error) {
    // `caravel serve` prints what it is told; `up` keeps this in the log as
    // well.
    if (!serves || !ready.valid()) {
      PrintToErrors("caraveld: " + error.ToText() + "\n");
    }
    TellReady(ready, FailedLine(error));
    return ExitCodeFor(error.code());
  };
  const Result<CommandLine> line = ParseDaemonCommandLine(words);
  if (!line) return fail(line.error());
  if (line->help) {
    PrintToErrors(DaemonHelp());
    return 0;
  }
  if (line->version) {
    fmt::print("caraveld {}\n", Version());
    return 0;
  }
  ready = TakeDescriptor(line->ready_fd);
  serves = line->serve_fd >= 0;
  const Result<ConfigFile> file = ReadConfigFile(*line);
  if (!file) return fail(file.error());
  if (line->check_config) return CheckConfig(*line, *file);
  const Status ended = RunDaemon(*line, *file, ready);
  return ended ? 0 : fail(ended.error());
}

}  // namespace
}  // namespace caravel::daemon

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  return caravel::daemon::RunWith({words + 1, words + count});
}

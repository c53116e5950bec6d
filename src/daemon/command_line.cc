#include "daemon/command_line.h"

#include <algorithm>
#include <charconv>

#include "base/nearest_name.h"

namespace caravel::daemon {
namespace {

constexpr std::string_view kOwnFlags[] = {"--config",   "--check-config",
                                          "--help",     "--version",
                                          "--ready-fd", "--serve-fd"};

Error UnknownFlag(const std::string& flag) {
  std::vector<std::string> known(std::begin(kOwnFlags), std::end(kOwnFlags));
  for (const ConfigKey& key : kConfigKeys) known.push_back(FlagName(key));
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string_view nearest = base::NearestName(flag, views);
  return Error(ErrorCode::kInvalid, fmt::format("there is no option {}", flag))
      .Remedy(nearest.empty() ? "see caraveld --help"
                              : fmt::format("did you mean {}?", nearest));
}

Status SetDescriptor(const std::string& flag, const std::string& text,
                     int& number) {
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number > 2) {
    return {};
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: \"{}\" is no descriptor", flag, text));
}

Status TakeFlag(const std::string& flag, const std::string& text,
                CommandLine& line) {
  if (flag == "--config") {
    line.config_file = text;
    return {};
  }
  if (flag == "--ready-fd") return SetDescriptor(flag, text, line.ready_fd);
  if (flag == "--serve-fd") return SetDescriptor(flag, text, line.serve_fd);
  for (const ConfigKey& key : kConfigKeys) {
    if (flag != FlagName(key)) continue;
    line.flags.emplace_back(key.name, text);
    return {};
  }
  return UnknownFlag(flag);
}

}  // namespace

Result<CommandLine> ParseDaemonCommandLine(
    const std::vector<std::string>& words) {
  CommandLine line;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--help" || word == "-h") {
      line.help = true;
    } else if (word == "--version") {
      line.version = true;
    } else if (word == "--check-config") {
      line.check_config = true;
    } else if (!word.starts_with("--")) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("\"{}\" is no option", word))
          .Remedy("see caraveld --help");
    } else if (const size_t equals = word.find('=');
               equals != std::string::npos) {
      CARAVEL_TRY(
          TakeFlag(word.substr(0, equals), word.substr(equals + 1), line));
    } else if (i + 1 < words.size()) {
      CARAVEL_TRY(TakeFlag(word, words[i + 1], line));
      ++i;
    } else {
      Status known = TakeFlag(word, "", line);
      if (!known && known.error().message().starts_with("there is no")) {
        return std::move(known).error();
      }
      return Error(ErrorCode::kInvalid, word + ": its value is missing")
          .Remedy("see caraveld --help");
    }
  }
  return line;
}

std::string DaemonHelp() {
  return "caraveld: the trusted part of Caravel; ./caravel up starts it.\n\n"
         "  --config FILE\n      TOML file with the settings below (api_port "
         "for --api-port)\n"
         "  --check-config\n      say what is wrong with the settings, and "
         "end\n"
         "  --version\n      say which version this is, and end\n"
         "\nSettings, also as variables (CARAVEL_API_PORT):\n" +
         ConfigHelp();
}

}  // namespace caravel::daemon

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

// The settings of caraveld. Each is declared once, in kConfigKeys: from there
// come the flag (--api-port), the environment variable (CARAVEL_API_PORT), the
// key of the TOML file (api_port), the check of the value, and the help.
namespace caravel::daemon {

struct Config {
  std::string data;
  uint32_t port = 8787;
  std::string bind = "127.0.0.1";
  uint32_t api_port = 8788;
  std::string api_bind = "127.0.0.1";
  std::vector<std::string> api_hosts;
  std::string domain;
  uint32_t shards = 0;
  std::vector<std::string> allow_egress;
  std::vector<std::string> trusted_proxies;
  std::string place = "LOC";
  uint32_t drain_seconds = 10;
  uint32_t log_megabytes = 64;
  uint32_t log_days = 7;
  uint32_t audit_days = 180;
  std::string log_level = "info";
  std::string log_format = "text";
  bool operator==(const Config&) const = default;
};

struct ConfigKey {
  std::string_view name;   // as in the TOML file
  std::string_view value;  // how the help calls it
  std::string_view help;
  std::variant<std::string Config::*, uint32_t Config::*,
               std::vector<std::string> Config::*>
      member;
  uint32_t least = 0;  // bounds of a number
  uint32_t most = 0;
  std::span<const std::string_view> choices = {};    // of a text; empty: any
  Status (*check)(std::string_view text) = nullptr;  // of a text, or of each
                                                     // in a list
};

extern const std::span<const ConfigKey> kConfigKeys;

// "api_port" as "--api-port" and as "CARAVEL_API_PORT".
std::string FlagName(const ConfigKey& key);
std::string VariableName(const ConfigKey& key);

// Texts from the command line by the key's name; lists have one entry each.
using ConfigFlags = std::vector<std::pair<std::string, std::string>>;

// Looks up a variable of the environment.
using ConfigEnvironment =
    std::optional<std::string> (*)(const std::string& name);

// Everything that is wrong with the content of a TOML file, in its order: keys
// that do not exist (with the nearest that does), values of a wrong type or out
// of their bounds.
std::vector<Error> CheckConfigFile(std::string_view text,
                                   std::string_view name);

// The defaults, then the file (its content and its name; nothing: there is
// none), then the environment, then the flags: what comes later wins, a list as
// a whole. The error names where the wrong value came from.
Result<Config> LoadConfig(
    const std::optional<std::pair<std::string, std::string>>& file,
    ConfigEnvironment environment, const ConfigFlags& flags,
    Config defaults = {});

// An error where Workers and the API are to answer on one port.
Status CheckPortsDiffer(const Config& config);

// A line or two for each key.
std::string ConfigHelp();

}  // namespace caravel::daemon

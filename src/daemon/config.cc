#include "daemon/config.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <charconv>

#include "base/nearest_name.h"
#include "daemon/client/toml.h"
#include "daemon/listeners.h"
#include "net/ip_address.h"

namespace caravel::daemon {
namespace {

namespace json = boost::json;

constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
constexpr std::string_view kFormats[] = {"text", "json"};

constexpr uint32_t kLargestPort = 65'535;

// A host name: labels of letters, digits and inner hyphens, and no port.
Status CheckDomain(std::string_view text) {
  constexpr size_t kLongestDomain = 180;  // leaves room for NAME.SUBDOMAIN.
  constexpr size_t kLongestLabel = 63;
  bool valid = text.size() <= kLongestDomain;
  for (std::string_view rest = text; valid && !rest.empty();) {
    const size_t end = rest.find('.');
    const std::string_view label = rest.substr(0, end);
    valid = !label.empty() && label.size() <= kLongestLabel &&
            label.front() != '-' && label.back() != '-' &&
            std::ranges::all_of(label, [](char letter) {
              return std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
                     letter == '-';
            });
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
    valid = valid && !rest.empty();
  }
  if (valid) return {};
  return Error(ErrorCode::kInvalid, fmt::format("\"{}\" is no host name", text))
      .Remedy("a name such as workers.example.com, without scheme and port");
}

Status CheckRange(std::string_view text) {
  Result<net::IpRange> range = net::IpRange::Parse(text);
  if (range) return {};
  return std::move(range).error().In(fmt::format("\"{}\"", text));
}

// As Cloudflare's are, codes of airports.
Status CheckPlace(std::string_view text) {
  constexpr size_t kLongestPlace = 8;
  const bool valid =
      !text.empty() && text.size() <= kLongestPlace &&
      std::ranges::all_of(text, [](char letter) {
        return std::isalnum(static_cast<unsigned char>(letter)) != 0;
      });
  if (valid) return {};
  return Error(ErrorCode::kInvalid, fmt::format("\"{}\" is no place", text))
      .Remedy("up to eight letters and digits, such as AMS");
}

const ConfigKey kKeys[] = {
    {.name = "data",
     .value = "DIR",
     .help = "folder of the state; ~/.local/share/caravel unless said",
     .member = &Config::data},
    {.name = "port",
     .value = "N",
     .help = "port on which Workers answer; 0 takes a free one",
     .member = &Config::port,
     .most = kLargestPort},
    {.name = "bind",
     .value = "ADDRESS",
     .help = "address on which Workers answer; 0.0.0.0 is every interface",
     .member = &Config::bind},
    {.name = "api_port",
     .value = "N",
     .help = "port of the API and of /metrics; 0 takes a free one",
     .member = &Config::api_port,
     .most = kLargestPort},
    {.name = "api_bind",
     .value = "ADDRESS",
     .help = "address of the API; other machines reach it if not loopback",
     .member = &Config::api_bind},
    {.name = "api_hosts",
     .value = "NAME",
     .help =
         "host names by which the API may be asked beside loopback's; \"*\" "
         "is all",
     .member = &Config::api_hosts},
    {.name = "domain",
     .value = "NAME",
     .help = "Workers also answer under NAME.SUBDOMAIN.DOMAIN",
     .member = &Config::domain,
     .check = &CheckDomain},
    {.name = "shards",
     .value = "N",
     .help = "event loops that serve; 0: one a core",
     .member = &Config::shards,
     .most = kMaxShards},
    {.name = "allow_egress",
     .value = "CIDR",
     .help =
         "addresses that Workers may reach beside public ones: a range such as "
         "10.1.0.0/16, or one address",
     .member = &Config::allow_egress},
    {.name = "trusted_proxies",
     .value = "CIDR",
     .help =
         "proxies that are believed who the client is, by X-Forwarded-For and "
         "X-Forwarded-Proto",
     .member = &Config::trusted_proxies,
     .check = &CheckRange},
    {.name = "place",
     .value = "NAME",
     .help = "where requests are taken in, as the end of each CF-Ray",
     .member = &Config::place,
     .check = &CheckPlace},
    {.name = "drain_seconds",
     .value = "N",
     .help = "how long requests that run may take to end when it stops",
     .member = &Config::drain_seconds,
     .most = 3'600},
    {.name = "log_megabytes",
     .value = "N",
     .help = "disk that the logs of Workers may take",
     .member = &Config::log_megabytes,
     .least = 1,
     .most = 1'000'000},
    {.name = "log_days",
     .value = "N",
     .help = "age at which the logs of Workers are dropped",
     .member = &Config::log_days,
     .least = 1,
     .most = 36'500},
    {.name = "audit_days",
     .value = "N",
     .help = "age at which entries of the audit log are dropped",
     .member = &Config::audit_days,
     .least = 1,
     .most = 36'500},
    {.name = "log_level",
     .value = "LEVEL",
     .help = "least level of its own log",
     .member = &Config::log_level,
     .choices = kLevels},
    {.name = "log_format",
     .value = "FORMAT",
     .help = "format of its own log",
     .member = &Config::log_format,
     .choices = kFormats},
};

const ConfigKey* FindKey(std::string_view name) {
  for (const ConfigKey& key : kKeys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

std::string ChoicesText(const ConfigKey& key) {
  std::string text;
  for (const std::string_view choice : key.choices) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", choice);
  }
  return text;
}

bool IsList(const ConfigKey& key) {
  return std::holds_alternative<std::vector<std::string> Config::*>(key.member);
}

// `source` is how the person wrote the key: "--port", "CARAVEL_PORT" …
Status SetText(const ConfigKey& key, std::string_view source,
               std::string_view text, Config& config) {
  if (const auto* member = std::get_if<uint32_t Config::*>(&key.member)) {
    uint32_t number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() ||
        number < key.least || number > key.most) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("{}: \"{}\" is no number from {} to {}", source,
                               text, key.least, key.most))
          .Remedy(std::string(key.help));
    }
    config.*(*member) = number;
    return {};
  }
  if (const auto* member = std::get_if<std::string Config::*>(&key.member)) {
    const bool known =
        key.choices.empty() || std::find(key.choices.begin(), key.choices.end(),
                                         text) != key.choices.end();
    if (!known) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("{}: there is no \"{}\"", source, text))
          .Remedy("one of " + ChoicesText(key));
    }
    if (key.check != nullptr) CARAVEL_TRY(key.check(text).In(source));
    config.*(*member) = std::string(text);
    return {};
  }
  if (key.check != nullptr) CARAVEL_TRY(key.check(text).In(source));
  auto& list = config.*std::get<std::vector<std::string> Config::*>(key.member);
  list.emplace_back(text);
  return {};
}

// The same of what may be a list: its entries stand between commas.
Status SetTexts(const ConfigKey& key, std::string_view source,
                std::string_view text, Config& config) {
  if (!IsList(key)) return SetText(key, source, text, config);
  for (std::string_view rest = text; !rest.empty();) {
    const size_t end = std::min(rest.find(','), rest.size());
    CARAVEL_TRY(SetText(key, source, rest.substr(0, end), config));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

void ClearList(const ConfigKey& key, Config& config) {
  if (IsList(key)) {
    (config.*std::get<std::vector<std::string> Config::*>(key.member)).clear();
  }
}

Error WrongJsonType(const ConfigKey& key, std::string_view wanted) {
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: must be {}", key.name, wanted))
      .Remedy(std::string(key.help));
}

Status SetJson(const ConfigKey& key, const json::value& value, Config& config) {
  if (IsList(key)) {
    if (!value.is_array()) return WrongJsonType(key, "a list of strings");
    ClearList(key, config);
    for (const json::value& each : value.as_array()) {
      if (!each.is_string()) return WrongJsonType(key, "a list of strings");
      CARAVEL_TRY(SetText(key, key.name, each.as_string(), config));
    }
    return {};
  }
  if (std::holds_alternative<uint32_t Config::*>(key.member)) {
    if (!value.is_int64()) return WrongJsonType(key, "a whole number");
    return SetText(key, key.name, std::to_string(value.as_int64()), config);
  }
  if (!value.is_string()) return WrongJsonType(key, "a string");
  return SetText(key, key.name, value.as_string(), config);
}

// Takes what is right and gathers what is wrong.
std::vector<Error> ApplyFile(std::string_view text, std::string_view name,
                             Config& config) {
  std::vector<Error> wrong;
  const Result<json::value> parsed = ParseToml(text, name);
  if (!parsed) {
    wrong.push_back(parsed.error().Clone());
    return wrong;
  }
  for (const auto& [key_name, value] : parsed->as_object()) {
    const std::string_view written(key_name.data(), key_name.size());
    const ConfigKey* key = FindKey(written);
    if (key == nullptr) {
      std::vector<std::string_view> names;
      for (const ConfigKey& each : kKeys) names.push_back(each.name);
      const std::string_view nearest = base::NearestName(written, names);
      wrong.push_back(
          Error(ErrorCode::kInvalid,
                fmt::format("{}: there is no key \"{}\"", name, written))
              .Remedy(nearest.empty()
                          ? "caraveld --help lists the keys"
                          : fmt::format("did you mean \"{}\"?", nearest)));
      continue;
    }
    Status status = SetJson(*key, value, config);
    if (!status) wrong.push_back(std::move(status).error().In(name));
  }
  return wrong;
}

Status ApplyEnvironment(ConfigEnvironment environment, Config& config) {
  for (const ConfigKey& key : kKeys) {
    const std::string variable = VariableName(key);
    const std::optional<std::string> value = environment(variable);
    if (!value || value->empty()) continue;
    ClearList(key, config);
    CARAVEL_TRY(SetTexts(key, variable, *value, config));
  }
  return {};
}

}  // namespace

const std::span<const ConfigKey> kConfigKeys = kKeys;

std::string FlagName(const ConfigKey& key) {
  std::string name = fmt::format("--{}", key.name);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string VariableName(const ConfigKey& key) {
  std::string name = fmt::format("CARAVEL_{}", key.name);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

Status CheckPortsDiffer(const Config& config) {
  const bool differ = config.port == 0 || config.port != config.api_port;
  if (differ) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("--port and --api-port are both {}: Workers and the "
                           "API need a port each",
                           config.port))
      .Remedy("give one of them another; 0 takes a free one");
}

std::vector<Error> CheckConfigFile(std::string_view text,
                                   std::string_view name) {
  Config ignored;
  return ApplyFile(text, name, ignored);
}

Result<Config> LoadConfig(
    const std::optional<std::pair<std::string, std::string>>& file,
    ConfigEnvironment environment, const ConfigFlags& flags, Config defaults) {
  Config config = std::move(defaults);
  if (file) {
    std::vector<Error> wrong = ApplyFile(file->first, file->second, config);
    if (!wrong.empty()) return std::move(wrong.front());
  }
  CARAVEL_TRY(ApplyEnvironment(environment, config));
  for (const ConfigKey& key : kKeys) {
    const bool given = std::any_of(
        flags.begin(), flags.end(),
        [&key](const auto& flag) { return flag.first == key.name; });
    if (given) ClearList(key, config);
    for (const auto& [name, text] : flags) {
      if (name != key.name) continue;
      CARAVEL_TRY(SetTexts(key, FlagName(key), text, config));
    }
  }
  return config;
}

std::string ConfigHelp() {
  std::string text;
  for (const ConfigKey& key : kKeys) {
    text +=
        fmt::format("  {} {}\n      {}", FlagName(key), key.value, key.help);
    if (!key.choices.empty()) text += ": " + ChoicesText(key);
    if (IsList(key)) text += "; may be repeated";
    text += '\n';
  }
  return text;
}

}  // namespace caravel::daemon

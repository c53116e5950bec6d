#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/running.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr Flag kZoneFlags[] = {
    {"origin", Flag::Kind::kText, "URL",
     "where requests go that no Worker answers: https://HOST:PORT"},
    kDataFlag,
    kJsonFlag,
};
constexpr Operand kZoneOperands[] = {
    {"ACTION", true, "add, set, list or remove"},
    {"DOMAIN", false, "the zone's name, such as example.com"}};

std::string TextOf(const json::value& zone, std::string_view key) {
  const auto* object = zone.if_object();
  const auto* value = object == nullptr ? nullptr : object->if_contains(key);
  return value == nullptr || !value->is_string()
             ? std::string()
             : std::string(value->as_string());
}

// The Caravel that runs, and what was said.
struct Ask {
  const daemon::RunInfo& running;
  const Arguments& arguments;
  Terminal& terminal;

  void Print(const json::value& value, std::string_view text) const {
    terminal.Print(arguments.Has("json") ? json::serialize(value)
                                         : std::string(text));
  }
};

Result<std::string> DomainOf(const Ask& ask) {
  if (const auto domain = ask.arguments.Text("DOMAIN")) return *domain;
  return Error(ErrorCode::kInvalid,
               fmt::format("zone {}: a domain is missing",
                           ask.arguments.Text("ACTION").value_or("")))
      .Remedy("name one, such as example.com");
}

std::string Line(const Ask& ask, const json::value& zone) {
  const std::string origin = TextOf(zone, "origin");
  return fmt::format("{}  {}", ask.terminal.Bold(TextOf(zone, "name")),
                     origin.empty() ? "no origin" : origin);
}

Result<std::vector<json::value>> AllZones(const Ask& ask) {
  constexpr size_t kPage = 1000;
  std::vector<json::value> zones;
  for (size_t page = 1;; ++page) {
    CARAVEL_TRY(json::value answer,
                AskApi(ask.running, "GET",
                       fmt::format("/zones?per_page={}&page={}", kPage, page)));
    if (!answer.is_array() || answer.as_array().empty()) return zones;
    std::ranges::copy(answer.as_array(), std::back_inserter(zones));
    if (answer.as_array().size() < kPage) return zones;
  }
}

Result<json::value> FindZone(const Ask& ask, const std::string& domain) {
  CARAVEL_TRY(const std::vector<json::value> zones, AllZones(ask));
  for (const json::value& zone : zones) {
    if (TextOf(zone, "name") == domain) return zone;
  }
  return Error(ErrorCode::kNotFound,
               fmt::format("zone \"{}\" does not exist", domain))
      .Remedy("./caravel zone list shows those that do");
}

Status Add(const Ask& ask) {
  CARAVEL_TRY(const std::string domain, DomainOf(ask));
  json::object body{{"name", domain}};
  if (const auto origin = ask.arguments.Text("origin")) {
    body["origin"] = *origin;
  }
  CARAVEL_TRY(const json::value zone,
              AskApi(ask.running, "POST", "/zones", body));
  ask.Print(zone,
            fmt::format("{}\nIts requests answer on port {}, where its DNS "
                        "records must lead.",
                        Line(ask, zone), PortOf(ask.running.http)));
  return {};
}

Status Set(const Ask& ask) {
  CARAVEL_TRY(const std::string domain, DomainOf(ask));
  const auto origin = ask.arguments.Text("origin");
  if (!origin) {
    return Error(ErrorCode::kInvalid, "zone set: the origin is missing")
        .Remedy("say --origin URL; --origin '' takes it away");
  }
  CARAVEL_TRY(const json::value old, FindZone(ask, domain));
  CARAVEL_TRY(const json::value zone,
              AskApi(ask.running, "PATCH", "/zones/" + TextOf(old, "id"),
                     json::object{{"origin", *origin}}));
  ask.Print(zone, Line(ask, zone));
  return {};
}

Status List(const Ask& ask) {
  CARAVEL_TRY(const std::vector<json::value> zones, AllZones(ask));
  std::string text;
  for (const json::value& zone : zones) {
    text += (text.empty() ? "" : "\n") + Line(ask, zone);
  }
  ask.Print(json::object{{"zones", json::array(zones.begin(), zones.end())}},
            zones.empty() ? ask.terminal.AsCalled(
                                "There is no zone. Add one: ./caravel zone add "
                                "example.com --origin https://HOST")
                          : text);
  return {};
}

Status Remove(const Ask& ask) {
  CARAVEL_TRY(const std::string domain, DomainOf(ask));
  CARAVEL_TRY(const json::value zone, FindZone(ask, domain));
  CARAVEL_TRY(AskApi(ask.running, "DELETE", "/zones/" + TextOf(zone, "id")));
  ask.Print(zone, fmt::format("{} is removed, with its routes and custom "
                              "domains",
                              domain));
  return {};
}

struct Action {
  std::string_view name;
  Status (*run)(const Ask& ask);
};
constexpr std::array kActions = {Action{"add", &Add}, Action{"set", &Set},
                                 Action{"list", &List},
                                 Action{"remove", &Remove}};

Result<int> RunZone(Context& context, const Arguments& arguments) {
  const std::string name = arguments.Text("ACTION").value_or("");
  const auto action = std::ranges::find(kActions, name, &Action::name);
  if (action == kActions.end()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("zone: \"{}\" is no action", name))
        .Remedy("say add, set, list or remove");
  }
  CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
  CARAVEL_TRY(action->run({running, arguments, context.terminal}));
  return 0;
}

}  // namespace

const Command kZoneCommand{
    .name = "zone",
    .summary = "add, list and remove domains with their origins",
    .help =
        "A zone is a domain whose requests go to the Workers on its routes, "
        "and\n"
        "where none matches to its origin, the server behind it:\n\n"
        "  ./caravel zone add example.com --origin https://10.0.0.5\n\n"
        "Routes and custom domains stand in the configuration of Workers. The\n"
        "domain's DNS records have to lead here. An origin that is named by "
        "this\n"
        "command may be in a private network, others only where Workers may\n"
        "connect to. `set` changes the origin; `remove` takes routes and "
        "custom\n"
        "domains along.",
    .flags = kZoneFlags,
    .operands = kZoneOperands,
    .run = &RunZone};

}  // namespace caravel::cli

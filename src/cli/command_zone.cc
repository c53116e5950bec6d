#include <array>
#include <boost/json.hpp>

#include "base/lower_case.h"
#include "cli/api_client.h"
#include "cli/api_view.h"
#include "cli/commands.h"
#include "cli/running.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr Flag kZoneFlags[] = {
    {"origin", Flag::Kind::kText, "URL",
     "where requests go that no Worker answers: https://HOST:PORT"},
    kAccountFlag,
    kDataFlag,
    kJsonFlag,
};
constexpr Operand kZoneOperands[] = {
    {"ACTION", true, "add, set, list or remove"},
    {"DOMAIN", false, "the zone's name, such as example.com"}};

Result<std::string> DomainOf(const ApiCommand& ask) {
  return OperandOf(ask, "DOMAIN", "a domain", "name one, such as example.com");
}

Result<std::vector<json::value>> ZonesOf(const ApiCommand& ask) {
  CARAVEL_TRY(const std::string account, AccountIdOf(ask));
  return AllOf(ask.running, "/zones?account.id=" + InQuery(account));
}

std::string Line(const ApiCommand& ask, const json::value& zone) {
  const std::string origin = TextIn(zone, "origin");
  return fmt::format("{}  {}", ask.terminal.Bold(TextIn(zone, "name")),
                     origin.empty() ? "no origin" : origin);
}

Result<json::value> FindZone(const ApiCommand& ask, const std::string& domain) {
  constexpr std::array<std::string_view, 1> kNames = {"name"};
  CARAVEL_TRY(const std::vector<json::value> zones, ZonesOf(ask));
  return OnlyOne(zones, "zone", base::LowerCase(domain), kNames);
}

Status AddZone(const ApiCommand& ask) {
  CARAVEL_TRY(const std::string domain, DomainOf(ask));
  CARAVEL_TRY(const std::string account, AccountIdOf(ask));
  json::object body{{"name", domain},
                    {"account", json::object{{"id", account}}}};
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

Status SetZone(const ApiCommand& ask) {
  CARAVEL_TRY(const std::string domain, DomainOf(ask));
  const auto origin = ask.arguments.Text("origin");
  if (!origin) {
    return Error(ErrorCode::kInvalid, "zone set: the origin is missing")
        .Remedy("say --origin URL; --origin '' takes it away");
  }
  CARAVEL_TRY(const json::value old, FindZone(ask, domain));
  CARAVEL_TRY(const json::value zone,
              AskApi(ask.running, "PATCH", "/zones/" + TextIn(old, "id"),
                     json::object{{"origin", *origin}}));
  ask.Print(zone, Line(ask, zone));
  return {};
}

Status ListZones(const ApiCommand& ask) {
  CARAVEL_TRY(const std::vector<json::value> zones, ZonesOf(ask));
  std::string text;
  for (const json::value& zone : zones) {
    text += (text.empty() ? "" : "\n") + Line(ask, zone);
  }
  ask.Print(json::object{{"zones", json::array(zones.begin(), zones.end())}},
            zones.empty() ? "There is no zone. Add one: ./caravel zone add "
                            "example.com --origin https://HOST"
                          : text);
  return {};
}

Status RemoveZone(const ApiCommand& ask) {
  CARAVEL_TRY(const std::string domain, DomainOf(ask));
  CARAVEL_TRY(const json::value zone, FindZone(ask, domain));
  CARAVEL_TRY(AskApi(ask.running, "DELETE", "/zones/" + TextIn(zone, "id")));
  ask.Print(zone, fmt::format("{} is removed, with its routes and custom "
                              "domains",
                              domain));
  return {};
}

constexpr std::array kZoneActions = {
    ApiAction{"add", &AddZone}, ApiAction{"set", &SetZone},
    ApiAction{"list", &ListZones}, ApiAction{"remove", &RemoveZone}};

Result<int> RunZone(Context& context, const Arguments& arguments) {
  return RunAction(context, arguments, "zone", kZoneActions);
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

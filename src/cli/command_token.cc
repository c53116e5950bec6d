#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>

#include "base/clock.h"
#include "base/nearest_name.h"
#include "cli/api_client.h"
#include "cli/api_view.h"
#include "cli/commands.h"
#include "cli/time_span.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr Flag kTokenFlags[] = {
    {"scope", Flag::Kind::kList, "SCOPE",
     "what it may do, such as workers:write; may be said several times"},
    {"preset", Flag::Kind::kText, "NAME",
     "deploy (if nothing is said), read or admin, beside --scope"},
    {"expires", Flag::Kind::kText, "TIME",
     "how long it is valid, such as 30d or 12h, or until when: 2027-01-01"},
    {"member", Flag::Kind::kText, "EMAIL",
     "make it this member's, whose role it cannot exceed"},
    kAccountFlag,
    kDataFlag,
    kJsonFlag,
};
constexpr Operand kTokenOperands[] = {
    {"ACTION", true, "create, list, roll or remove"},
    {"NAME", false, "the token's name"}};

struct Preset {
  std::string_view name;
  std::string_view scopes;  // with spaces between them
};
constexpr std::array kPresets = {
    Preset{"deploy",
           "user:read account:read workers:write workers_tail:read "
           "workers_routes:write storage:write zone:read"},
    Preset{"read",
           "user:read account:read workers:read workers_tail:read "
           "workers_routes:read storage:read zone:read"},
    Preset{"admin", "*"}};

Result<std::string> TokenPathOf(const ApiCommand& command) {
  CARAVEL_TRY(const std::string account, AccountIdOf(command));
  return fmt::format("/accounts/{}/tokens", account);
}

Result<std::string> TokenNameOf(const ApiCommand& command) {
  return OperandOf(command, "NAME", "a name",
                   "say how the token is called, such as \"ci\"");
}

Result<json::array> ScopesOf(const Arguments& arguments) {
  json::array scopes;
  for (const std::string& scope : arguments.List("scope")) {
    scopes.push_back(json::value(scope));
  }
  auto preset = arguments.Text("preset");
  if (!preset && !scopes.empty()) return scopes;
  if (!preset) preset = kPresets[0].name;
  const auto found = std::ranges::find(kPresets, *preset, &Preset::name);
  if (found == kPresets.end()) {
    std::vector<std::string_view> names;
    for (const Preset& each : kPresets) names.push_back(each.name);
    return Error(ErrorCode::kInvalid,
                 fmt::format("token create: there is no preset \"{}\"{}",
                             *preset, base::DidYouMean(*preset, names)))
        .Remedy("one of deploy, read, admin; or say --scope");
  }
  for (std::string_view rest = found->scopes; !rest.empty();) {
    const size_t space = std::min(rest.find(' '), rest.size());
    scopes.push_back(json::value(rest.substr(0, space)));
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return scopes;
}

// "30d" from now on; any other text is the API's to read.
std::string ExpiryOf(const std::string& text) {
  const auto span = ParseTimeSpan(text);
  return span ? base::FormatTime(std::chrono::system_clock::now() + *span)
              : text;
}

Result<json::value> FindToken(const ApiCommand& command,
                              const std::string& path,
                              const std::string& name) {
  CARAVEL_TRY(const std::vector<json::value> tokens,
              AllOf(command.running, path));
  constexpr std::array<std::string_view, 1> kNames = {"name"};
  return OnlyOne(tokens, "token", name, kNames);
}

// The day of a time as the API writes it, or what stands for none.
std::string DayIn(const json::value& token, std::string_view key,
                  std::string_view none) {
  constexpr size_t kDay = 10;
  const std::string time = TextIn(token, key);
  return time.empty() ? std::string(none) : time.substr(0, kDay);
}

std::string ScopesIn(const json::value& token) {
  std::string text;
  const auto* scopes = token.as_object().if_contains("scopes");
  if (scopes == nullptr || !scopes->is_array()) return text;
  for (const json::value& scope : scopes->as_array()) {
    if (!text.empty()) text += ' ';
    if (scope.is_string()) text += std::string_view(scope.as_string());
  }
  return text;
}

Status CreateToken(const ApiCommand& command) {
  CARAVEL_TRY(const std::string name, TokenNameOf(command));
  CARAVEL_TRY(json::array scopes, ScopesOf(command.arguments));
  json::object body{{"name", name}, {"scopes", std::move(scopes)}};
  if (const auto expires = command.arguments.Text("expires")) {
    body["expires_on"] = ExpiryOf(*expires);
  }
  if (const auto member = command.arguments.Text("member")) {
    body["member"] = *member;
  }
  CARAVEL_TRY(const std::string path, TokenPathOf(command));
  CARAVEL_TRY(const json::value token,
              AskApi(command.running, "POST", path, body));
  const auto email = command.arguments.Text("member");
  command.Print(
      token,
      fmt::format("{}\n\nThis is token {}, shown this once; it may: {}{}. Give "
                  "it to wrangler as\nCLOUDFLARE_API_TOKEN.",
                  command.terminal.Bold(TextIn(token, "value")), name,
                  ScopesIn(token),
                  email ? fmt::format(", of which the role of {} limits what "
                                      "holds",
                                      *email)
                        : std::string()));
  return {};
}

Status ListTokens(const ApiCommand& command) {
  CARAVEL_TRY(const std::string path, TokenPathOf(command));
  CARAVEL_TRY(const std::vector<json::value> tokens,
              AllOf(command.running, path));
  std::vector<std::vector<std::string>> rows;
  for (const json::value& token : tokens) {
    rows.push_back({TextIn(token, "name"), TextIn(token, "status"),
                    DayIn(token, "expires_on", "never"),
                    DayIn(token, "last_used_on", "never"), ScopesIn(token)});
  }
  command.Print(
      json::object{{"tokens", json::array(tokens.begin(), tokens.end())}},
      Table(command.terminal, {"NAME", "STATUS", "EXPIRES", "LAST USED", "MAY"},
            rows));
  return {};
}

Status RollToken(const ApiCommand& command) {
  CARAVEL_TRY(const std::string name, TokenNameOf(command));
  CARAVEL_TRY(const std::string path, TokenPathOf(command));
  CARAVEL_TRY(json::value token, FindToken(command, path, name));
  CARAVEL_TRY(const json::value value,
              AskApi(command.running, "PUT",
                     fmt::format("{}/{}/value", path, TextIn(token, "id"))));
  token.as_object()["value"] = value;
  command.Print(
      token, fmt::format("{}\n\nThis is token {} now, shown this once; the "
                         "old value opens nothing any more.",
                         command.terminal.Bold(TextIn(token, "value")), name));
  return {};
}

Status RemoveToken(const ApiCommand& command) {
  CARAVEL_TRY(const std::string name, TokenNameOf(command));
  CARAVEL_TRY(const std::string path, TokenPathOf(command));
  CARAVEL_TRY(const json::value token, FindToken(command, path, name));
  CARAVEL_TRY(AskApi(command.running, "DELETE",
                     fmt::format("{}/{}", path, TextIn(token, "id"))));
  command.Print(token,
                fmt::format("{} is removed and opens nothing any more", name));
  return {};
}

constexpr std::array kTokenActions = {
    ApiAction{"create", &CreateToken}, ApiAction{"list", &ListTokens},
    ApiAction{"roll", &RollToken}, ApiAction{"remove", &RemoveToken}};

Result<int> RunToken(Context& context, const Arguments& arguments) {
  return RunAction(context, arguments, "token", kTokenActions);
}

}  // namespace

const Command kTokenCommand{
    .name = "token",
    .summary = "make, list and remove API tokens, for CI and other people",
    .help =
        "An API token opens the REST API of one account, for what its scopes "
        "allow:\n\n"
        "  ./caravel token create ci --expires 30d\n"
        "  ./caravel token create backup --scope storage:read\n\n"
        "Its value is printed once and kept nowhere. `roll` gives a token "
        "another\n"
        "value. A token can give no more than it has itself; `admin` in the "
        "first\n"
        "account runs the whole platform.",
    .flags = kTokenFlags,
    .operands = kTokenOperands,
    .run = &RunToken};

}  // namespace caravel::cli

#include <array>
#include <boost/json.hpp>

#include "cli/api_client.h"
#include "cli/api_view.h"
#include "cli/commands.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr Flag kAccountFlags[] = {
    {"subdomain", Flag::Kind::kText, "LABEL",
     "its Workers answer under NAME.LABEL.…; else made of the name"},
    kDataFlag,
    kJsonFlag,
};
constexpr Operand kAccountOperands[] = {
    {"ACTION", true, "create, list or remove"},
    {"NAME", false, "the account's name; to remove it also its id"}};

Result<std::string> AccountNameOf(const ApiCommand& command) {
  return OperandOf(command, "NAME", "a name", "say how the account is called");
}

// One that is made twice by mistake would have a subdomain that nobody chose,
// and could be named by its id alone.
Status RefuseSecond(const ApiCommand& command, const std::string& name) {
  CARAVEL_TRY(const std::vector<json::value> accounts,
              AllOf(command.running, "/accounts"));
  for (const json::value& account : accounts) {
    if (TextIn(account, "name") != name) continue;
    return Error(ErrorCode::kConflict,
                 fmt::format("account \"{}\": there is one already, {}", name,
                             TextIn(account, "id")))
        .Remedy(
            "choose another name; or make a second one of that name with a "
            "subdomain of its own: --subdomain LABEL");
  }
  return {};
}

Status CreateAccount(const ApiCommand& command) {
  CARAVEL_TRY(const std::string name, AccountNameOf(command));
  json::object body{{"name", name}};
  if (const auto subdomain = command.arguments.Text("subdomain")) {
    body["subdomain"] = *subdomain;
  } else {
    CARAVEL_TRY(RefuseSecond(command, name));
  }
  CARAVEL_TRY(const json::value account,
              AskApi(command.running, "POST", "/accounts", body));
  const std::string id = TextIn(account, "id");
  command.Print(
      account,
      fmt::format("{}  {}\nIts Workers answer under NAME.{}.localhost. Make a "
                  "token for it:\n./caravel token create NAME --account {}",
                  command.terminal.Bold(name), id, TextIn(account, "subdomain"),
                  id));
  return {};
}

Status ListAccounts(const ApiCommand& command) {
  CARAVEL_TRY(const std::vector<json::value> accounts,
              AllOf(command.running, "/accounts"));
  std::vector<std::vector<std::string>> rows;
  for (const json::value& account : accounts) {
    rows.push_back({TextIn(account, "name"), TextIn(account, "subdomain"),
                    TextIn(account, "id")});
  }
  command.Print(
      json::object{{"accounts", json::array(accounts.begin(), accounts.end())}},
      Table(command.terminal, {"NAME", "SUBDOMAIN", "ID"}, rows));
  return {};
}

Status RemoveAccount(const ApiCommand& command) {
  CARAVEL_TRY(const std::string name, AccountNameOf(command));
  CARAVEL_TRY(const json::value account, FindAccount(command.running, name));
  CARAVEL_TRY(
      AskApi(command.running, "DELETE", "/accounts/" + TextIn(account, "id")));
  command.Print(account,
                fmt::format("{} ({}) is removed, with its tokens and "
                            "members",
                            TextIn(account, "name"), TextIn(account, "id")));
  return {};
}

constexpr std::array kAccountActions = {ApiAction{"create", &CreateAccount},
                                        ApiAction{"list", &ListAccounts},
                                        ApiAction{"remove", &RemoveAccount}};

Result<int> RunAccount(Context& context, const Arguments& arguments) {
  return RunAction(context, arguments, "account", kAccountActions);
}

}  // namespace

const Command kAccountCommand{
    .name = "account",
    .summary = "make, list and remove accounts, each with Workers of its own",
    .help =
        "What one account has is no other's: Workers, zones, namespaces, "
        "tokens.\n\n"
        "  ./caravel account create Acme\n"
        "  ./caravel deploy DIR --account Acme\n"
        "  ./caravel token create deploys --account Acme\n\n"
        "Whoever has that token deploys with wrangler as ever, with "
        "CLOUDFLARE_API_TOKEN\n"
        "and CLOUDFLARE_API_BASE_URL (`./caravel env`). An account can be "
        "removed once it\n"
        "has neither Workers nor zones nor namespaces.",
    .flags = kAccountFlags,
    .operands = kAccountOperands,
    .run = &RunAccount};

}  // namespace caravel::cli

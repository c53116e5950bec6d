#include <array>
#include <boost/json.hpp>

#include "base/lower_case.h"
#include "cli/api_client.h"
#include "cli/api_view.h"
#include "cli/commands.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsualRole = "developer";

constexpr Flag kMemberFlags[] = {
    {"role", Flag::Kind::kText, "ROLE",
     "administrator, developer (if nothing is said) or reader"},
    kAccountFlag,
    kDataFlag,
    kJsonFlag,
};
constexpr Operand kMemberOperands[] = {
    {"ACTION", true, "add, set, list or remove"},
    {"EMAIL", false, "the member's e-mail address"}};

Result<std::string> MemberPathOf(const ApiCommand& command) {
  CARAVEL_TRY(const std::string account, AccountIdOf(command));
  return fmt::format("/accounts/{}/members", account);
}

Result<std::string> EmailOf(const ApiCommand& command) {
  return OperandOf(command, "EMAIL", "an e-mail address",
                   "name one, such as ada@example.com");
}

std::string RoleOf(const json::value& member) {
  const auto* fields = member.if_object();
  const auto* roles =
      fields == nullptr ? nullptr : fields->if_contains("roles");
  if (roles == nullptr || !roles->is_array() || roles->as_array().empty()) {
    return {};
  }
  return TextIn(roles->as_array()[0], "role");
}

// The path of the member whom the command names.
Result<std::string> FindMember(const ApiCommand& command) {
  CARAVEL_TRY(const std::string email, EmailOf(command));
  CARAVEL_TRY(const std::string path, MemberPathOf(command));
  CARAVEL_TRY(const std::vector<json::value> members,
              AllOf(command.running, path));
  constexpr std::array<std::string_view, 1> kNames = {"email"};
  CARAVEL_TRY(const json::value member,
              OnlyOne(members, "member", base::LowerCase(email), kNames));
  return fmt::format("{}/{}", path, TextIn(member, "id"));
}

void PrintMember(const ApiCommand& command, const json::value& member) {
  command.Print(
      member,
      fmt::format("{}  {}", command.terminal.Bold(TextIn(member, "email")),
                  RoleOf(member)));
}

Status AddMember(const ApiCommand& command) {
  CARAVEL_TRY(const std::string email, EmailOf(command));
  CARAVEL_TRY(const std::string path, MemberPathOf(command));
  CARAVEL_TRY(
      const json::value member,
      AskApi(command.running, "POST", path,
             json::object{{"email", email},
                          {"role", command.arguments.Text("role").value_or(
                                       std::string(kUsualRole))}}));
  PrintMember(command, member);
  return {};
}

Status SetMember(const ApiCommand& command) {
  const auto role = command.arguments.Text("role");
  if (!role) {
    return Error(ErrorCode::kInvalid, "member set: the role is missing")
        .Remedy("say --role administrator, developer or reader");
  }
  CARAVEL_TRY(const std::string path, FindMember(command));
  CARAVEL_TRY(const json::value member, AskApi(command.running, "PUT", path,
                                               json::object{{"role", *role}}));
  PrintMember(command, member);
  return {};
}

Status ListMembers(const ApiCommand& command) {
  CARAVEL_TRY(const std::string path, MemberPathOf(command));
  CARAVEL_TRY(const std::vector<json::value> members,
              AllOf(command.running, path));
  std::vector<std::vector<std::string>> rows;
  for (const json::value& member : members) {
    rows.push_back({TextIn(member, "email"), RoleOf(member)});
  }
  command.Print(
      json::object{{"members", json::array(members.begin(), members.end())}},
      rows.empty() ? "There are no members. Add one: ./caravel member add "
                     "ada@example.com"
                   : Table(command.terminal, {"EMAIL", "ROLE"}, rows));
  return {};
}

Status RemoveMember(const ApiCommand& command) {
  CARAVEL_TRY(const std::string email, EmailOf(command));
  CARAVEL_TRY(const std::string path, FindMember(command));
  CARAVEL_TRY(const json::value gone, AskApi(command.running, "DELETE", path));
  command.Print(gone, fmt::format("{} is no member any more, and the tokens "
                                  "made for it here open nothing",
                                  email));
  return {};
}

constexpr std::array kMemberActions = {
    ApiAction{"add", &AddMember}, ApiAction{"set", &SetMember},
    ApiAction{"list", &ListMembers}, ApiAction{"remove", &RemoveMember}};

Result<int> RunMember(Context& context, const Arguments& arguments) {
  return RunAction(context, arguments, "member", kMemberActions);
}

}  // namespace

const Command kMemberCommand{
    .name = "member",
    .summary = "say who belongs to an account, and with which role",
    .help =
        "A member is a person by e-mail address. Nobody is sent a letter: make "
        "a token\nfor them, which may what both its scopes and their role "
        "allow:\n\n"
        "  ./caravel member add ada@example.com --role developer\n"
        "  ./caravel token create ada --member ada@example.com\n\n"
        "An administrator may do everything in the account, a developer "
        "deploys, a reader\nlooks. Who has several accounts finds them all by "
        "one token.",
    .flags = kMemberFlags,
    .operands = kMemberOperands,
    .run = &RunMember};

}  // namespace caravel::cli

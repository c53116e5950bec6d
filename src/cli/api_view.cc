#include "cli/api_view.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/nearest_name.h"
#include "cli/api_client.h"
#include "cli/running.h"
#include "cli/shown_text.h"

namespace caravel::cli {

namespace json = boost::json;

namespace {

std::string CellText(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    // Behind an escaped space comes another one.
    const bool again = cell.ends_with(' ') || cell.ends_with("\\x20");
    cell += c == ' ' && again ? "\\x20" : std::string(1, c);
  }
  return cell;
}

}  // namespace

void ApiCommand::Print(const json::value& value, std::string_view text) const {
  if (arguments.Has("json")) return terminal.PrintJson(json::serialize(value));
  terminal.Print(terminal.AsCalled(text));
}

Result<int> RunAction(Context& context, const Arguments& arguments,
                      std::string_view command,
                      std::span<const ApiAction> actions) {
  const std::string name = arguments.Text("ACTION").value_or("");
  const auto action = std::ranges::find(actions, name, &ApiAction::name);
  if (action == actions.end()) {
    std::string names;
    for (size_t i = 0; i < actions.size(); ++i) {
      names += i == 0 ? "" : i + 1 == actions.size() ? " or " : ", ";
      names += actions[i].name;
    }
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}: \"{}\" is no action", command, name))
        .Remedy("say " + names);
  }
  CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
  CARAVEL_TRY(action->run({command, running, arguments, context.terminal}));
  return 0;
}

std::string TextIn(const json::value& object, std::string_view key) {
  const auto* fields = object.if_object();
  const auto* value = fields == nullptr ? nullptr : fields->if_contains(key);
  return value == nullptr || !value->is_string()
             ? std::string()
             : Shown(std::string_view(value->as_string()));
}

Result<std::string> OperandOf(const ApiCommand& command,
                              std::string_view operand, std::string_view kind,
                              std::string_view remedy) {
  if (const auto text = command.arguments.Text(operand)) return *text;
  return Error(ErrorCode::kInvalid,
               fmt::format("{} {}: {} is missing", command.name,
                           command.arguments.Text("ACTION").value_or(""), kind))
      .Remedy(std::string(remedy));
}

Result<json::value> OnlyOne(const std::vector<json::value>& all,
                            std::string_view kind, const std::string& wanted,
                            std::span<const std::string_view> keys) {
  std::vector<const json::value*> found;
  std::vector<std::string> names;
  for (const json::value& each : all) {
    if (TextIn(each, "id") == wanted) return each;
    bool is_named = false;
    for (const std::string_view key : keys) {
      names.push_back(TextIn(each, key));
      is_named = is_named || names.back() == wanted;
    }
    if (is_named) found.push_back(&each);
  }
  if (found.size() == 1) return *found.front();
  if (found.empty()) {
    const std::vector<std::string_view> views(names.begin(), names.end());
    return Error(ErrorCode::kNotFound,
                 fmt::format("{} \"{}\" does not exist{}", kind, wanted,
                             base::DidYouMean(wanted, views)))
        .Remedy(fmt::format("./caravel {} list shows those that do", kind));
  }
  std::string ids;
  for (const json::value* each : found) {
    ids += fmt::format("{}{}", ids.empty() ? "" : " or ", TextIn(*each, "id"));
  }
  return Error(ErrorCode::kConflict, fmt::format("{} \"{}\": {} are called so",
                                                 kind, wanted, found.size()))
      .Remedy("say the id of the one that you mean: " + ids);
}

std::string InQuery(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '.';
    encoded += plain ? std::string(1, c)
                     : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

Result<std::vector<json::value>> AllOf(const daemon::RunInfo& running,
                                       std::string_view path) {
  constexpr size_t kPage = 1000;
  const char mark = path.find('?') == std::string_view::npos ? '?' : '&';
  std::vector<json::value> all;
  for (size_t page = 1;; ++page) {
    CARAVEL_TRY(json::value answer,
                AskApi(running, "GET",
                       fmt::format("{}{}per_page={}&page={}", path, mark, kPage,
                                   page)));
    if (!answer.is_array() || answer.as_array().empty()) return all;
    std::ranges::copy(answer.as_array(), std::back_inserter(all));
    if (answer.as_array().size() < kPage) return all;
  }
}

Result<json::value> FindAccount(const daemon::RunInfo& running,
                                const std::string& account) {
  constexpr std::array<std::string_view, 2> kNames = {"name", "subdomain"};
  CARAVEL_TRY(const std::vector<json::value> accounts,
              AllOf(running, "/accounts"));
  return OnlyOne(accounts, "account", account, kNames);
}

Result<ChosenAccount> AccountNamed(const daemon::RunInfo& running,
                                   const std::string& account) {
  CARAVEL_TRY(const json::value found, FindAccount(running, account));
  ChosenAccount chosen{.id = TextIn(found, "id"),
                       .subdomain = TextIn(found, "subdomain")};
  if (chosen.id == running.account_id) chosen.subdomain.clear();
  return chosen;
}

Result<ChosenAccount> AccountOf(const daemon::RunInfo& running,
                                const Arguments& arguments) {
  const auto named = arguments.Text("account");
  if (!named) return ChosenAccount{.id = running.account_id, .subdomain = {}};
  return AccountNamed(running, *named);
}

Result<std::string> AccountIdOf(const ApiCommand& command) {
  CARAVEL_TRY(ChosenAccount account,
              AccountOf(command.running, command.arguments));
  return std::move(account.id);
}

std::string Table(const Terminal& terminal,
                  const std::vector<std::string>& head,
                  std::vector<std::vector<std::string>> rows) {
  for (auto& row : rows) std::ranges::transform(row, row.begin(), &CellText);
  std::vector<size_t> widths;
  for (const std::string& cell : head) widths.push_back(cell.size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (size_t i = 0; i < cells.size(); ++i) {
      text += i + 1 == cells.size()
                  ? cells[i]
                  : fmt::format("{:<{}}  ", cells[i], widths[i]);
    }
    return text;
  };
  std::string text = terminal.Dim(line(head));
  for (const auto& row : rows) text += "\n" + line(row);
  return text;
}

}  // namespace caravel::cli

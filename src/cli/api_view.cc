#include "cli/api_view.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/nearest_name.h"
#include "cli/api_client.h"
#include "cli/running.h"

namespace caravel::cli {

namespace json = boost::json;

void ApiCommand::Print(const json::value& value, std::string_view text) const {
  terminal.Print(arguments.Has("json") ? json::serialize(value)
                                       : terminal.AsCalled(text));
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
  CARAVEL_TRY(action->run({running, arguments, context.terminal}));
  return 0;
}

std::string TextIn(const json::value& object, std::string_view key) {
  const auto* fields = object.if_object();
  const auto* value = fields == nullptr ? nullptr : fields->if_contains(key);
  return value == nullptr || !value->is_string()
             ? std::string()
             : std::string(value->as_string());
}

Result<std::vector<json::value>> AllOf(const daemon::RunInfo& running,
                                       std::string_view path) {
  constexpr size_t kPage = 1000;
  std::vector<json::value> all;
  for (size_t page = 1;; ++page) {
    CARAVEL_TRY(json::value answer, AskApi(running, "GET",
                                           fmt::format("{}?per_page={}&page={}",
                                                       path, kPage, page)));
    if (!answer.is_array() || answer.as_array().empty()) return all;
    std::ranges::copy(answer.as_array(), std::back_inserter(all));
    if (answer.as_array().size() < kPage) return all;
  }
}

Result<json::value> FindAccount(const daemon::RunInfo& running,
                                const std::string& account) {
  CARAVEL_TRY(const std::vector<json::value> accounts,
              AllOf(running, "/accounts"));
  std::vector<std::string> names;
  for (const json::value& each : accounts) {
    for (const std::string_view key : {"id", "name", "subdomain"}) {
      if (TextIn(each, key) == account) return each;
      names.push_back(TextIn(each, key));
    }
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  return Error(ErrorCode::kNotFound,
               fmt::format("account \"{}\" does not exist{}", account,
                           base::DidYouMean(account, views)))
      .Remedy("./caravel account list shows those that do");
}

Result<std::string> AccountIdOf(const ApiCommand& command) {
  const auto named = command.arguments.Text("account");
  if (!named) return command.running.account_id;
  CARAVEL_TRY(const json::value account, FindAccount(command.running, *named));
  return TextIn(account, "id");
}

std::string Table(const Terminal& terminal,
                  const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows) {
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

#include "daemon/client/run_info.h"

#include <boost/json.hpp>

#include "daemon/client/child_process.h"
#include "daemon/client/files.h"

namespace caravel::daemon {
namespace {

namespace json = boost::json;

json::object ToObject(const RunInfo& info) {
  return {{"api", info.api},
          {"token", info.token},
          {"account_id", info.account_id},
          {"http", info.http},
          {"data", info.data},
          {"problem", info.problem},
          {"pid", info.pid},
          {"start_time", info.start_time}};
}

Result<json::object> ParseObject(std::string_view text) {
  boost::system::error_code error;
  json::value value =
      json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) {
    return Error(ErrorCode::kInvalid, "not a JSON object");
  }
  return std::move(value.as_object());
}

std::string TextOf(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string()
             ? std::string(value->as_string().c_str())
             : std::string();
}

template <typename T>
T NumberOf(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return T();
  boost::system::error_code error;
  const T number = value->to_number<T>(error);
  return error ? T() : number;
}

RunInfo FromObject(const json::object& object) {
  return {.api = TextOf(object, "api"),
          .token = TextOf(object, "token"),
          .account_id = TextOf(object, "account_id"),
          .http = TextOf(object, "http"),
          .data = TextOf(object, "data"),
          .problem = TextOf(object, "problem"),
          .pid = NumberOf<int>(object, "pid"),
          .start_time = NumberOf<uint64_t>(object, "start_time")};
}

// Codes travel by number: both ends are of one build.
ErrorCode CodeOf(int number) {
  constexpr int kLast = static_cast<int>(ErrorCode::kInternal);
  return number >= 0 && number <= kLast ? static_cast<ErrorCode>(number)
                                        : ErrorCode::kInternal;
}

}  // namespace

std::string RunInfoJson(const RunInfo& info) {
  json::object object = ToObject(info);
  object.erase("start_time");
  if (info.problem.empty()) object.erase("problem");
  return json::serialize(object);
}

Status SaveRunInfo(const DataFolder& folder, const RunInfo& info) {
  return ReplaceFile(folder.run_info(), json::serialize(ToObject(info)) + "\n");
}

Result<RunInfo> LoadRunInfo(const DataFolder& folder) {
  CARAVEL_TRY(const std::string text, ReadFile(folder.run_info()));
  CARAVEL_TRY(const json::object object,
              ParseObject(text).In(folder.run_info()));
  return FromObject(object);
}

Result<RunInfo> FindRunning(const DataFolder& folder) {
  const Error not_up =
      Error(
          ErrorCode::kNotFound,
          fmt::format("Caravel is not up on the data folder {}", folder.path()))
          .Remedy("start it: ./caravel up" + DataOption(folder.path()));
  Result<RunInfo> info = LoadRunInfo(folder);
  if (!info && info.error().code() == ErrorCode::kNotFound) {
    return not_up.Clone();
  }
  if (!info) return std::move(info).error();
  if (!FindProcess(info->pid, info->start_time)) return not_up.Clone();
  return info;
}

std::string ReadyLine(const RunInfo& info) {
  return json::serialize(ToObject(info)) + "\n";
}

std::string FailedLine(const Error& error) {
  return json::serialize(
             json::object{{"error", error.message()},
                          {"remedy", error.remedy()},
                          {"code", static_cast<int>(error.code())}}) +
         "\n";
}

Result<RunInfo> ParseReadyLine(std::string_view line) {
  CARAVEL_TRY(const json::object object, ParseObject(line));
  if (object.contains("error")) {
    return Error(CodeOf(NumberOf<int>(object, "code")), TextOf(object, "error"))
        .Remedy(TextOf(object, "remedy"));
  }
  return FromObject(object);
}

}  // namespace caravel::daemon

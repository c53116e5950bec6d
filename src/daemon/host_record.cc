#include "daemon/host_record.h"

#include <boost/json.hpp>

#include "daemon/client/files.h"

namespace caravel::daemon {
namespace {

namespace json = boost::json;

Error DamagedRecords(const std::string& path) {
  return Error(ErrorCode::kInvalid, path + ": the state file is damaged");
}

}  // namespace

Status SaveHostRecords(const std::string& path,
                       const std::vector<HostRecord>& records) {
  json::array hosts;
  for (const HostRecord& record : records) {
    hosts.push_back(json::object{{"id", record.id},
                                 {"pid", record.pid},
                                 {"start_time", record.start_time},
                                 {"key", record.key},
                                 {"socket", record.socket},
                                 {"folder", record.folder},
                                 {"installation", record.installation}});
  }
  return ReplaceFile(path,
                     json::serialize(json::object{{"hosts", hosts}}) + "\n");
}

Result<std::vector<HostRecord>> LoadHostRecords(const std::string& path) {
  Result<std::string> text = ReadFile(path);
  if (!text && text.error().code() == ErrorCode::kNotFound) {
    return std::vector<HostRecord>();
  }
  if (!text) return std::move(text).error();
  boost::system::error_code error;
  const json::value parsed = json::parse(*text, error);
  if (error || !parsed.is_object()) return DamagedRecords(path);
  const json::value* hosts = parsed.as_object().if_contains("hosts");
  if (hosts == nullptr || !hosts->is_array()) return DamagedRecords(path);
  std::vector<HostRecord> records;
  for (const json::value& each : hosts->as_array()) {
    try {  // Boost.JSON's accessors throw; what throws here is damage
      records.push_back(
          HostRecord{.id = json::value_to<std::string>(each.at("id")),
                     .pid = each.at("pid").to_number<pid_t>(),
                     .start_time = each.at("start_time").to_number<uint64_t>(),
                     .key = json::value_to<std::string>(each.at("key")),
                     .socket = json::value_to<std::string>(each.at("socket")),
                     .folder = json::value_to<std::string>(each.at("folder")),
                     .installation =
                         json::value_to<std::string>(each.at("installation"))});
    } catch (const std::exception&) {
      return DamagedRecords(path);
    }
  }
  return records;
}

}  // namespace caravel::daemon

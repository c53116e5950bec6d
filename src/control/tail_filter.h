#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/rules.h"
#include "registry/host_protocol.h"

// Which events of a Worker a tail shows.
// Source: Workers documentation, "wrangler tail", and what wrangler sends.
namespace caravel::api {

struct TailHeaderInput {
  std::string key;
  std::optional<std::string> query;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&TailHeaderInput::key, "Name of the field").Length(1, 256),
        api::Field(&TailHeaderInput::query, "A part of its value")
            .Length(0, 1024));
  }
};
BOOST_DESCRIBE_STRUCT(TailHeaderInput, (), (key, query))

// One condition. An event is shown when it meets all of them; of a list, one
// of its members.
struct TailFilterInput {
  std::optional<double> sampling_rate;
  std::vector<std::string> outcome;
  std::vector<std::string> method;
  std::vector<std::string> client_ip;
  std::optional<TailHeaderInput> header;
  std::optional<std::string> query;
  std::optional<std::string> script_version;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&TailFilterInput::sampling_rate,
                   "The part of the events that is shown, above 0 and at most "
                   "1; taken behind all other conditions"),
        api::Field(&TailFilterInput::outcome,
                   "ok, canceled, exception, exceededCpu, exceededMemory, "
                   "unknown")
            .Length(0, 16),
        api::Field(&TailFilterInput::method, "Methods of the request")
            .Length(0, 32),
        api::Field(&TailFilterInput::client_ip,
                   "Addresses of clients; \"self\" is who asks for the tail")
            .Length(0, 32),
        api::Field(&TailFilterInput::header, "A field of the request"),
        api::Field(&TailFilterInput::query, "A part of a log line")
            .Length(0, 1024),
        api::Field(&TailFilterInput::script_version, "Id of the version")
            .Key("scriptVersion")
            .Length(0, 64));
  }
};
BOOST_DESCRIBE_STRUCT(TailFilterInput, (),
                      (sampling_rate, outcome, method, client_ip, header, query,
                       script_version))

// The request of an event, as its host told it.
struct TailedRequest {
  boost::json::object headers;  // names in lower case
  boost::json::object cf;
};

// Of an event without one, or with one that cannot be read: empty.
TailedRequest ReadTailedRequest(const registry::LogEvent& event);

// A value; any thread may read.
class TailFilter {
 public:
  // `client`: the address that "self" stands for. kInvalid: a sampling rate
  // that is none.
  static Result<TailFilter> Make(std::vector<TailFilterInput> conditions,
                                 std::string_view client);

  // All conditions but sampling.
  bool Wants(const registry::LogEvent& event,
             const TailedRequest& request) const;
  double sampling_rate() const { return sampling_rate_; }

 private:
  std::vector<TailFilterInput> conditions_;
  double sampling_rate_ = 1;
};

}  // namespace caravel::api

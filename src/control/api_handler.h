#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/answer.h"
#include "control/endpoint.h"
#include "control/router.h"
#include "control/services.h"
#include "net/exchange.h"

namespace caravel::api {

// A request that may go on to its handler, or the answer that ends it here.
struct Admission {
  std::optional<Reply> refusal = {};

  const EndpointInfo* endpoint = nullptr;
  Request request = {};  // without its body
  registry::TokenOwner owner = {};
  // That of the path, or of the zone in it; else the token's own.
  registry::AccountId account = {};
  std::optional<UploadToken> session = {};
  std::string source = {};
  std::string client = {};
  std::string authority = {};
  bool is_https = false;
  size_t body_limit = 0;  // bytes
  // For the audit log, and in the answer.
  std::string method = {};
  std::string path = {};
  std::string user_agent = {};
  std::string id = {};
};

// The API without a network: which endpoint, who asks, may they, and what is
// the answer. All its paths are below /client/v4. Every request but one that
// looks (GET) is put on record, also one that is refused to a known token.
//
// Threads: any, several at once; both calls block on the database.
class ApiHandler {
 public:
  struct Options {
    std::vector<std::string> allowed_hosts;  // beside loopback (host_check.h)
  };

  // `endpoints` outlive the handler.
  ApiHandler(Services services, std::span<const EndpointInfo> endpoints,
             Options options);

  Admission Admit(const net::RequestHead& head) const;

  // Requires: `admission` has no refusal, and `body` is within its limit.
  Reply Run(const Admission& admission, std::string body) const;

 private:
  Admission AdmitRoute(std::string_view method, std::string_view path) const;
  std::optional<Reply> Authenticate(const net::Headers& headers,
                                    Admission& admission) const;
  // Of an endpoint with Scope::kUploadSession: what its token says, which goes
  // no further than the API token that the session was begun with.
  std::optional<Reply> ReadSession(std::string_view token,
                                   Admission& admission) const;
  // Which account it is about, if the token opens that.
  std::optional<Reply> ChooseAccount(Admission& admission) const;
  // Puts a change that was asked for on record, by whom and how it ended.
  void Audit(const Admission& admission, const registry::AccountId& account,
             registry::AuditOutcome outcome, const Reply& reply) const;

  const Services services_;
  const Router router_;
  const Options options_;
};

}  // namespace caravel::api

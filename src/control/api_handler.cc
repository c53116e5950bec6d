#include "control/api_handler.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/random.h"
#include "control/host_check.h"
#include "control/not_built.h"
#include "control/permissions.h"
#include "control/scope.h"

namespace caravel::api {
namespace {

constexpr std::string_view kBase = "/client/v4";

// Numbers of the Cloudflare API for what goes wrong before a handler runs.
constexpr int kNoRoute = 7000;
constexpr int kNoMethod = 7001;
constexpr int kNoCredentials = 9106;
constexpr int kNotAllowed = 10000;
constexpr int kNoAccount = 7003;
constexpr uint16_t kFirstFailure = 400;  // of the states of HTTP
constexpr int kInvalidToken = 1000;  // where verifying it is all that is asked

// The Cloudflare API takes bodies where an endpoint reads none, and so do we,
// but of who has no token.
size_t BodyLimitOf(const EndpointInfo& endpoint) {
  const size_t least = endpoint.scope == Scope::kPublic ? 0 : kJsonBodyLimit;
  return std::max(endpoint.body_limit, least);
}

Reply Refusal(uint16_t status, int number, Error error) {
  Reply reply = FailureReply(error, number);
  reply.status = status;
  return reply;
}

// The token that a request carries: as a Bearer token (RFC 6750), or as an API
// key beside an e-mail address. Empty: none.
std::string_view TokenOf(const net::Headers& headers) {
  constexpr std::string_view kBearer = "bearer ";
  if (const auto field = headers.Find("authorization")) {
    const std::string_view value = *field;
    if (value.size() <= kBearer.size() ||
        !net::EqualsIgnoringCase(value.substr(0, kBearer.size()), kBearer)) {
      return {};
    }
    const size_t start = value.find_first_not_of(' ', kBearer.size());
    return start == std::string_view::npos ? "" : value.substr(start);
  }
  return headers.Find("x-auth-key").value_or("");
}

// Why a token that is known opens nothing now; nothing: it does.
std::optional<Error> WhyNotValid(const registry::TokenTerms& terms,
                                 base::WallTime now) {
  const auto refuse = [&](std::string_view why, std::string_view remedy) {
    return Error(ErrorCode::kDenied,
                 fmt::format("Authentication error: API token \"{}\" {}",
                             terms.name, why))
        .Remedy(std::string(remedy));
  };
  switch (registry::StateOf(terms, now)) {
    case registry::TokenState::kActive:
      break;
    case registry::TokenState::kDisabled:
      return refuse("is disabled",
                    "set its status to active again, or use another token");
    case registry::TokenState::kNotYet:
      return refuse(fmt::format("is not valid before {}",
                                base::FormatTime(*terms.not_before)),
                    "wait until then, or use another token");
    case registry::TokenState::kExpired:
      return refuse(
          fmt::format("expired at {}", base::FormatTime(*terms.expires)),
          "`./caravel token create` makes a new one");
  }
  return std::nullopt;
}

}  // namespace

ApiHandler::ApiHandler(Services services,
                       std::span<const EndpointInfo> endpoints, Options options)
    : services_(services), router_(endpoints), options_(std::move(options)) {}

Admission ApiHandler::Admit(const net::RequestHead& head) const {
  if (!IsAllowedHost(head.authority, options_.allowed_hosts)) {
    return {.refusal = Refusal(
                403, kNoRoute,
                Error(ErrorCode::kDenied,
                      fmt::format("Host \"{}\": the API answers only under "
                                  "loopback names",
                                  head.authority.substr(0, 255)))
                    .Remedy("use localhost or 127.0.0.1, or add the name to "
                            "the API's allowed hosts"))};
  }
  const std::string_view target = head.target;
  const size_t mark = std::min(target.find('?'), target.size());
  Admission admission = AdmitRoute(head.method, target.substr(0, mark));
  if (admission.refusal) return admission;
  admission.id = base::RandomHex(8);
  admission.method = head.method;
  admission.path = target.substr(0, mark);
  admission.user_agent = head.headers.Find("user-agent").value_or("");
  admission.request.query = target.substr(std::min(mark + 1, target.size()));
  admission.request.content_type =
      head.headers.Find("content-type").value_or("");
  admission.source =
      admission.user_agent.starts_with("wrangler/") ? "wrangler" : "api";
  admission.client = head.client;
  admission.authority = head.authority;
  // As a proxy in front says, which may be the one that speaks TLS.
  admission.is_https =
      head.scheme == "https" ||
      head.headers.Find("x-forwarded-proto").value_or("") == "https";
  admission.refusal = Authenticate(head.headers, admission);
  if (admission.refusal) {
    admission.refusal->request = admission.id;
    Audit(admission, admission.account, registry::AuditOutcome::kRefused,
          *admission.refusal);
  }
  return admission;
}

Admission ApiHandler::AdmitRoute(std::string_view method,
                                 std::string_view path) const {
  if (!path.starts_with(kBase) || !path.substr(kBase.size()).starts_with('/')) {
    return {.refusal =
                Refusal(404, kNoRoute,
                        Error(ErrorCode::kNotFound,
                              fmt::format("{} {}: no such page", method, path))
                            .Remedy(fmt::format(
                                "paths of the API begin with {}/", kBase)))};
  }
  path.remove_prefix(kBase.size());
  Router::Match match = router_.Find(method, path);
  if (match.endpoint != nullptr) {
    return {.endpoint = match.endpoint,
            .request = {.path = std::move(match.path)},
            .body_limit = BodyLimitOf(*match.endpoint)};
  }
  if (!match.allowed.empty() && NotBuiltProduct(method, path).empty()) {
    return {.refusal =
                Refusal(405, kNoMethod,
                        Error(ErrorCode::kInvalid,
                              fmt::format("{} {}: not available for this path",
                                          method, path))
                            .Remedy(fmt::format("it has {}", match.allowed)))};
  }
  return {.refusal = Refusal(404, kNoRoute, NotBuilt(method, path))};
}

std::optional<Reply> ApiHandler::Authenticate(const net::Headers& headers,
                                              Admission& admission) const {
  const EndpointInfo& endpoint = *admission.endpoint;
  if (endpoint.scope == Scope::kPublic) return {};
  const std::string_view token = TokenOf(headers);
  if (token.empty()) {
    return Refusal(401, kNoCredentials,
                   Error(ErrorCode::kDenied, "the request carries no API token")
                       .Remedy("set CLOUDFLARE_API_TOKEN, or send it as "
                               "Authorization: Bearer TOKEN"));
  }
  const bool of_session = endpoint.scope == Scope::kUploadSession;
  if (of_session) {
    if (auto refusal = ReadSession(token, admission)) return refusal;
  }
  registry::Tokens& tokens = services_.registry.tokens();
  auto found = of_session ? tokens.FindById({admission.session->begun_by})
                          : tokens.Find(token);
  // wrangler decides by another number where a token is verified.
  const bool verifies = endpoint.path.ends_with("/tokens/verify");
  const int invalid = verifies ? kInvalidToken : kNotAllowed;
  if (!found) {
    if (found.error().code() != ErrorCode::kDenied) {
      return FailureReply(found.error(),
                          ErrorNumbers().Of(found.error().code()));
    }
    return Refusal(401, invalid,
                   Error(ErrorCode::kDenied,
                         verifies ? "Invalid API Token"
                                  : "Authentication error: no such API token")
                       .Remedy("`./caravel env` prints the one that is valid "
                               "here"));
  }
  admission.owner = std::move(found->owner);
  if (auto why = WhyNotValid(found->terms, services_.clock.Wall())) {
    return Refusal(401, invalid, *std::move(why));
  }
  if (auto refusal = ChooseAccount(admission)) return refusal;
  if (of_session && admission.account.value != admission.session->account) {
    return Refusal(404, kNoAccount,
                   NoSuchAccount(admission.owner, admission.account.value));
  }
  const Scope scope = of_session ? Scope::kWorkersWrite : endpoint.scope;
  if (!IsAllowed(admission.owner, admission.account, scope)) {
    return Refusal(403, kNotAllowed,
                   NotAllowed(admission.owner, admission.account, scope));
  }
  return {};
}

std::optional<Reply> ApiHandler::ReadSession(std::string_view token,
                                             Admission& admission) const {
  auto session =
      ReadUploadToken(services_.registry, token, services_.clock.Wall());
  if (!session) {
    return Refusal(401, kNotAllowed, std::move(session).error());
  }
  if (session->use != UploadToken::Use::kUpload) {
    return Refusal(403, kNotAllowed,
                   Error(ErrorCode::kDenied,
                         "the token of the upload session is for a version: "
                         "its contents have arrived"));
  }
  admission.session = std::move(*session);
  return {};
}

std::optional<Reply> ApiHandler::ChooseAccount(Admission& admission) const {
  const registry::TokenOwner& owner = admission.owner;
  const auto& path = admission.request.path;
  const auto failed = [](const Error& error) {
    return FailureReply(error, ErrorNumbers().Of(error.code()));
  };
  admission.account = owner.account;
  if (admission.endpoint->in_account) {
    const registry::AccountId asked{path.find("account_id")->second};
    const Result<bool> opens = Opens(services_.registry, owner, asked);
    if (!opens) return failed(opens.error());
    if (!*opens) {
      return Refusal(404, kNoAccount, NoSuchAccount(owner, asked.value));
    }
    admission.account = asked;
    return {};
  }
  const auto zone = path.find("zone_id");
  if (zone == path.end()) return {};
  // A zone that the token does not open is left to the handler, which does not
  // find it.
  const auto account = services_.registry.zones().OwnerOf({zone->second});
  if (!account) return failed(account.error());
  if (!*account) return {};
  const Result<bool> opens = Opens(services_.registry, owner, **account);
  if (!opens) return failed(opens.error());
  if (*opens) admission.account = **account;
  return {};
}

Reply ApiHandler::Run(const Admission& admission, std::string body) const {
  Request request = admission.request;
  request.body = std::move(body);
  Caller caller{.services = services_,
                .owner = admission.owner,
                .account = admission.account,
                .source = admission.source,
                .session = admission.session,
                .client = admission.client,
                .authority = admission.authority,
                .is_https = admission.is_https};
  Reply reply = admission.endpoint->run(caller, request);
  reply.request = admission.id;
  // The handler may have chosen another account, which the body names.
  Audit(admission, caller.account,
        reply.status < kFirstFailure ? registry::AuditOutcome::kDone
                                     : registry::AuditOutcome::kFailed,
        reply);
  return reply;
}

void ApiHandler::Audit(const Admission& admission,
                       const registry::AccountId& account,
                       registry::AuditOutcome outcome,
                       const Reply& reply) const {
  const registry::TokenOwner& owner = admission.owner;
  if (admission.endpoint->method == Method::kGet ||
      owner.account.value.empty()) {
    return;
  }
  // What is done to the platform stands with those who run it; a request that
  // was refused too early to be about an account, with its token's.
  const bool of_own = account.value.empty() ||
                      admission.endpoint->scope == Scope::kPlatformWrite;
  services_.audit.Record({.id = base::RandomUuid(),
                          .account = of_own ? owner.account : account,
                          .time = services_.clock.Wall(),
                          .token = owner.token,
                          .token_name = owner.name,
                          .email = owner.email,
                          .address = admission.client,
                          .user_agent = admission.user_agent,
                          .operation = std::string(admission.endpoint->summary),
                          .method = admission.method,
                          .path = admission.path,
                          .outcome = outcome,
                          .status = reply.status,
                          .request = admission.id});
}

}  // namespace caravel::api

#include "control/token_endpoints.h"

#include <algorithm>

#include "base/clock.h"
#include "base/lower_case.h"
#include "base/parse_time.h"
#include "control/permission_groups.h"
#include "control/permissions.h"
#include "control/tail_sessions.h"
#include "control/time_input.h"

namespace caravel::api {
namespace {

std::string StatusText(registry::TokenState state) {
  switch (state) {
    case registry::TokenState::kDisabled:
      return "disabled";
    case registry::TokenState::kExpired:
      return "expired";
    case registry::TokenState::kActive:
    case registry::TokenState::kNotYet:
      break;
  }
  return "active";
}

ApiTokenSeen Seen(const registry::Token& token, base::WallTime now) {
  return {
      .id = token.id.value,
      .name = token.terms.name,
      .status = StatusText(StateOf(token.terms, now)),
      .issued_on = base::FormatTime(token.created),
      .modified_on = base::FormatTime(token.modified),
      .last_used_on = TimeText(token.last_used),
      .not_before = TimeText(token.terms.not_before),
      .expires_on = TimeText(token.terms.expires),
      .policies = {PolicyOf(token)},
      .scopes = token.terms.scopes,
      .member = token.email.empty() ? std::nullopt : std::optional(token.email),
      .value = std::nullopt};
}

Result<std::optional<base::WallTime>> TimeOf(
    std::string_view field, const std::optional<std::string>& text) {
  if (!text) return std::optional<base::WallTime>();
  const auto time = base::ParseTime(*text);
  if (time && *time > base::WallTime()) return time;
  return Error(ErrorCode::kInvalid, fmt::format("{}: \"{}\" is no time", field,
                                                text->substr(0, 100)))
      .Remedy(
          "write it as 2027-01-01T00:00:00Z, or as a day; the command line "
          "takes 30d, too");
}

// What the input asks for, if the caller may give it.
Result<registry::TokenTerms> TermsOf(const Caller& caller, TokenInput input,
                                     bool of_member) {
  if (input.condition && !input.condition->is_null() &&
      !(input.condition->is_object() && input.condition->as_object().empty())) {
    return Error(ErrorCode::kInvalid,
                 "condition: limits on the address of who uses a token are "
                 "not built")
        .Remedy("leave it out");
  }
  registry::TokenTerms terms{.name = std::move(input.name),
                             .scopes = std::move(input.scopes),
                             .enabled = true,
                             .not_before = std::nullopt,
                             .expires = std::nullopt};
  CARAVEL_TRY(const std::vector<std::string> granted,
              ScopesOf(input.policies, caller.account));
  terms.scopes.insert(terms.scopes.end(), granted.begin(), granted.end());
  std::ranges::sort(terms.scopes);
  const auto repeated = std::ranges::unique(terms.scopes);
  terms.scopes.erase(repeated.begin(), repeated.end());
  if (terms.scopes.empty()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("token \"{}\": may do nothing", terms.name))
        .Remedy("say what it may do in \"scopes\" or in \"policies\"");
  }
  CARAVEL_TRY(CheckMayGrant(caller, terms.scopes, of_member));
  if (input.status) {
    if (*input.status != "active" && *input.status != "disabled") {
      return Error(ErrorCode::kInvalid,
                   fmt::format("status: \"{}\" is not one of active, disabled",
                               input.status->substr(0, 100)));
    }
    terms.enabled = *input.status == "active";
  }
  CARAVEL_TRY(terms.not_before, TimeOf("not_before", input.not_before));
  CARAVEL_TRY(terms.expires, TimeOf("expires_on", input.expires_on));
  CARAVEL_TRY(CheckMayLast(caller, terms.expires));
  return terms;
}

// Who follows a log by the token begins anew, if they still may.
void EndTailsOf(const Caller& caller, const registry::TokenId& token) {
  caller.services.tails.EndWhere(
      [&](const TailSession& session) { return session.token == token; });
}

// A member's token is the member's matter, and that of who chooses members. One
// that opens other accounts, too, is not that of this account.
Status CheckMayChange(const Caller& caller, const registry::Token& token) {
  const bool is_own =
      caller.owner.everywhere && caller.owner.user == token.user;
  if (token.everywhere && !is_own && !caller.owner.runs_platform) {
    return Error(ErrorCode::kDenied,
                 fmt::format("token \"{}\": opens all accounts of {}, not only "
                             "this one",
                             token.terms.name, token.email))
        .Remedy("it can be removed here, but only changed by whose it is");
  }
  return token.email.empty() ? Status() : CheckMayActAs(caller, token.email);
}

}  // namespace

Result<Page<ApiTokenSeen>> ListTokens(Caller& caller, const AccountPath&,
                                      Query<PageQuery> query) {
  CARAVEL_TRY(const std::vector<registry::Token> tokens,
              caller.services.registry.tokens().List(caller.account));
  std::vector<ApiTokenSeen> seen;
  for (const registry::Token& token : tokens) {
    seen.push_back(Seen(token, caller.services.clock.Wall()));
  }
  return PageOf(std::move(seen), query.value);
}

Result<ApiTokenSeen> PostToken(Caller& caller, const AccountPath&,
                               TokenInput input) {
  std::optional<registry::Tokens::For> member;
  if (input.member) {
    CARAVEL_TRY(CheckMayActAs(caller, *input.member));
    // Who holds it is that person in each of their accounts: only they, and who
    // runs the platform, make such a one.
    const bool is_own = caller.owner.everywhere &&
                        base::LowerCase(*input.member) == caller.owner.email;
    member = {.email = *input.member,
              .everywhere = caller.owner.runs_platform || is_own};
  }
  CARAVEL_TRY(const registry::TokenTerms terms,
              TermsOf(caller, std::move(input), member.has_value()));
  const base::WallTime now = caller.services.clock.Wall();
  if (terms.expires && *terms.expires <= now) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("expires_on: {} has passed",
                             base::FormatTime(*terms.expires)))
        .Remedy("say a time that is to come");
  }
  CARAVEL_TRY(
      registry::Tokens::Made made,
      caller.services.registry.tokens().Create(caller.account, terms, member));
  ApiTokenSeen seen = Seen(made.token, now);
  seen.value = std::move(made.value);
  return seen;
}

Result<ApiTokenSeen> GetToken(Caller& caller, const TokenPath& path) {
  CARAVEL_TRY(
      const registry::Token token,
      caller.services.registry.tokens().Get(caller.account, {path.token_id}));
  return Seen(token, caller.services.clock.Wall());
}

Result<ApiTokenSeen> PutToken(Caller& caller, const TokenPath& path,
                              TokenInput input) {
  registry::Tokens& tokens = caller.services.registry.tokens();
  CARAVEL_TRY(const registry::Token before,
              tokens.Get(caller.account, {path.token_id}));
  CARAVEL_TRY(CheckMayChange(caller, before));
  if (input.member && base::LowerCase(*input.member) != before.email) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("member: token \"{}\" stays whose it is",
                             before.terms.name))
        .Remedy("make another token");
  }
  CARAVEL_TRY(const registry::TokenTerms terms,
              TermsOf(caller, std::move(input), !before.user.value.empty()));
  CARAVEL_TRY(const registry::Token token,
              tokens.Update(caller.account, {path.token_id}, terms));
  EndTailsOf(caller, token.id);
  return Seen(token, caller.services.clock.Wall());
}

Result<std::string> PutTokenValue(Caller& caller, const TokenPath& path) {
  registry::Tokens& tokens = caller.services.registry.tokens();
  CARAVEL_TRY(const registry::Token token,
              tokens.Get(caller.account, {path.token_id}));
  // Who sees the new value can do all that the token may.
  CARAVEL_TRY(CheckMayChange(caller, token));
  CARAVEL_TRY(
      CheckMayGrant(caller, token.terms.scopes, !token.user.value.empty()));
  CARAVEL_TRY(CheckMayLast(caller, token.terms.expires));
  CARAVEL_TRY(registry::Tokens::Made made,
              tokens.Roll(caller.account, {path.token_id}));
  EndTailsOf(caller, token.id);
  return std::move(made.value);
}

Result<TokenGoneSeen> DeleteToken(Caller& caller, const TokenPath& path) {
  CARAVEL_TRY(caller.services.registry.tokens().Remove(caller.account,
                                                       {path.token_id}));
  EndTailsOf(caller, {path.token_id});
  return TokenGoneSeen{path.token_id};
}

Result<std::vector<GroupSeen>> ListPermissionGroups(Caller&,
                                                    const AccountPath&) {
  std::vector<GroupSeen> seen;
  for (const PermissionGroup& group : PermissionGroups()) {
    seen.push_back(
        {.id = group.id,
         .name = std::string(group.name),
         .scopes = {group.of_zones ? "com.cloudflare.api.account.zone"
                                   : "com.cloudflare.api.account"},
         .scope = std::string(group.scope)});
  }
  return seen;
}

}  // namespace caravel::api

// What somebody asks a token or a member to be, as JSON: decoding and reading
// it either fails with a reason or gives scopes that tokens can be given, the
// same again from the policy that says what they come to.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "control/json_decode.h"
#include "control/member_endpoints.h"
#include "control/permission_groups.h"
#include "control/roles.h"
#include "control/token_endpoints.h"

namespace {

using namespace caravel;

const registry::AccountId kAccount{"0123456789abcdef0123456789abcdef"};

void CheckReason(const Error& error) {
  if (error.message().empty()) abort();
}

bool IsGrantedScope(std::string_view name) {
  return std::ranges::any_of(api::kScopes, [&](const api::ScopeInfo& info) {
    return info.name == name && api::IsGrantable(info.scope);
  });
}

void ReadToken(std::string_view text) {
  const auto input = api::DecodeJson<api::TokenInput>(
      text, "the body", api::UnknownKeys::kRefuse);
  if (!input) return CheckReason(input.error());
  if (!api::CheckTokenName(input->name)) abort();
  auto scopes = api::ScopesOf(input->policies, kAccount);
  if (!scopes) return CheckReason(scopes.error());
  if (!std::ranges::all_of(*scopes, &IsGrantedScope)) abort();
  if (scopes->empty()) return;
  registry::Token token;
  token.account = kAccount;
  token.terms.scopes = *scopes;
  auto again = api::ScopesOf({api::PolicyOf(token)}, kAccount);
  if (!again) abort();
  for (auto* list : {&*scopes, &*again}) {
    std::ranges::sort(*list);
    const auto repeated = std::ranges::unique(*list);
    list->erase(repeated.begin(), repeated.end());
  }
  if (*again != *scopes) abort();
}

void ReadMember(std::string_view text) {
  const auto input = api::DecodeJson<api::MemberInput>(
      text, "the body", api::UnknownKeys::kRefuse);
  if (!input) return CheckReason(input.error());
  const auto role = api::RoleIn(input->role, input->roles);
  if (!role) return CheckReason(role.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ReadToken(text);
  ReadMember(text);
  return 0;
}

#include "registry/host_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace caravel::registry {

std::vector<std::string> HostNames(const Account& account,
                                   std::string_view worker,
                                   std::string_view domain) {
  std::vector<std::string> hosts;
  if (!domain.empty()) {
    hosts.push_back(fmt::format("{}.{}.{}", worker, account.subdomain, domain));
  }
  if (account.number == 1) hosts.push_back(fmt::format("{}.localhost", worker));
  hosts.push_back(fmt::format("{}.{}.localhost", worker, account.subdomain));
  for (std::string& host : hosts) {
    std::ranges::transform(host, host.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
  }
  return hosts;
}

std::string PreviewHost(std::string_view preview, std::string_view host) {
  constexpr size_t kLongestLabel = 63;
  std::string name = fmt::format("{}-{}", preview, host);
  if (std::min(name.find('.'), name.size()) > kLongestLabel) name.clear();
  return name;
}

Status CheckPreviewAlias(std::string_view alias, std::string_view worker) {
  const auto wrong = [alias](std::string_view what) {
    return Error(ErrorCode::kInvalid, fmt::format("preview alias \"{}\" {}",
                                                  alias.substr(0, 100), what))
        .Remedy(
            "use a-z, 0-9 and -, a letter first and no dash last, and together "
            "with the Worker's name 62 characters at most");
  };
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (alias.empty() || !is_letter(alias.front()) || alias.back() == '-') {
    return wrong("does not begin with a letter, or ends with a dash");
  }
  if (!std::ranges::all_of(alias, [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
      })) {
    return wrong("has another character");
  }
  if (PreviewHost(alias, worker).empty()) return wrong("is too long");
  return {};
}

}  // namespace caravel::registry

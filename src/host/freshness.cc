#include "host/freshness.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/lower_case.h"
#include "host/conditions.h"
#include "net/http_syntax.h"

namespace caravel::host {
namespace {

// Fields that stand in for Cache-Control, the first one that is there. Source:
// Cloudflare's documentation, "CDN-Cache-Control" (RFC 9213).
constexpr std::array<std::string_view, 3> kControlFields = {
    "Cloudflare-CDN-Cache-Control", "CDN-Cache-Control", "Cache-Control"};

// Calls `visit` with each element of the lists in all fields of that name.
template <typename Visit>
void ForEachElement(const net::Headers& headers, std::string_view name,
                    const Visit& visit) {
  for (size_t i = 0; i < headers.size(); ++i) {
    if (!net::EqualsIgnoringCase(headers[i].name, name)) continue;
    std::string_view rest = headers[i].value;
    while (true) {
      const std::string_view element = net::NextListElement(rest);
      if (element.empty()) break;
      visit(element);
    }
  }
}

std::optional<int64_t> SecondsOf(std::string_view text) {
  if (text.starts_with('"')) text.remove_prefix(1);
  if (text.ends_with('"')) text.remove_suffix(1);
  int64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || value < 0) return {};
  if (error == std::errc::result_out_of_range) return INT32_MAX;
  if (error != std::errc()) return {};
  return std::min<int64_t>(value, INT32_MAX);
}

// RFC 9111, section 5.2.2, as far as a shared cache that asks again for what is
// stale goes by it.
struct CacheControl {
  bool never = false;
  bool for_all = false;  // also of a request with credentials
  bool without_cookie = false;
  bool is_for_caches = false;  // alone, so that nothing else counts
  std::optional<int64_t> age;
  std::optional<int64_t> shared_age;
};

CacheControl ReadCacheControl(const net::Headers& headers) {
  CacheControl control;
  const std::string_view field =
      *std::ranges::find_if(kControlFields.begin(), kControlFields.end() - 1,
                            [&headers](std::string_view name) {
                              return headers.Find(name).has_value();
                            });
  control.is_for_caches = field != kControlFields.back();
  ForEachElement(headers, field, [&control](std::string_view part) {
    const size_t equals = part.find('=');
    const std::string_view name = net::TrimWhitespace(part.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos
            ? std::string_view()
            : net::TrimWhitespace(part.substr(equals + 1));
    const auto is = [name](std::string_view known) {
      return net::EqualsIgnoringCase(name, known);
    };
    if (is("private") && !value.empty()) {
      control.without_cookie =
          control.without_cookie ||
          base::LowerCase(value).find("set-cookie") != std::string::npos;
    } else if (is("no-store") || is("no-cache") || is("private")) {
      control.never = true;
    } else if (is("public") || is("must-revalidate")) {
      control.for_all = true;
    } else if (is("max-age")) {
      control.age = SecondsOf(value).value_or(0);
    } else if (is("s-maxage")) {
      control.shared_age = SecondsOf(value).value_or(0);
      control.for_all = true;
    }
  });
  return control;
}

int64_t UsualAge(uint16_t status) {
  switch (status) {
    case 200:
    case 301:
      return 7200;
    case 302:
    case 303:
      return 1200;
    case 404:
    case 410:
      return 180;
    default:
      return 0;
  }
}

// What an origin answers to one request's conditions, range or size, by which
// no answer that is kept is chosen: others would be given it too.
bool IsForOneRequest(uint16_t status) {
  constexpr std::array<uint16_t, 6> kStatuses = {206, 304, 412, 416, 417, 431};
  return status < 200 ||
         std::ranges::find(kStatuses, status) != kStatuses.end();
}

// What went wrong is not kept by one number for all answers.
bool IsKeptByTtl(uint16_t status) {
  return status < 400 || status == 404 || status == 410;
}

// Below 0: it is not kept.
std::optional<int64_t> TtlOf(const runtime::FetchRules& rules,
                             uint16_t status) {
  for (const runtime::FetchRules::OfStatus& rule : rules.by_status) {
    if (rule.first <= status && status <= rule.last) return rule.ttl;
  }
  if (!rules.ttl) return {};
  return IsKeptByTtl(status) ? *rules.ttl : -1;
}

int64_t ToldAge(const net::ResponseHead& answer, const CacheControl& control,
                base::WallTime now) {
  const auto given = answer.headers.Find("Age");
  const int64_t age = given ? SecondsOf(*given).value_or(0) : 0;
  if (control.shared_age) return *control.shared_age - age;
  if (control.age) return *control.age - age;
  const auto expires = answer.headers.Find("Expires");
  if (!expires || control.is_for_caches) return UsualAge(answer.status);
  const auto time = ParseHttpDate(*expires);
  if (!time) return 0;
  return std::chrono::duration_cast<std::chrono::seconds>(*time - now).count();
}

}  // namespace

std::optional<int64_t> FreshFor(const runtime::FetchRules& rules,
                                const net::Headers& request,
                                const net::ResponseHead& answer,
                                base::WallTime now) {
  if (IsForOneRequest(answer.status)) return {};
  bool varies_by_all = false;
  ForEachElement(answer.headers, "Vary",
                 [&varies_by_all](std::string_view name) {
                   varies_by_all = varies_by_all || name == "*";
                 });
  if (varies_by_all) return {};
  if (const auto ttl = TtlOf(rules, answer.status)) {
    return *ttl < 0 ? std::nullopt : ttl;
  }
  const CacheControl control = ReadCacheControl(answer.headers);
  if (control.never) return {};
  if (answer.headers.Find("Set-Cookie") && !control.without_cookie) return {};
  if (request.Find("Authorization") && !control.for_all) return {};
  const int64_t age = ToldAge(answer, control, now);
  return age > 0 ? std::optional(age) : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> VariesBy(
    const net::Headers& answer, const net::Headers& request) {
  std::vector<std::pair<std::string, std::string>> varies;
  ForEachElement(answer, "Vary", [&](std::string_view name) {
    std::string values;
    bool first = true;
    for (size_t i = 0; i < request.size(); ++i) {
      const net::Headers::Field field = request[i];
      if (!net::EqualsIgnoringCase(field.name, name)) continue;
      if (!first) values += ", ";
      values += field.value;
      first = false;
    }
    varies.emplace_back(base::LowerCase(name), std::move(values));
  });
  std::ranges::sort(varies);
  const auto again = std::ranges::unique(varies);
  varies.erase(again.begin(), again.end());
  return varies;
}

}  // namespace caravel::host

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::registry {

// Lower case, without the dot that may end it. Empty or as `text` says: whether
// it is the name of a host is for CheckHostName() to say.
std::string LowerHost(std::string_view text);

// Labels of letters, digits, inner dashes and _, at least two of them, no port:
// what may be a zone or a host name in one. Requires: lower case.
Status CheckHostName(std::string_view name);

// Whether `host` is `zone` or a name below it. Both in lower case.
bool IsWithin(std::string_view host, std::string_view zone);

// Which requests a route takes: "shop.example.com/cart*", "*.example.com/",
// "https://*example.com/*". A star may begin the host and end the path; a
// pattern without a path means "/"; the query counts as a part of the path, so
// only a pattern that ends with a star takes requests with one.
// Source: Workers documentation, Routes, "Matching behavior" and "Validity".
struct RoutePattern {
  std::string scheme;       // "http", "https"; empty: both
  bool any_prefix = false;  // the host began with a star
  std::string host;         // lower case, without the star: ".example.com"
  std::string path;         // "/cart", case kept, without the star
  bool any_suffix = false;  // the path ended with a star

  // kInvalid names the pattern, what is wrong and what may stand there.
  static Result<RoutePattern> Parse(std::string_view pattern);

  // `host` in lower case and without port; `target` is path and query.
  bool Matches(std::string_view request_scheme, std::string_view request_host,
               std::string_view target) const;

  // The host name that the pattern names: "example.com" for "*.example.com/*".
  std::string_view HostName() const;

  // The same for patterns that take the same requests.
  std::string ToText() const;

  // Of two patterns that match a request the one that IsBefore() is taken: a
  // host without star, then the longer host, then a path without star, then the
  // longer path, then one that names a scheme.
  bool IsBefore(const RoutePattern& other) const;
};

}  // namespace caravel::registry

#pragma once

#include <string>
#include <string_view>

// How the path of a request is read: by assets as a URL has it, by routes so
// that no way of writing it gets around one. All take linear time.
namespace caravel::host {

// The parts of a target, path and query; the query has its "?".
inline std::string_view PathOf(std::string_view target) {
  return target.substr(0, target.find('?'));
}
inline std::string_view QueryOf(std::string_view target) {
  return target.substr(PathOf(target).size());
}

// The target as a URL has it: segments of dots carried out, also escaped ones,
// and slashes for backslashes. `memory` holds it where it differs. What does
// not begin with a slash is left as it is.
// Source: URL Standard, 4.4, "path state".
std::string_view UrlTarget(std::string_view target, std::string& memory);

// The same as routes are matched with it: what needs no percent-encoding is
// decoded besides, all other escapes are in capital letters, and slashes that
// follow one another are one; "*" is "/". The query is left as it is.
// Source: RFC 3986, section 6.2.2; Cloudflare's documentation, "URL
// normalization".
std::string PlainTarget(std::string_view target);

// Whether PlainTarget() would leave it as it is; false also where it might.
bool IsPlainTarget(std::string_view target);

// A path decoded, with one slash for several. A segment that decodes to other
// than UTF-8, or that holds a "%" which begins no escape, stays as it is.
std::string DecodedPath(std::string_view path);

// A decoded path encoded as encodeURIComponent() of JavaScript does, but for
// slashes.
std::string EncodedPath(std::string_view path);

}  // namespace caravel::host

#pragma once

#include <v8.h>

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

// The URL Standard's parser and setters, by Ada. A URL is its href; no native
// object stands behind a URL in JS. What answers an href leaves in
// native.scratch: [protocol_end, username_end, host_start, host_end, port,
// pathname_start,
//  search_start, hash_start, scheme_type], see ada.h. An href is ASCII, so its
// offsets are indexes of the JS string. What has more than 16 MB, before or
// after it is parsed, is no URL.
//
// Threads: the one that is in the isolate.
struct UrlOps {
  // URL Standard, section 4.4 (basic URL parser); null on failure of either.
  // Lone surrogates are read as U+FFFD, as those of a USVString.
  static js::Result<v8::Value> Parse(js::Scope& scope,
                                     v8::Local<v8::String> input,
                                     std::optional<std::string> base);

  // The parts that have a setter, numbered as in web/native.ts.
  enum Part : int32_t {
    kHref,
    kProtocol,
    kUsername,
    kPassword,
    kHost,
    kHostname,
    kPort,
    kPathname,
    kSearch,
    kHash
  };
  // URL Standard, section 6.1: the setter of `part`. Null when it refuses.
  static js::Result<v8::Value> Set(js::Scope& scope, std::string href,
                                   int32_t part, std::string value);

  // URL Standard, section 4.7: the serialized origin, "null" for an opaque one.
  static js::ByteString Origin(js::Scope& scope, std::string href);

  static constexpr auto Js() {
    return js::Functions(js::Function("urlParse", &Parse),
                         js::Function("urlSet", &Set),
                         js::Function("urlOrigin", &Origin));
  }
};

}  // namespace caravel::runtime

#pragma once

#include <v8.h>

#include <string_view>

#include "runtime/js/error.h"
#include "runtime/js/scope.h"

// What node:crypto throws where OpenSSL refuses.
//
// Source: Node's documentation, "Errors", section "OpenSSL errors".
namespace caravel::runtime {

// Takes OpenSSL's errors of this thread: the oldest is thrown, with `code`,
// `library`, `reason` and, of the others, the newest first,
// `opensslErrorStack`. `otherwise` is the message where OpenSSL keeps none.
// Gives nothing, to be returned at once.
js::Result<v8::Value> ThrowOpenSsl(js::Scope& scope,
                                   std::string_view otherwise);
// The same, with `opensslErrorStack` of all, also of the one that is thrown: so
// Node has it where it reads keys and runs ciphers. The error has
// OpenSSL's message where there is one, or always ours.
enum class MessageOf { kOpenSsl, kOurs };
js::Result<v8::Value> ThrowOpenSslWhole(js::Scope& scope,
                                        std::string_view message,
                                        MessageOf owner = MessageOf::kOpenSsl);

// The same of the oldest error alone, as Node does in some places.
js::Result<v8::Value> ThrowFirstOpenSsl(js::Scope& scope,
                                        std::string_view otherwise);

enum class ErrorClass { kError, kTypeError, kRangeError };
// Throws an error with that code, which is one of Node's.
js::Result<v8::Value> ThrowCoded(js::Scope& scope, ErrorClass kind,
                                 std::string_view code,
                                 std::string_view message);

// Of a key beyond kLongestKey (key_bounds.h).
js::Result<v8::Value> ThrowKeyTooLong(js::Scope& scope);

// For work that is cut short because the running call has come to its limit.
js::Result<v8::Value> ThrowCallEnds(js::Scope& scope);

// An ArrayBuffer with a copy of the bytes. RangeError beyond the isolate's
// memory.
js::Result<v8::Value> ToBuffer(js::Scope& scope, std::string_view bytes);
// The same, to be filled. Empty: RangeError was thrown.
js::Result<v8::ArrayBuffer> NewCryptoBuffer(js::Scope& scope, size_t size);

}  // namespace caravel::runtime

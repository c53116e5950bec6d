#pragma once

#include <v8.h>

#include <string_view>

#include "runtime/js/error.h"
#include "runtime/js/scope.h"

// Strings and buffers as large as a tenant's input makes them. Where V8 or the
// isolate's memory limit refuses the size, the RangeError that JS knows is
// thrown and the result is empty.
namespace caravel::js {

// A string of the bytes as Latin-1, or of UTF-16 code units.
Result<v8::String> NewOneByte(Scope& scope, std::string_view latin1);
Result<v8::String> NewTwoByte(Scope& scope, std::u16string_view text);

// A buffer whose contents the caller fills before JS sees it.
Result<v8::ArrayBuffer> NewBuffer(Scope& scope, size_t size);
// A buffer with a copy of `bytes`.
Result<v8::ArrayBuffer> NewBuffer(Scope& scope, std::string_view bytes);

}  // namespace caravel::js

#pragma once

#include <v8.h>

#include <string_view>

#include "net/headers.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

// Of one message, as Workers have it.
constexpr size_t kMaxHeaderBytes = 128 * 1024;

// Whether `value` can stand in a field's line: it has neither CR, LF nor NUL.
bool IsHeaderValue(std::string_view value);

// Reads a flat list [name, value, …] of ByteStrings, as the Headers class keeps
// it, into `out`. Names and values were checked by Headers when they were set;
// they are checked once more here, since what leaves the process must not
// depend on code that shares a realm with tenants: a CR, LF or NUL throws.
// Fields that frame the message or belong to the connection are left out. More
// than kMaxHeaderBytes of names and values throw a TypeError.
// False: an exception was thrown.
// `has_content_type`: that field was among them.
bool ReadHeaderList(js::Scope& scope, v8::Local<v8::Array> list,
                    net::Headers& out, bool& has_content_type);

}  // namespace caravel::runtime

#pragma once

#include <v8.h>

#include <string>
#include <vector>

#include "runtime/inbox.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

// What a Worker asks of its KV namespaces (web/lazy/kv.ts). Each call is a
// subrequest and gives a promise, which is rejected with an Error that reads as
// Workers' do: "KV GET failed: 400 …". `binding` is a place in the version's
// list; lengths of keys and metadata are what the caller checked. Made when it
// is first asked for. Source: Workers documentation, "KV".
//
// Threads: the one that is in the isolate.
struct KvBinding {
  // null, or [value, metadata]: the value as text (UTF-8, decoded) or as an
  // ArrayBuffer, the metadata as text or null.
  static v8::MaybeLocal<v8::Value> Get(js::Scope& scope, InvocationId id,
                                       uint32_t binding, std::string key,
                                       bool as_text);
  // [value, metadata, value, metadata, …] in the order of the keys, as text; a
  // value is null where there is no such entry.
  static v8::MaybeLocal<v8::Value> GetMany(js::Scope& scope, InvocationId id,
                                           uint32_t binding,
                                           std::vector<std::string> keys);
  // `value` is a string or bytes, `metadata` JSON or empty for none;
  // `expiration` is below 0 for never.
  static v8::MaybeLocal<v8::Value> Put(js::Scope& scope, InvocationId id,
                                       uint32_t binding, std::string key,
                                       v8::Local<v8::Value> value,
                                       std::string metadata, double expiration);
  static v8::MaybeLocal<v8::Value> Delete(js::Scope& scope, InvocationId id,
                                          uint32_t binding, std::string key);
  // [cursor, name, expiration, metadata, name, …]: the cursor is null behind
  // the last key, an expiration or metadata null where there is none. An empty
  // `cursor` is the beginning.
  static v8::MaybeLocal<v8::Value> List(js::Scope& scope, InvocationId id,
                                        uint32_t binding, std::string prefix,
                                        std::string cursor, uint32_t limit);

  static constexpr const char* kName = "NativeKv";
  static constexpr auto Js() {
    return js::Functions(
        js::Function("get", &Get), js::Function("getMany", &GetMany),
        js::Function("put", &Put), js::Function("delete", &Delete),
        js::Function("list", &List));
  }
};

void ServeKv(js::Scope& scope, const KvAnswered& answered);

}  // namespace caravel::runtime

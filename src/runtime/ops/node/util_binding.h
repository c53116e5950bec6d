#pragma once

#include <v8.h>

#include <string>

#include "runtime/js/function.h"

namespace caravel::runtime {

// The part of Node's internal binding `util` that looks into values in ways
// that JS cannot. runtime/node/bindings/util.ts adds what JS can do itself.
struct NodeUtilBinding {
  // [target, handler] of a proxy, or the target alone; undefined for others.
  static v8::Local<v8::Value> GetProxyDetails(js::Scope& scope,
                                              v8::Local<v8::Value> value,
                                              v8::Local<v8::Value> both);
  // [state] or [state, result] of a promise; undefined for others.
  static v8::Local<v8::Value> GetPromiseDetails(js::Scope& scope,
                                                v8::Local<v8::Value> value);
  // The entries of a collection or of an iterator of one, which stays where it
  // is; with `is_iterator` beside whether they are keys and values in turn.
  static v8::Local<v8::Value> PreviewEntries(js::Scope& scope,
                                             v8::Local<v8::Value> value,
                                             v8::Local<v8::Value> is_iterator);
  static v8::MaybeLocal<v8::Array> GetOwnNonIndexProperties(
      js::Scope& scope, v8::Local<v8::Object> object, uint32_t filter);
  static v8::Local<v8::String> GetConstructorName(js::Scope& scope,
                                                  v8::Local<v8::Object> object);
  // Where an error was made: {sourceLine, scriptResourceName, lineNumber,
  // startColumn}.
  static v8::MaybeLocal<v8::Object> GetErrorSourcePositions(
      js::Scope& scope, v8::Local<v8::Value> error);
  // The topmost frames of the running code below the caller, as objects.
  static v8::MaybeLocal<v8::Array> GetCallSites(js::Scope& scope,
                                                uint32_t most);
  // From here on `prepare` makes the text of `error.stack`, of (global object,
  // error, call sites), when it is first asked for.
  static void SetPrepareStackTrace(js::Scope& scope,
                                   v8::Local<v8::Function> prepare);
  static void MarkPromiseAsHandled(js::Scope& scope,
                                   v8::Local<v8::Value> promise);
  static bool IsConstructor(js::Scope& scope, v8::Local<v8::Value> value);
  static bool ArrayBufferViewHasBuffer(js::Scope& scope,
                                       v8::Local<v8::Value> view);

  // An object whose members are private symbols: keys that no reflection shows.
  static v8::MaybeLocal<v8::Object> PrivateSymbols(
      js::Scope& scope, std::vector<std::string> names);

  static constexpr auto Js() {
    return js::Functions(
        js::Function("getProxyDetails", &GetProxyDetails),
        js::Function("getPromiseDetails", &GetPromiseDetails),
        js::Function("previewEntries", &PreviewEntries),
        js::Function("getOwnNonIndexProperties", &GetOwnNonIndexProperties),
        js::Function("getConstructorName", &GetConstructorName),
        js::Function("getErrorSourcePositions", &GetErrorSourcePositions),
        js::Function("getCallSites", &GetCallSites),
        js::Function("setPrepareStackTrace", &SetPrepareStackTrace),
        js::Function("markPromiseAsHandled", &MarkPromiseAsHandled),
        js::Function("isConstructor", &IsConstructor),
        js::Function("arrayBufferViewHasBuffer", &ArrayBufferViewHasBuffer),
        js::Function("privateSymbols", &PrivateSymbols));
  }
};

}  // namespace caravel::runtime

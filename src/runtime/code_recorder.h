#pragma once

#include <v8.h>

#include <map>
#include <string>
#include <string_view>

#include "runtime/js/scope.h"

namespace caravel::runtime {

// Code caches of modules, by name: of the platform's lazy ones and of Node's.
struct CodeCaches {
  std::map<std::string, std::string, std::less<>> lazy;
  std::map<std::string, std::string, std::less<>> node;
};

// Gathers what the modules of one isolate are compiled to, so that the build
// can make code caches of what has run in it: those hold the functions that
// were called, and none of the others, which cost time to read.
//
// Threads: the one that is in the isolate.
class CodeRecorder {
 public:
  void OnLazy(js::Scope& scope, std::string_view name,
              v8::Local<v8::Script> script);
  void OnNode(js::Scope& scope, std::string_view id,
              v8::Local<v8::Function> function);

  // Forgets what was gathered. Requires: the isolate lives.
  CodeCaches Take();

 private:
  v8::Isolate* isolate_ = nullptr;
  std::map<std::string, v8::Global<v8::UnboundScript>, std::less<>> lazy_;
  std::map<std::string, v8::Global<v8::Function>, std::less<>> node_;
};

// The bytes of a code cache that V8 made.
std::string BytesOf(const v8::ScriptCompiler::CachedData& cache);

}  // namespace caravel::runtime

#pragma once

#include <v8.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/js/scope.h"

namespace caravel::runtime {

// Code caches of modules, by name: of the platform's lazy ones and of Node's.
// Of the script in the snapshot, the places of the functions that were called,
// where it was compiled to tell (kProduceCompileHints).
struct CodeCaches {
  std::vector<int> called;
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
  // Once, when the isolate has its context.
  void OnPlatform(js::Scope& scope, v8::Local<v8::Script> script);
  void OnLazy(js::Scope& scope, std::string_view name,
              v8::Local<v8::Script> script);
  void OnNode(js::Scope& scope, std::string_view id,
              v8::Local<v8::Function> function);

  // Forgets what was gathered. Requires: the isolate lives.
  CodeCaches Take();

 private:
  v8::Isolate* isolate_ = nullptr;
  v8::Global<v8::Script> platform_;
  std::map<std::string, v8::Global<v8::UnboundScript>, std::less<>> lazy_;
  std::map<std::string, v8::Global<v8::Function>, std::less<>> node_;
};

// The bytes of a code cache that V8 made.
std::string BytesOf(const v8::ScriptCompiler::CachedData& cache);

}  // namespace caravel::runtime

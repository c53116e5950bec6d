#pragma once

#include <node.h>
#include <v8.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/engine.h"

namespace caravel::runtime {

// What the script run_addon.cjs calls an addon's run() with: a snapshot, the
// folder of the lazy modules, and more.
struct AddonCall {
  std::unique_ptr<Engine> engine;
  std::vector<std::string> rest;  // the arguments behind those two
};

// Throws in JS where there is no engine; false.
inline bool ReadAddonCall(const v8::FunctionCallbackInfo<v8::Value>& info,
                          AddonCall& call) {
  v8::Isolate* isolate = info.GetIsolate();
  std::vector<std::string> arguments;
  for (int i = 0; i < info.Length(); ++i) {
    arguments.emplace_back(*v8::String::Utf8Value(isolate, info[i]));
  }
  Result<std::unique_ptr<Engine>> engine = Engine::Create(
      *node::GetMultiIsolatePlatform(
          node::GetCurrentEnvironment(isolate->GetCurrentContext())),
      arguments.at(0), arguments.at(1));
  if (!engine) {
    isolate->ThrowException(v8::Exception::Error(
        v8::String::NewFromUtf8(isolate, engine.error().ToText().c_str())
            .ToLocalChecked()));
    return false;
  }
  call.engine = std::move(*engine);
  call.rest.assign(arguments.begin() + 2, arguments.end());
  return true;
}

// As main() gets them: the program's name first, nullptr last. Of texts that
// outlive it.
inline std::vector<char*> AsMainArguments(std::string& program,
                                          std::vector<std::string>& texts) {
  std::vector<char*> arguments = {program.data()};
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  return arguments;
}

}  // namespace caravel::runtime

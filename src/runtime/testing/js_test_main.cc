// The addon with all tests that need V8. Its one function runs them:
//
//   run(snapshot, lazyFolder, …flags of GoogleTest): exit code
#include <gtest/gtest.h>
#include <node.h>
#include <v8.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/engine.h"
#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

void RunTests(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  std::vector<std::string> arguments;
  for (int i = 0; i < info.Length(); ++i) {
    arguments.emplace_back(*v8::String::Utf8Value(isolate, info[i]));
  }
  node::MultiIsolatePlatform* platform = node::GetMultiIsolatePlatform(
      node::GetCurrentEnvironment(isolate->GetCurrentContext()));
  Result<std::unique_ptr<Engine>> engine =
      Engine::Create(*platform, arguments.at(0), arguments.at(1));
  if (!engine) {
    isolate->ThrowException(v8::Exception::Error(
        v8::String::NewFromUtf8(isolate, engine.error().ToText().c_str())
            .ToLocalChecked()));
    return;
  }
  // GoogleTest expects a program's name first; it owns the environment.
  std::vector<char*> flags;
  for (size_t i = 1; i < arguments.size(); ++i) {
    flags.push_back(arguments[i].data());
  }
  int count = static_cast<int>(flags.size());
  flags.push_back(nullptr);
  ::testing::InitGoogleTest(&count, flags.data());
  ::testing::AddGlobalTestEnvironment(
      std::make_unique<EngineEnvironment>(std::move(*engine)).release());
  info.GetReturnValue().Set(RUN_ALL_TESTS());
}

}  // namespace
}  // namespace caravel::runtime

extern "C" NODE_MODULE_EXPORT void NODE_MODULE_INITIALIZER(
    v8::Local<v8::Object> exports, v8::Local<v8::Value>,
    v8::Local<v8::Context>) {
  NODE_SET_METHOD(exports, "run", caravel::runtime::RunTests);
}

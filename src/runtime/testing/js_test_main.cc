// The addon with all tests that need V8. Its one function runs them:
//
//   run(snapshot, lazyFolder, …flags of GoogleTest): exit code
#include <gtest/gtest.h>
#include <node.h>
#include <v8.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/testing/addon_call.h"
#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

void RunTests(const v8::FunctionCallbackInfo<v8::Value>& info) {
  AddonCall call;
  if (!ReadAddonCall(info, call)) return;
  std::string program = "runtime_js_test";
  std::vector<char*> arguments = AsMainArguments(program, call.rest);
  int count = static_cast<int>(arguments.size()) - 1;
  ::testing::InitGoogleTest(&count, arguments.data());
  // GoogleTest owns the environment.
  ::testing::AddGlobalTestEnvironment(
      std::make_unique<EngineEnvironment>(std::move(call.engine)).release());
  info.GetReturnValue().Set(RUN_ALL_TESTS());
}

}  // namespace
}  // namespace caravel::runtime

extern "C" NODE_MODULE_EXPORT void NODE_MODULE_INITIALIZER(
    v8::Local<v8::Object> exports, v8::Local<v8::Value>,
    v8::Local<v8::Context>) {
  NODE_SET_METHOD(exports, "run", caravel::runtime::RunTests);
}

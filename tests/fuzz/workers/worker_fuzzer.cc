// An addon that fuzzes one Worker: libFuzzer gives each input as the body of a
// POST, and its text as the target of that request. A Worker that finds nothing
// answers "well", or is cut off by its limits (error 1102) where the input is
// large. At any other answer, or none, the process aborts, as it does by itself
// where native code fails.
//
//   run(snapshot, lazyFolder, workerFile, …flags of libFuzzer): exit code
#include <fmt/format.h>
#include <node.h>
#include <v8.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/testing/addon_call.h"
#include "runtime/testing/worker_driver.h"

extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                   int (*run_one)(const uint8_t*, size_t));

namespace caravel::runtime {
namespace {

// No Worker does more than milliseconds of work for an input of this size: one
// that takes seconds of CPU time, or the memory of an isolate, shows code of
// ours that takes far more than its input is long.
constexpr size_t kSmallInput = 1024;

[[noreturn]] void Fail(std::string_view what) {
  fmt::print(stderr, "fault: {}\n", what);
  abort();
}

// A target as the HTTP parser lets it in: what is no visible ASCII is left out.
std::string TargetOf(std::string_view input) {
  constexpr size_t kLongest = 512;
  std::string target = "/";
  for (const char c : input.substr(0, kLongest)) {
    if (c > ' ' && c < '\x7f') target += c;
  }
  return target;
}

class WorkerFuzzer final : private WorkerDriver {
 public:
  WorkerFuzzer(const Engine& engine, std::string source)
      : WorkerDriver(engine),
        modules_{
            {"index.js", registry::ModuleType::kEsModule, std::move(source)}} {
    version_.compatibility_date = "2026-08-04";
    version_.limits.cpu_ms = 2000;
    Begin();
  }

  void Run(std::string_view input) {
    const InvocationId id = ArriveWithBody(TargetOf(input));
    Arrive(BodyArrived{id, std::string(input), true});
    TurnUntilQuiet();
    const std::string answer = Answer(id);
    const bool may_be_cut_off = input.size() > kSmallInput;
    if (answer != "200 well" && !(answer == "error 1102" && may_be_cut_off)) {
      Fail(answer.empty() ? "no answer" : answer + WhatWasTold(id));
    }
    ClearOutbox();
    if (!isolate_->condemned() && isolate_->running() == 0) return;
    Renew();
    Begin();
  }

 private:
  // What the log is told of an invocation: which limit it exceeded.
  std::string WhatWasTold(InvocationId id) const {
    std::string told;
    for (const OutboxEntry& entry : outbox_) {
      const auto* ended = std::get_if<InvocationEnded>(&entry.action);
      if (ended == nullptr || entry.invocation != id) continue;
      told += fmt::format("\n{} us of CPU time", ended->cpu_us);
      if (ended->event == nullptr) continue;
      for (const registry::ExceptionRecord& exception :
           ended->event->exceptions) {
        told += fmt::format("\n{}: {}", exception.name, exception.message);
      }
    }
    return told;
  }

  void Begin() {
    const std::string error = Load(modules_, version_);
    if (!error.empty()) Fail(error);
  }

  const std::vector<registry::Module> modules_;
  registry::Version version_;
};

// libFuzzer's callback has no argument for it.
WorkerFuzzer* the_fuzzer = nullptr;

int RunOne(const uint8_t* data, size_t size) {
  the_fuzzer->Run({reinterpret_cast<const char*>(data), size});
  return 0;
}

void RunFuzzer(const v8::FunctionCallbackInfo<v8::Value>& info) {
  AddonCall call;
  if (!ReadAddonCall(info, call)) return;
  std::string worker = call.rest.at(0);
  call.rest.erase(call.rest.begin());
  std::ifstream file(worker, std::ios::binary);
  if (!file) Fail(fmt::format("{} cannot be read", worker));
  WorkerFuzzer fuzzer(*call.engine, {std::istreambuf_iterator<char>(file), {}});
  the_fuzzer = &fuzzer;
  std::vector<char*> arguments = AsMainArguments(worker, call.rest);
  int count = static_cast<int>(arguments.size()) - 1;
  char** first = arguments.data();
  info.GetReturnValue().Set(LLVMFuzzerRunDriver(&count, &first, &RunOne));
}

}  // namespace
}  // namespace caravel::runtime

extern "C" NODE_MODULE_EXPORT void NODE_MODULE_INITIALIZER(
    v8::Local<v8::Object> exports, v8::Local<v8::Value>,
    v8::Local<v8::Context>) {
  NODE_SET_METHOD(exports, "run", caravel::runtime::RunFuzzer);
}

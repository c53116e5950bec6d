// An addon that fuzzes one Worker: libFuzzer gives each input as the body of a
// POST, and its text as the target of that request. A Worker that finds
// something wrong answers 500 and says what; the process aborts then, as it
// does by itself where native code fails. Everything else is a good answer, one
// that the limits cut off too.
//
//   run(snapshot, lazyFolder, workerFile, …flags of libFuzzer): exit code
#include <fmt/format.h>
#include <node.h>
#include <v8.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "runtime/engine.h"
#include "runtime/isolate.h"
#include "runtime/monitor.h"

extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                   int (*run_one)(const uint8_t*, size_t));

namespace caravel::runtime {
namespace {

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

class WorkerFuzzer {
 public:
  WorkerFuzzer(const Engine& engine, std::string source)
      : engine_(engine),
        source_(std::move(source)),
        monitor_(log_),
        guard_(monitor_) {}

  void Run(std::string_view input) {
    if (isolate_ == nullptr) Load();
    id_ += 2;
    RequestArrived request;
    request.invocation = id_;
    request.head = std::make_unique<net::RequestHead>();
    request.head->method = "POST";
    request.head->scheme = "http";
    request.head->authority = "test.localhost";
    request.head->target = TargetOf(input);
    request.has_body = true;
    inbox_.emplace_back(std::move(request));
    inbox_.emplace_back(BodyArrived{id_, std::string(input), true});
    while (!inbox_.empty()) {
      isolate_->Turn(inbox_, outbox_, guard_.guard());
      if (HasEnded()) break;
      FireTimers();
      outbox_.clear();
    }
    outbox_.clear();
    inbox_.clear();
    if (isolate_->condemned() || isolate_->running() > 0) isolate_.reset();
  }

 private:
  void Load() {
    isolate_ = Isolate::Create(engine_, clock_);
    const std::vector<registry::Module> modules = {
        {"index.js", registry::ModuleType::kEsModule, source_}};
    const base::Fd file =
        base::SealedMemoryFile(
            "bundle", registry::WriteBundle("index.js", modules).value())
            .value();
    registry::Version version;
    version.compatibility_date = "2026-08-04";
    version.limits.cpu_ms = 2000;
    const std::string error =
        isolate_
            ->Load(std::make_shared<registry::Bundle>(
                       registry::Bundle::Map(file).value()),
                   version, {}, guard_.guard())
            .error;
    if (!error.empty()) Fail(error);
  }

  // Whether the request's invocation is over; fails where its answer says so.
  bool HasEnded() const {
    bool ended = false;
    for (const OutboxEntry& entry : outbox_) {
      if (entry.invocation != id_) continue;
      if (const auto* answer = std::get_if<Respond>(&entry.action)) {
        if (answer->head.status == 500) Fail(answer->body);
      }
      ended |= std::holds_alternative<InvocationEnded>(entry.action);
    }
    return ended;
  }

  void FireTimers() {
    for (const OutboxEntry& entry : outbox_) {
      if (const auto* timer = std::get_if<StartTimer>(&entry.action)) {
        inbox_.emplace_back(TimerFired{timer->timer});
      }
    }
  }

  const Engine& engine_;
  const std::string source_;
  base::SystemClock clock_;
  base::NullLog log_;
  Monitor monitor_;
  MonitoredGuard guard_;
  std::unique_ptr<Isolate> isolate_;
  Inbox inbox_;
  Outbox outbox_;
  InvocationId id_ = -1;
};

// libFuzzer's callback has no argument for it.
WorkerFuzzer* the_fuzzer = nullptr;

int RunOne(const uint8_t* data, size_t size) {
  the_fuzzer->Run({reinterpret_cast<const char*>(data), size});
  return 0;
}

int Fuzz(node::MultiIsolatePlatform& platform,
         const std::vector<std::string>& arguments) {
  const Result<std::unique_ptr<Engine>> engine =
      Engine::Create(platform, arguments.at(0), arguments.at(1));
  if (!engine) Fail(engine.error().ToText());
  std::ifstream file(arguments.at(2), std::ios::binary);
  if (!file) Fail(fmt::format("{} cannot be read", arguments.at(2)));
  WorkerFuzzer fuzzer(**engine, {std::istreambuf_iterator<char>(file), {}});
  the_fuzzer = &fuzzer;
  std::vector<std::string> flags = {"worker_fuzzer"};
  flags.insert(flags.end(), arguments.begin() + 3, arguments.end());
  std::vector<char*> argv;
  for (std::string& flag : flags) argv.push_back(flag.data());
  int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  char** first = argv.data();
  return LLVMFuzzerRunDriver(&argc, &first, &RunOne);
}

void RunFuzzer(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  std::vector<std::string> arguments;
  for (int i = 0; i < info.Length(); ++i) {
    arguments.emplace_back(*v8::String::Utf8Value(isolate, info[i]));
  }
  info.GetReturnValue().Set(
      Fuzz(*node::GetMultiIsolatePlatform(
               node::GetCurrentEnvironment(isolate->GetCurrentContext())),
           arguments));
}

}  // namespace
}  // namespace caravel::runtime

extern "C" NODE_MODULE_EXPORT void NODE_MODULE_INITIALIZER(
    v8::Local<v8::Object> exports, v8::Local<v8::Value>,
    v8::Local<v8::Context>) {
  NODE_SET_METHOD(exports, "run", caravel::runtime::RunFuzzer);
}

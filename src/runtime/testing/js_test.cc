#include "runtime/testing/js_test.h"

#include "base/check.h"
#include "runtime/js/convert.h"
#include "runtime/js/error.h"
#include "runtime/snapshot_builder.h"

namespace caravel::runtime {
namespace {

constexpr size_t kMemoryLimit = 128 << 20;

// GoogleTest makes fixtures by itself and hands them nothing.
std::unique_ptr<Engine>& SharedEngine() {
  static std::unique_ptr<Engine> engine;
  return engine;
}

v8::Isolate* NewIsolate(const Engine& engine, TaskQueue& tasks,
                        std::shared_ptr<MemoryAccount> memory) {
  v8::Isolate* isolate = v8::Isolate::Allocate();
  engine.platform().RegisterIsolate(isolate, &tasks);
  v8::Isolate::CreateParams params;
  params.snapshot_blob = &engine.snapshot().blob();
  params.external_references = engine.snapshot().external_references();
  params.array_buffer_allocator_shared = std::move(memory);
  v8::Isolate::Initialize(isolate, params);
  return isolate;
}

}  // namespace

EngineEnvironment::EngineEnvironment(std::unique_ptr<Engine> engine) {
  SharedEngine() = std::move(engine);
}

EngineEnvironment::~EngineEnvironment() { SharedEngine().reset(); }

const Engine& EngineEnvironment::Shared() { return *SharedEngine(); }

JsTest::JsTest()
    : memory_(std::make_shared<MemoryAccount>(kMemoryLimit)),
      tasks_(std::make_shared<TaskQueue>()),
      state_(*SharedEngine()),
      isolate_(NewIsolate(*SharedEngine(), *tasks_, memory_)) {
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope isolate_scope(isolate_);
  const v8::HandleScope handles(isolate_);
  isolate_->SetData(js::Scope::kStateSlot, &state_);
  state_.memory = memory_.get();
  const auto context = v8::Context::New(isolate_);
  const v8::Context::Scope context_scope(context);
  context_.Reset(isolate_, context);
  js::Scope scope(isolate_);
  const auto native =
      context->GetDataFromSnapshotOnce<v8::Object>(kNativeObject)
          .ToLocalChecked();
  state_.native.Reset(isolate_, native);
  state_.dispatch.Reset(
      isolate_, context->GetDataFromSnapshotOnce<v8::Object>(kDispatchObject)
                    .ToLocalChecked());
  context->Global()
      ->CreateDataProperty(context, scope.Name("native"), native)
      .Check();
  const auto scratch = native->Get(context, scope.Name("scratch"))
                           .ToLocalChecked()
                           .As<v8::Uint32Array>();
  state_.set_scratch(static_cast<uint32_t*>(scratch->Buffer()->Data()));
}

JsTest::~JsTest() {
  {
    const v8::Locker locker(isolate_);
    const v8::Isolate::Scope isolate_scope(isolate_);
    const v8::HandleScope handles(isolate_);
    tasks_->Take();
    state_.Clear();
    context_.Reset();
  }
  SharedEngine()->platform().DisposeIsolate(isolate_);
}

std::string JsTest::Evaluate(std::string_view script) {
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope isolate_scope(isolate_);
  const v8::HandleScope handles(isolate_);
  const v8::Context::Scope context_scope(context_.Get(isolate_));
  js::Scope scope(isolate_);
  const v8::TryCatch caught(isolate_);
  v8::Local<v8::Script> compiled;
  v8::Local<v8::Value> value;
  v8::Local<v8::String> text;
  if (v8::Script::Compile(scope.context(), js::NewString(scope, script))
          .ToLocal(&compiled) &&
      compiled->Run(scope.context()).ToLocal(&value) &&
      value->ToString(scope.context()).ToLocal(&text)) {
    return js::ToUtf8(scope, text);
  }
  const js::Exception exception =
      js::Describe(scope, caught.Exception(), caught.Message());
  return exception.name + ": " + exception.message;
}

void JsTest::CollectGarbage() {
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope isolate_scope(isolate_);
  isolate_->LowMemoryNotification();
}

}  // namespace caravel::runtime

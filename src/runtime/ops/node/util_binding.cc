#include "runtime/ops/node/util_binding.h"

#include <array>

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/wasm_memories.h"

namespace caravel::runtime {
namespace {

v8::Local<v8::Array> ArrayOf(
    js::Scope& scope, std::initializer_list<v8::Local<v8::Value>> items) {
  v8::LocalVector<v8::Value> list(scope.isolate(), items);
  return v8::Array::New(scope.isolate(), list.data(), list.size());
}

}  // namespace

v8::Local<v8::Value> NodeUtilBinding::GetProxyDetails(
    js::Scope& scope, v8::Local<v8::Value> value, v8::Local<v8::Value> both) {
  if (!value->IsProxy()) return v8::Undefined(scope.isolate());
  const auto proxy = value.As<v8::Proxy>();
  // One of the platform's: what stands behind it is not script's to see.
  if (IsPlatformProxy(scope, proxy)) return v8::Undefined(scope.isolate());
  if (both->IsUndefined() || both->IsTrue()) {
    return ArrayOf(scope, {proxy->GetTarget(), proxy->GetHandler()});
  }
  return proxy->GetTarget();
}

v8::Local<v8::Value> NodeUtilBinding::GetPromiseDetails(
    js::Scope& scope, v8::Local<v8::Value> value) {
  if (!value->IsPromise()) return v8::Undefined(scope.isolate());
  const auto promise = value.As<v8::Promise>();
  const v8::Local<v8::Value> state =
      v8::Integer::New(scope.isolate(), promise->State());
  if (promise->State() == v8::Promise::kPending) {
    return ArrayOf(scope, {state});
  }
  return ArrayOf(scope, {state, promise->Result()});
}

v8::Local<v8::Value> NodeUtilBinding::PreviewEntries(
    js::Scope& scope, v8::Local<v8::Value> value,
    v8::Local<v8::Value> is_iterator) {
  bool key_value = false;
  v8::Local<v8::Array> entries;
  if (!value->IsObject() ||
      !value.As<v8::Object>()->PreviewEntries(&key_value).ToLocal(&entries)) {
    return v8::Undefined(scope.isolate());
  }
  if (is_iterator->IsUndefined()) return entries;
  return ArrayOf(scope, {entries, js::ToJs(scope, key_value)});
}

v8::MaybeLocal<v8::Array> NodeUtilBinding::GetOwnNonIndexProperties(
    js::Scope& scope, v8::Local<v8::Object> object, uint32_t filter) {
  // Beyond these bits V8 would tell of private names.
  constexpr uint32_t kFilters = 31;
  return object->GetPropertyNames(
      scope.context(), v8::KeyCollectionMode::kOwnOnly,
      static_cast<v8::PropertyFilter>(filter & kFilters),
      v8::IndexFilter::kSkipIndices);
}

v8::Local<v8::String> NodeUtilBinding::GetConstructorName(
    js::Scope&, v8::Local<v8::Object> object) {
  return object->GetConstructorName();
}

v8::MaybeLocal<v8::Object> NodeUtilBinding::GetErrorSourcePositions(
    js::Scope& scope, v8::Local<v8::Value> error) {
  v8::Isolate* isolate = scope.isolate();
  const auto message = v8::Exception::CreateMessage(isolate, error);
  v8::Local<v8::String> line;
  if (!message->GetSourceLine(scope.context()).ToLocal(&line)) {
    line = v8::String::Empty(isolate);
  }
  const std::array<std::pair<const char*, v8::Local<v8::Value>>, 4> members = {{
      {"sourceLine", line},
      {"scriptResourceName", message->GetScriptResourceName()},
      {"lineNumber",
       v8::Integer::New(isolate,
                        message->GetLineNumber(scope.context()).FromMaybe(0))},
      {"startColumn",
       v8::Integer::New(isolate,
                        message->GetStartColumn(scope.context()).FromMaybe(0))},
  }};
  const auto positions = v8::Object::New(isolate);
  for (const auto& [name, value] : members) {
    if (positions->CreateDataProperty(scope.context(), scope.Name(name), value)
            .IsNothing()) {
      return {};
    }
  }
  return positions;
}

v8::MaybeLocal<v8::Array> NodeUtilBinding::GetCallSites(js::Scope& scope,
                                                        uint32_t most) {
  v8::Isolate* isolate = scope.isolate();
  // The topmost frame is the library's own function that asks.
  const auto stack = v8::StackTrace::CurrentStackTrace(
      isolate, static_cast<int>(std::min(most, 200U)) + 1);
  const std::array<v8::Local<v8::Name>, 6> names = {
      scope.Name("functionName"), scope.Name("scriptId"),
      scope.Name("scriptName"),   scope.Name("lineNumber"),
      scope.Name("columnNumber"), scope.Name("column")};
  v8::LocalVector<v8::Value> sites(isolate);
  const auto text = [&](v8::Local<v8::String> name) -> v8::Local<v8::Value> {
    return name.IsEmpty() ? v8::String::Empty(isolate) : name;
  };
  for (int i = 1; i < stack->GetFrameCount(); ++i) {
    const auto frame = stack->GetFrame(isolate, static_cast<uint32_t>(i));
    std::array<v8::Local<v8::Value>, names.size()> values = {
        text(frame->GetFunctionName()),
        js::NewString(scope, std::to_string(frame->GetScriptId())),
        text(frame->GetScriptName()),
        v8::Integer::New(isolate, frame->GetLineNumber()),
        v8::Integer::New(isolate, frame->GetColumn()),
        v8::Integer::New(isolate, frame->GetColumn())};
    const auto site = v8::Object::New(isolate);
    for (size_t n = 0; n < names.size(); ++n) {
      if (site->CreateDataProperty(scope.context(), names[n], values[n])
              .IsNothing()) {
        return {};
      }
    }
    sites.push_back(site);
  }
  return v8::Array::New(isolate, sites.data(), sites.size());
}

void NodeUtilBinding::SetPrepareStackTrace(js::Scope& scope,
                                           v8::Local<v8::Function> prepare) {
  scope.state().prepare_stack_trace.Reset(scope.isolate(), prepare);
  scope.isolate()->SetPrepareStackTraceCallback(
      [](v8::Local<v8::Context> context, v8::Local<v8::Value> error,
         v8::Local<v8::Array> sites) -> v8::MaybeLocal<v8::Value> {
        js::Scope running(v8::Isolate::GetCurrent());
        std::array<v8::Local<v8::Value>, 3> arguments = {context->Global(),
                                                         error, sites};
        return running.state()
            .prepare_stack_trace.Get(running.isolate())
            ->Call(context, v8::Undefined(running.isolate()), 3,
                   arguments.data());
      });
}

void NodeUtilBinding::MarkPromiseAsHandled(js::Scope&,
                                           v8::Local<v8::Value> promise) {
  if (promise->IsPromise()) promise.As<v8::Promise>()->MarkAsHandled();
}

bool NodeUtilBinding::IsConstructor(js::Scope&, v8::Local<v8::Value> value) {
  return value->IsObject() && value.As<v8::Object>()->IsConstructor();
}

bool NodeUtilBinding::ArrayBufferViewHasBuffer(js::Scope&,
                                               v8::Local<v8::Value> view) {
  return view->IsArrayBufferView() &&
         view.As<v8::ArrayBufferView>()->HasBuffer();
}

v8::MaybeLocal<v8::Object> NodeUtilBinding::PrivateSymbols(
    js::Scope& scope, std::vector<std::string> names) {
  // A template takes what is no value, and a private symbol is none for V8's
  // interface, though JS code uses it as a key like any other.
  const auto made = v8::ObjectTemplate::New(scope.isolate());
  for (const std::string& name : names) {
    const auto text = scope.Name(name);
    made->Set(text, v8::Private::New(scope.isolate(), text));
  }
  return made->NewInstance(scope.context());
}

}  // namespace caravel::runtime

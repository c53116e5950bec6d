#include "runtime/worker_start.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include "registry/module_binding.h"
#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/js/error.h"
#include "runtime/not_built.h"
#include "runtime/ops/platform_ops.h"
#include "runtime/value_modules.h"

namespace caravel::runtime {
namespace {

// Source: Workers docs, "Version metadata".
v8::Local<v8::Object> MakeVersionMetadata(js::Scope& scope,
                                          const registry::Version& version,
                                          std::string_view text) {
  const size_t blank = std::min(text.find(' '), text.size());
  const std::string_view tag = text.substr(std::min(blank + 1, text.size()));
  const auto metadata = v8::Object::New(scope.isolate());
  const auto add = [&](std::string_view name, std::string_view value) {
    metadata
        ->CreateDataProperty(scope.context(), scope.Name(name),
                             js::NewString(scope, value))
        .Check();
  };
  add("id", version.id.value);
  add("tag", tag);
  add("timestamp", text.substr(0, blank));
  return metadata;
}

// A text of a JSON object's field; empty where there is none.
std::string TextOf(js::Scope& scope, v8::Local<v8::Object> object,
                   std::string_view name) {
  v8::Local<v8::Value> value;
  if (!object->Get(scope.context(), scope.Name(name)).ToLocal(&value) ||
      !value->IsString()) {
    return {};
  }
  return js::ToUtf8(scope, value.As<v8::String>());
}

// The same of a number; 0 where there is none.
uint32_t NumberOf(js::Scope& scope, v8::Local<v8::Object> object,
                  std::string_view name) {
  v8::Local<v8::Value> value;
  return object->Get(scope.context(), scope.Name(name)).ToLocal(&value) &&
                 value->IsUint32()
             ? value.As<v8::Uint32>()->Value()
             : 0;
}

// Calls a function that a lazy module exports.
v8::MaybeLocal<v8::Value> CallLazy(
    js::Scope& scope, std::string_view module, std::string_view function,
    std::initializer_list<v8::Local<v8::Value>> arguments) {
  v8::Local<v8::Value> loaded;
  v8::Local<v8::Value> make;
  if (!PlatformOps::LoadLazy(scope, std::string(module)).ToLocal(&loaded) ||
      !loaded.As<v8::Object>()
           ->Get(scope.context(), scope.Name(function))
           .ToLocal(&make)) {
    return {};
  }
  v8::LocalVector<v8::Value> values(scope.isolate(), arguments);
  return make.As<v8::Function>()->Call(
      scope.context(), v8::Undefined(scope.isolate()),
      static_cast<int>(values.size()), values.data());
}

v8::MaybeLocal<v8::Value> MakeService(js::Scope& scope, std::string_view text) {
  v8::Local<v8::Value> parsed;
  v8::Local<v8::Value> props;
  v8::Local<v8::String> props_text;
  if (!v8::JSON::Parse(scope.context(), js::NewString(scope, text))
           .ToLocal(&parsed) ||
      !parsed->IsObject()) {
    return {};
  }
  const auto object = parsed.As<v8::Object>();
  std::vector<BoundService>& services = scope.state().services;
  BoundService service{.worker = TextOf(scope, object, "service"),
                       .entrypoint = TextOf(scope, object, "entrypoint"),
                       .props = {}};
  if (object->Get(scope.context(), scope.Name("props")).ToLocal(&props) &&
      props->IsObject() &&
      v8::JSON::Stringify(scope.context(), props).ToLocal(&props_text)) {
    service.props = js::ToUtf8(scope, props_text);
  }
  services.push_back(std::move(service));
  return CallLazy(
      scope, "service", "bindService",
      {v8::Integer::New(scope.isolate(),
                        static_cast<int32_t>(services.size()) - 1)});
}

v8::MaybeLocal<v8::Value> MakeRateLimit(js::Scope& scope,
                                        std::string_view text) {
  v8::Local<v8::Value> parsed;
  v8::Local<v8::Value> simple;
  if (!v8::JSON::Parse(scope.context(), js::NewString(scope, text))
           .ToLocal(&parsed) ||
      !parsed->IsObject()) {
    return {};
  }
  const auto object = parsed.As<v8::Object>();
  RateLimit limit{.space = TextOf(scope, object, "namespace_id")};
  if (object->Get(scope.context(), scope.Name("simple")).ToLocal(&simple) &&
      simple->IsObject()) {
    limit.limit = NumberOf(scope, simple.As<v8::Object>(), "limit");
    limit.period = NumberOf(scope, simple.As<v8::Object>(), "period");
  }
  auto& limits = scope.state().rate_limits;
  limits.push_back(std::make_shared<const RateLimit>(std::move(limit)));
  return CallLazy(scope, "rate_limit", "makeRateLimit",
                  {js::ToJs(scope, static_cast<uint32_t>(limits.size() - 1))});
}

// What a module of the bundle is that a binding names.
v8::MaybeLocal<v8::Value> ModuleValue(js::Scope& scope,
                                      const registry::Binding& binding) {
  const auto* module = scope.state().modules->bundle().Find(binding.text);
  if (module == nullptr ||
      module->type != registry::ModuleTypeOf(binding.type)) {
    js::ThrowTypeError(scope,
                       fmt::format("binding \"{}\": the Worker has no module "
                                   "\"{}\" of its type",
                                   binding.name, binding.text));
    return {};
  }
  return ValueOf(scope, *module);
}

v8::MaybeLocal<v8::Object> MakeEnv(js::Scope& scope,
                                   const registry::Version& version) {
  const auto env = v8::Object::New(scope.isolate());
  for (size_t place = 0; place < version.bindings.size(); ++place) {
    const registry::Binding& binding = version.bindings[place];
    v8::Local<v8::Value> value;
    switch (binding.type) {
      case registry::BindingType::kPlainText:
      case registry::BindingType::kSecretText:
        value = js::NewString(scope, binding.text);
        break;
      case registry::BindingType::kJson:
        if (!v8::JSON::Parse(scope.context(),
                             js::NewString(scope, binding.text))
                 .ToLocal(&value)) {
          return {};
        }
        break;
      case registry::BindingType::kVersionMetadata:
        value = MakeVersionMetadata(scope, version, binding.text);
        break;
      case registry::BindingType::kKvNamespace:
        if (!CallLazy(scope, "kv", "makeKvNamespace",
                      {js::ToJs(scope, static_cast<uint32_t>(place))})
                 .ToLocal(&value))
          return {};
        break;
      case registry::BindingType::kService:
        if (!MakeService(scope, binding.text).ToLocal(&value)) return {};
        break;
      case registry::BindingType::kAssets:
        if (!CallLazy(scope, "assets", "makeAssets", {}).ToLocal(&value))
          return {};
        break;
      case registry::BindingType::kRatelimit:
        if (!MakeRateLimit(scope, binding.text).ToLocal(&value)) return {};
        break;
      case registry::BindingType::kWasmModule:
      case registry::BindingType::kTextBlob:
      case registry::BindingType::kDataBlob:
        if (!ModuleValue(scope, binding).ToLocal(&value)) return {};
        break;
    }
    if (!env->CreateDataProperty(scope.context(),
                                 js::NewString(scope, binding.name), value)
             .FromMaybe(false)) {
      return {};
    }
  }
  return env;
}

// What V8 holds as the exception, for the author.
std::string Failure(js::Scope& scope, ModuleMap& modules,
                    const v8::TryCatch& caught, bool out_of_memory) {
  if (out_of_memory) return "the Worker exceeded its memory limit at start";
  if (caught.HasTerminated()) {
    return fmt::format(
        "Script startup exceeded CPU time limit: it may use {} ms. Move work "
        "out of the global scope, into a handler.",
        kStartupLimit.count());
  }
  js::Exception exception =
      js::Describe(scope, caught.Exception(), caught.Message());
  exception.stack = modules.Rewrite(scope, exception.stack);
  ExplainAbsence(exception.name, exception.message, exception.stack);
  std::string text =
      fmt::format("Uncaught {}: {}", exception.name, exception.message);
  const size_t frames = exception.stack.find("\n    at ");
  if (frames != std::string::npos) {
    text += exception.stack.substr(frames);
  } else if (!exception.where.empty()) {
    text += "\n    at " + exception.where;
  }
  return text;
}

// Evaluates the main module; false when V8 holds an exception, or `problem`
// says why there is none.
bool Evaluate(js::Scope& scope, ModuleMap& modules, std::string& problem) {
  if (modules.bundle().is_script()) return modules.RunScript(scope);
  v8::Local<v8::Promise> promise;
  if (!modules.Start(scope).ToLocal(&promise)) return false;
  scope.state().ticks.RunAll(scope);
  if (scope.isolate()->IsExecutionTerminating()) return false;
  switch (promise->State()) {
    case v8::Promise::kFulfilled:
      return true;
    case v8::Promise::kPending:
      problem =
          "Top-level await did not settle: only promises that need no I/O can "
          "be awaited at global scope";
      return false;
    case v8::Promise::kRejected:
      promise->MarkAsHandled();
      scope.isolate()->ThrowException(promise->Result());
      return false;
  }
  return false;
}

// Gives the global scope what Node has there; false: V8 holds the exception.
bool OfferNode(js::Scope& scope, v8::Local<v8::Value> env, bool timers) {
  const auto dispatch = scope.state().dispatch.Get(scope.isolate());
  v8::Local<v8::Value> offer;
  std::array<v8::Local<v8::Value>, 2> arguments = {env,
                                                   js::ToJs(scope, timers)};
  return dispatch->Get(scope.context(), scope.Name("offerNode"))
             .ToLocal(&offer) &&
         !offer.As<v8::Function>()
              ->Call(scope.context(), dispatch, 2, arguments.data())
              .IsEmpty();
}

// The global scope of a service worker: its events, and its bindings as
// globals. False: V8 holds the exception.
bool PrepareScript(js::Scope& scope, v8::Local<v8::Object> env) {
  const v8::Local<v8::Context> context = scope.context();
  const auto dispatch = scope.state().dispatch.Get(scope.isolate());
  v8::Local<v8::Value> prepare;
  v8::Local<v8::Array> names;
  if (!dispatch->Get(context, scope.Name("prepareScript")).ToLocal(&prepare) ||
      prepare.As<v8::Function>()
          ->Call(context, dispatch, 0, nullptr)
          .IsEmpty() ||
      !env->GetOwnPropertyNames(context).ToLocal(&names)) {
    return false;
  }
  for (uint32_t i = 0; i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> value;
    if (!names->Get(context, i).ToLocal(&name) ||
        !env->Get(context, name).ToLocal(&value)) {
      return false;
    }
    if (!context->Global()
             ->CreateDataProperty(context, name.As<v8::Name>(), value)
             .FromMaybe(false)) {
      js::ThrowTypeError(
          scope, fmt::format("binding \"{}\": no global can have that name",
                             js::ToUtf8(scope, name.As<v8::String>())));
      return false;
    }
  }
  return true;
}

bool HasFlag(js::Scope& scope, v8::Local<v8::Object> flags, const char* name) {
  v8::Local<v8::Value> flag;
  return flags->Get(scope.context(), scope.Name(name)).ToLocal(&flag) &&
         flag->IsTrue();
}

std::vector<std::string> OtherExports(js::Scope& scope,
                                      v8::Local<v8::Object> main) {
  std::vector<std::string> exports;
  v8::Local<v8::Array> names;
  if (!main->GetOwnPropertyNames(scope.context()).ToLocal(&names)) return {};
  for (uint32_t i = 0; i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    if (!names->Get(scope.context(), i).ToLocal(&name) || !name->IsString()) {
      continue;
    }
    std::string text = js::ToUtf8(scope, name.As<v8::String>());
    if (text != "default") exports.push_back(std::move(text));
  }
  return exports;
}

// V8 puts Temporal into each new context, with a clock that does not stand
// still and computations that end only by themselves (web/lazy/temporal.ts).
void TakeTemporalAway(js::Scope& scope) {
  const v8::Local<v8::Context> context = scope.context();
  (void)context->Global()->Delete(context, scope.Name("Temporal"));
  v8::Local<v8::Value> date;
  v8::Local<v8::Value> prototype;
  // A property of V8's own, in a context that script has not seen yet.
  if (!context->Global()->Get(context, scope.Name("Date")).ToLocal(&date) ||
      !date->IsObject() ||
      !date.As<v8::Object>()
           ->Get(context, scope.Name("prototype"))
           .ToLocal(&prototype) ||
      !prototype->IsObject()) {
    return;
  }
  (void)prototype.As<v8::Object>()->Delete(context,
                                           scope.Name("toTemporalInstant"));
}

}  // namespace

Loaded StartWorker(js::Scope& scope, ModuleMap& modules,
                   const registry::Version& version,
                   const bool& out_of_memory) {
  Loaded loaded;
  const v8::TryCatch caught(scope.isolate());
  const auto failed = [&] {
    if (loaded.error.empty()) {
      loaded.error = Failure(scope, modules, caught, out_of_memory);
      const std::string note = modules.refused_node_module()
                                   ? NodeCompatNote(version)
                                   : std::string();
      if (!note.empty()) loaded.error += ".\n" + note;
    }
    return loaded;
  };

  v8::Local<v8::Object> env;
  if (!MakeEnv(scope, version).ToLocal(&env)) return failed();
  scope.state().env.Reset(scope.isolate(), env);
  const registry::Compatibility& compatibility = scope.state().compatibility;
  if (!compatibility.IsOn("temporal")) {
    TakeTemporalAway(scope);
  } else if (PlatformOps::LoadLazy(scope, "temporal").IsEmpty()) {
    return failed();
  }
  if (compatibility.HasNode() &&
      !OfferNode(scope, env,
                 compatibility.IsOn("enable_nodejs_global_timers"))) {
    return failed();
  }
  const bool is_script = modules.bundle().is_script();
  if (is_script && !PrepareScript(scope, env)) return failed();
  if (!Evaluate(scope, modules, loaded.error)) return failed();

  const auto dispatch = scope.state().dispatch.Get(scope.isolate());
  const v8::Local<v8::Value> main =
      is_script ? v8::Null(scope.isolate()).As<v8::Value>()
                : modules.MainNamespace(scope).As<v8::Value>();
  v8::Local<v8::Value> start;
  v8::Local<v8::Value> result;
  std::array<v8::Local<v8::Value>, 2> arguments = {main, env};
  if (!dispatch->Get(scope.context(), scope.Name("start")).ToLocal(&start) ||
      !start.As<v8::Function>()
           ->Call(scope.context(), dispatch, 2, arguments.data())
           .ToLocal(&result)) {
    return failed();
  }
  const auto flags = result.As<v8::Object>();
  v8::Local<v8::Value> problem;
  if (flags->Get(scope.context(), scope.Name("problem")).ToLocal(&problem) &&
      problem->IsString()) {
    loaded.error = fmt::format(
        "the {} \"{}\" {}", is_script ? "script" : "main module",
        modules.MainSource(scope), js::ToUtf8(scope, problem.As<v8::String>()));
    return loaded;
  }
  for (const char* name : {"fetch", "scheduled", "queue", "email", "tail"}) {
    if (HasFlag(scope, flags, name)) loaded.handlers.emplace_back(name);
  }
  if (!is_script) {
    loaded.exports = OtherExports(scope, main.As<v8::Object>());
  }
  return loaded;
}

}  // namespace caravel::runtime

#include "runtime/ops/fetch_rules_reader.h"

#include <algorithm>

#include "runtime/js/convert.h"

namespace caravel::runtime {
namespace {

// Of either sign; a year has some 3e7.
constexpr double kMostSeconds = 1e12;
constexpr uint32_t kMostRules = 1000;

int64_t ToSeconds(double value) {
  return static_cast<int64_t>(std::clamp(value, -kMostSeconds, kMostSeconds));
}

class Reader {
 public:
  Reader(js::Scope& scope, v8::Local<v8::Array> array)
      : scope_(scope), array_(array) {}

  v8::Local<v8::Value> At(uint32_t place) {
    v8::Local<v8::Value> value;
    return array_->Get(scope_.context(), place).ToLocal(&value)
               ? value
               : v8::Undefined(scope_.isolate()).As<v8::Value>();
  }
  double NumberAt(uint32_t place) {
    const auto value = At(place);
    return value->IsNumber() ? value.As<v8::Number>()->Value() : 0;
  }
  std::string TextAt(uint32_t place) {
    const auto value = At(place);
    return value->IsString() ? js::ToUtf8(scope_, value.As<v8::String>())
                             : std::string();
  }

 private:
  js::Scope& scope_;
  const v8::Local<v8::Array> array_;
};

}  // namespace

std::shared_ptr<const FetchRules> ReadFetchRules(js::Scope& scope,
                                                 v8::Local<v8::String> text) {
  const v8::TryCatch caught(scope.isolate());
  v8::Local<v8::Value> parsed;
  if (!v8::JSON::Parse(scope.context(), text).ToLocal(&parsed) ||
      !parsed->IsArray()) {
    return nullptr;
  }
  Reader reader(scope, parsed.As<v8::Array>());
  auto rules = std::make_shared<FetchRules>();
  rules->cache = reader.At(0)->IsTrue();
  if (reader.At(1)->IsNumber()) rules->ttl = ToSeconds(reader.NumberAt(1));
  const auto by_status = reader.At(2);
  if (by_status->IsArray()) {
    const auto list = by_status.As<v8::Array>();
    Reader flat(scope, list);
    const uint32_t size = std::min(list->Length(), 3 * kMostRules);
    for (uint32_t i = 0; i + 2 < size; i += 3) {
      rules->by_status.push_back({.first = static_cast<uint16_t>(
                                      std::clamp(flat.NumberAt(i), 0.0, 999.0)),
                                  .last = static_cast<uint16_t>(std::clamp(
                                      flat.NumberAt(i + 1), 0.0, 999.0)),
                                  .ttl = ToSeconds(flat.NumberAt(i + 2))});
    }
  }
  rules->key = reader.TextAt(3);
  rules->resolve_override = reader.TextAt(4);
  return rules;
}

}  // namespace caravel::runtime

#include "runtime/ops/kv_binding.h"

#include <fmt/format.h>

#include <utility>

#include "registry/kv_bytes.h"
#include "registry/kv_cursor.h"
#include "runtime/isolate_state.h"
#include "runtime/ops/fetch_ops.h"

namespace caravel::runtime {
namespace {

using registry::KvQuestion;
using registry::KvVerb;

// As storage/kv_limits.h has it, which the addon does not link.
constexpr size_t kMostValueBytes = 25 << 20;

std::string_view VerbName(KvVerb verb) {
  switch (verb) {
    case KvVerb::kGet:
      break;
    case KvVerb::kGetMany:
      return "GET_BULK";
    case KvVerb::kPut:
      return "PUT";
    case KvVerb::kDelete:
      return "DELETE";
    case KvVerb::kList:  // as Workers have it
      break;
  }
  return "GET";
}

std::string Failure(KvVerb verb, int status, std::string_view why) {
  return fmt::format("KV {} failed: {} {}", VerbName(verb), status, why);
}

v8::MaybeLocal<v8::Value> AskFor(js::Scope& scope, InvocationId id,
                                 uint32_t binding, KvQuestion question,
                                 bool as_text = false) {
  IsolateState& state = scope.state();
  if (TakeSubrequest(scope, id) == nullptr) return {};
  if (!state.ChargeFetch(scope, BytesOf(question))) return {};
  v8::Local<v8::Promise::Resolver> resolver;
  if (!NewResolver(scope).ToLocal(&resolver)) return {};
  const QuestionId number = state.last_fetch += 2;
  RunningKv& running = state.kv_questions[number];
  running.invocation = id;
  running.verb = question.verb;
  running.as_text = as_text;
  running.waiter.Reset(scope.isolate(), resolver);
  state.Ask(id, AskKv{number, binding, std::move(question)});
  return resolver->GetPromise().As<v8::Value>();
}

// "UTF-8 decode" of the Encoding Standard: without a byte order mark.
v8::Local<v8::Value> TextOf(js::Scope& scope, std::string_view bytes) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (bytes.starts_with(kMark)) bytes.remove_prefix(kMark.size());
  return js::NewString(scope, bytes);
}

v8::Local<v8::Value> TextOrNull(js::Scope& scope,
                                const std::optional<std::string>& text) {
  if (!text) return v8::Null(scope.isolate());
  return js::NewString(scope, *text);
}

// A list that finds no then() which script has put on a prototype: resolving a
// promise looks for one.
v8::Local<v8::Value> Bare(js::Scope& scope, v8::LocalVector<v8::Value>& items) {
  const auto array =
      v8::Array::New(scope.isolate(), items.data(), items.size());
  (void)array->SetPrototypeV2(scope.context(), v8::Null(scope.isolate()));
  return array;
}

v8::Local<v8::Value> FoundOne(js::Scope& scope, const registry::KvItem& item,
                              bool as_text) {
  if (!item.found) return v8::Null(scope.isolate());
  v8::LocalVector<v8::Value> pair(scope.isolate());
  pair.push_back(as_text ? TextOf(scope, item.value)
                         : js::ToJs(scope, js::NewBytes{item.value}));
  pair.push_back(TextOrNull(scope, item.metadata));
  return Bare(scope, pair);
}

v8::Local<v8::Value> FoundMany(js::Scope& scope,
                               const std::vector<registry::KvItem>& items) {
  v8::LocalVector<v8::Value> flat(scope.isolate());
  for (const registry::KvItem& item : items) {
    flat.push_back(item.found ? TextOf(scope, item.value)
                              : v8::Null(scope.isolate()).As<v8::Value>());
    flat.push_back(TextOrNull(scope, item.metadata));
  }
  return Bare(scope, flat);
}

v8::Local<v8::Value> Listed(js::Scope& scope,
                            const registry::KvAnswer& answer) {
  v8::LocalVector<v8::Value> flat(scope.isolate());
  flat.push_back(answer.complete || answer.items.empty()
                     ? v8::Null(scope.isolate()).As<v8::Value>()
                     : js::NewString(scope, registry::KvCursorBehind(
                                                answer.items.back().key)));
  for (const registry::KvItem& item : answer.items) {
    flat.push_back(js::NewString(scope, item.key));
    flat.push_back(item.expiration
                       ? js::ToJs(scope, static_cast<double>(*item.expiration))
                       : v8::Null(scope.isolate()).As<v8::Value>());
    flat.push_back(TextOrNull(scope, item.metadata));
  }
  return Bare(scope, flat);
}

}  // namespace

v8::MaybeLocal<v8::Value> KvBinding::Get(js::Scope& scope, InvocationId id,
                                         uint32_t binding, std::string key,
                                         bool as_text) {
  KvQuestion question;
  question.keys.push_back(std::move(key));
  return AskFor(scope, id, binding, std::move(question), as_text);
}

v8::MaybeLocal<v8::Value> KvBinding::GetMany(js::Scope& scope, InvocationId id,
                                             uint32_t binding,
                                             std::vector<std::string> keys) {
  KvQuestion question;
  question.verb = KvVerb::kGetMany;
  question.keys = std::move(keys);
  return AskFor(scope, id, binding, std::move(question), /*as_text=*/true);
}

v8::MaybeLocal<v8::Value> KvBinding::Put(js::Scope& scope, InvocationId id,
                                         uint32_t binding, std::string key,
                                         v8::Local<v8::Value> value,
                                         std::string metadata,
                                         double expiration) {
  KvQuestion question;
  question.verb = KvVerb::kPut;
  question.keys.push_back(std::move(key));
  size_t size = 0;
  js::BytesView view;
  if (value->IsString()) {
    size = value.As<v8::String>()->Utf8LengthV2(scope.isolate());
  } else {
    if (!js::FromJs(scope, value, {"put", 5}, view)) return {};
    size = view.bytes.size();
  }
  if (size > kMostValueBytes) {
    js::Throw(scope,
              Error(ErrorCode::kInternal,
                    Failure(KvVerb::kPut, 413,
                            fmt::format("Value length of {} exceeds limit of "
                                        "{}.",
                                        size, kMostValueBytes))));
    return {};
  }
  if (value->IsString()) {
    js::AppendUtf8(scope, value.As<v8::String>(), question.value);
  } else {
    question.value.assign(view.bytes);
  }
  if (!metadata.empty()) question.metadata = std::move(metadata);
  if (expiration >= 0) question.expiration = static_cast<int64_t>(expiration);
  return AskFor(scope, id, binding, std::move(question));
}

v8::MaybeLocal<v8::Value> KvBinding::Delete(js::Scope& scope, InvocationId id,
                                            uint32_t binding, std::string key) {
  KvQuestion question;
  question.verb = KvVerb::kDelete;
  question.keys.push_back(std::move(key));
  return AskFor(scope, id, binding, std::move(question));
}

v8::MaybeLocal<v8::Value> KvBinding::List(js::Scope& scope, InvocationId id,
                                          uint32_t binding, std::string prefix,
                                          std::string cursor, uint32_t limit) {
  KvQuestion question;
  question.verb = KvVerb::kList;
  question.keys.push_back(std::move(prefix));
  question.limit = limit;
  if (!cursor.empty()) {
    question.after = registry::KeyOfKvCursor(cursor);
    if (!question.after) {
      js::Throw(scope, Error(ErrorCode::kInternal,
                             Failure(KvVerb::kList, 400, "Invalid cursor")));
      return {};
    }
  }
  return AskFor(scope, id, binding, std::move(question));
}

void ServeKv(js::Scope& scope, const KvAnswered& answered) {
  auto node = scope.state().kv_questions.extract(answered.question);
  if (node.empty()) return;
  RunningKv& running = node.mapped();
  const registry::KvAnswer& answer = *answered.answer;
  const bool one = running.verb == KvVerb::kGet;
  if (!answer.error.empty() || (one && answer.items.size() != 1)) {
    return Reject(scope, running.waiter,
                  Failure(running.verb, answer.status, answer.error));
  }
  v8::Local<v8::Value> value = v8::Undefined(scope.isolate());
  if (one) {
    value = FoundOne(scope, answer.items[0], running.as_text);
  } else if (running.verb == KvVerb::kGetMany) {
    value = FoundMany(scope, answer.items);
  } else if (running.verb == KvVerb::kList) {
    value = Listed(scope, answer);
  }
  Settle(scope, running.waiter, value);
}

}  // namespace caravel::runtime

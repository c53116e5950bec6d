#pragma once

#include <v8.h>

#include <memory>

#include "runtime/fetch_rules.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

// What web/lazy/fetch_rules.ts has written: JSON of [whether the cache is used,
// seconds or null, [first status, last status, seconds, ...], key, host].
// nullptr where script has come between and it is something else.
std::shared_ptr<const FetchRules> ReadFetchRules(js::Scope& scope,
                                                 v8::Local<v8::String> text);

}  // namespace caravel::runtime

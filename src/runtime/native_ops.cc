#include "runtime/native_ops.h"

#include "runtime/js/declarations.h"
#include "runtime/js/function.h"
#include "runtime/ops/clone_ops.h"
#include "runtime/ops/compression_ops.h"
#include "runtime/ops/crypto_ops.h"
#include "runtime/ops/encoding_ops.h"
#include "runtime/ops/fetch_ops.h"
#include "runtime/ops/html_ops.h"
#include "runtime/ops/lazy_property.h"
#include "runtime/ops/log_ops.h"
#include "runtime/ops/node/node_ops.h"
#include "runtime/ops/platform_ops.h"
#include "runtime/ops/request_ops.h"
#include "runtime/ops/respond_ops.h"
#include "runtime/ops/time_ops.h"
#include "runtime/ops/url_ops.h"

namespace caravel::runtime {
namespace {

template <typename Visitor>
void ForEachOps(Visitor visit) {
  visit.template operator()<RequestOps>();
  visit.template operator()<RespondOps>();
  visit.template operator()<FetchOps>();
  visit.template operator()<TimeOps>();
  visit.template operator()<LogOps>();
  visit.template operator()<PlatformOps>();
  visit.template operator()<LazyProperty>();
  visit.template operator()<EncodingOps>();
  visit.template operator()<CompressionOps>();
  visit.template operator()<UrlOps>();
  visit.template operator()<CryptoOps>();
  visit.template operator()<CloneOps>();
  visit.template operator()<HtmlOps>();
  visit.template operator()<NodeOps>();
}

}  // namespace

v8::Local<v8::Object> MakeNativeObject(js::Scope& scope) {
  const auto native = v8::Object::New(scope.isolate());
  ForEachOps([&]<typename Ops>() { js::Install<Ops>(scope, native); });
  return native;
}

std::vector<intptr_t> NativeReferences() {
  std::vector<intptr_t> references;
  ForEachOps([&]<typename Ops>() { js::AddReferences<Ops>(references); });
  references.push_back(LazyPropertyReference());
  return references;
}

std::string NativeDeclarations() {
  std::string classes;
  std::string members;
  ForEachOps([&]<typename Ops>() {
    classes += js::ClassDeclarations<Ops>();
    members += js::Declarations<Ops>();
  });
  return classes + "export interface Bound {\n" + members + "}\n";
}

}  // namespace caravel::runtime

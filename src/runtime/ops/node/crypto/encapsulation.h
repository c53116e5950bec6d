#pragma once

#include <v8.h>

#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/ops/node/crypto/key.h"

namespace caravel::runtime {

// Key encapsulation of Node's internal binding `crypto`: ML-KEM, DHKEM
// (RFC 9180) of elliptic curves, RSASVE of RSA.
//
// Threads: the one that is in the isolate.
struct NodeEncapsulation {
  // [the shared secret, what carries it], both ArrayBuffers.
  static js::Result<v8::Value> Encapsulate(js::Scope& scope, NodeKey* key);
  static js::Result<v8::Value> Decapsulate(js::Scope& scope, NodeKey* key,
                                           js::BytesView carrier);

  static constexpr auto Js() {
    return js::Functions(js::Function("encapsulate", &Encapsulate),
                         js::Function("decapsulate", &Decapsulate));
  }
};

}  // namespace caravel::runtime

#pragma once

#include <tuple>

#include "runtime/ops/node/crypto/agreement.h"
#include "runtime/ops/node/crypto/certificate.h"
#include "runtime/ops/node/crypto/ciphers.h"
#include "runtime/ops/node/crypto/derivations.h"
#include "runtime/ops/node/crypto/digests.h"
#include "runtime/ops/node/crypto/encapsulation.h"
#include "runtime/ops/node/crypto/key.h"
#include "runtime/ops/node/crypto/key_codec.h"
#include "runtime/ops/node/crypto/key_numbers.h"
#include "runtime/ops/node/crypto/key_use.h"
#include "runtime/ops/node/crypto/macs.h"
#include "runtime/ops/node/crypto/random.h"

namespace caravel::runtime {

// The native side of Node's internal binding `crypto`, over the OpenSSL in the
// Node binary; runtime/node/bindings/crypto.ts makes Node's classes and jobs of
// it. Script may come to call all of it with anything: numbers and texts stand
// before bytes, because converting them may run JS.
//
// Source: Node's documentation, "Crypto".
struct NodeCryptoBinding {
  static constexpr auto Js() {
    return std::tuple_cat(
        NodeDigests::Js(), NodeDerivations::Js(), NodeRandom::Js(),
        NodeKeys::Js(), NodeCiphers::Js(), NodeKeyCodec::Js(),
        NodeKeyNumbers::Js(), NodeKeyUse::Js(), NodeAgreement::Js(),
        NodeCertificates::Js(), NodeEncapsulation::Js(), NodeMacs::Js());
  }
};

}  // namespace caravel::runtime

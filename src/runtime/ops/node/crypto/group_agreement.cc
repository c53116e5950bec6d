// Diffie-Hellman modulo a prime. The numbers are what script says, and need not
// make a key that OpenSSL would hold: so the powers are computed here, of which
// each asks no longer than an RSA key of that size does. Only a new private
// number is OpenSSL's own, which knows how long one of a known group must be.
//
// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/dherr.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "runtime/isolate_state.h"
#include "runtime/ops/crypto/key_bounds.h"
#include "runtime/ops/crypto/openssl.h"
#include "runtime/ops/node/crypto/agreement.h"
#include "runtime/ops/node/crypto/big_number.h"
#include "runtime/ops/node/crypto/failure.h"
#include "runtime/ops/node/crypto/key.h"

namespace caravel::runtime {
namespace {

// OpenSSL makes no key and agrees on nothing below.
constexpr int kFewestBits = 512;
constexpr size_t kMostGroupBytes = size_t{kMostModulusBits} / 8;

struct Group {
  const char* name;
  BIGNUM* (*prime)(BIGNUM*);
};
// RFC 2409 and RFC 3526.
constexpr auto kGroups = std::to_array<Group>({
    {"modp1", &BN_get_rfc2409_prime_768},
    {"modp2", &BN_get_rfc2409_prime_1024},
    {"modp5", &BN_get_rfc3526_prime_1536},
    {"modp14", &BN_get_rfc3526_prime_2048},
    {"modp15", &BN_get_rfc3526_prime_3072},
    {"modp16", &BN_get_rfc3526_prime_4096},
    {"modp17", &BN_get_rfc3526_prime_6144},
    {"modp18", &BN_get_rfc3526_prime_8192},
});

js::Result<v8::Value> ThrowTooLong(js::Scope& scope) {
  return ThrowCoded(
      scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE",
      fmt::format("Diffie-Hellman with numbers of more than {} bits is not "
                  "computed here",
                  kMostModulusBits));
}

js::Result<v8::Value> ThrowBadGenerator(js::Scope& scope) {
  ERR_clear_error();
  ERR_raise(ERR_LIB_DH, DH_R_BAD_GENERATOR);
  return ThrowOpenSsl(scope, "bad generator");
}

bool IsGroupTooLong(std::string_view bytes) {
  return WithoutZeroes(bytes).size() > kMostGroupBytes;
}

// Nothing: thrown, as one is too long.
template <size_t count>
std::optional<std::array<BigNumber, count>> ReadNumbers(
    js::Scope& scope, const js::BytesView (&from)[count]) {
  std::array<BigNumber, count> numbers;
  for (const js::BytesView& each : from) {
    if (IsGroupTooLong(each.bytes)) {
      ThrowTooLong(scope);
      return std::nullopt;
    }
  }
  for (size_t i = 0; i < count; ++i) {
    numbers[i] = NumberFrom(from[i].bytes);
    if (numbers[i] == nullptr) {
      ThrowOpenSsl(scope, "number");
      return std::nullopt;
    }
  }
  return numbers;
}

// Below the first and above the last there is no public number: 0, 1 and the
// one before the prime.
BigNumber LastOf(const BIGNUM* prime) {
  BigNumber last(BN_dup(prime));
  if (last != nullptr && BN_sub_word(last.get(), 1) != 1) return nullptr;
  return last;
}

// Nothing where OpenSSL computes none, as of an even prime.
BigNumber Power(const BIGNUM* prime, const BIGNUM* base, BIGNUM* exponent) {
  if (BN_is_odd(prime) != 1 || BN_is_one(prime) == 1) return nullptr;
  const NumberContext context(BN_CTX_new());
  BigNumber power(BN_new());
  BN_set_flags(exponent, BN_FLG_CONSTTIME);
  if (context == nullptr || power == nullptr ||
      BN_mod_exp_mont_consttime(power.get(), base, exponent, prime,
                                context.get(), nullptr) != 1) {
    return nullptr;
  }
  return power;
}

// A key of the group alone, without numbers of its own.
EvpKey GroupOf(const BIGNUM* prime, const BIGNUM* generator) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_P, prime) !=
          1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_G, generator) !=
          1) {
    return nullptr;
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  EVP_PKEY* group = nullptr;
  if (parameters == nullptr || context == nullptr ||
      EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &group, EVP_PKEY_KEY_PARAMETERS,
                        parameters.get()) != 1) {
    return nullptr;
  }
  return EvpKey(group);
}

// Whether OpenSSL knows it to be good.
bool HasName(const BIGNUM* prime, const BIGNUM* generator) {
  const EvpKey group = GroupOf(prime, generator);
  std::array<char, 64> name{};
  size_t size = 0;
  const bool has =
      group != nullptr &&
      EVP_PKEY_get_utf8_string_param(group.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                     name.data(), name.size(), &size) == 1 &&
      size > 0;
  ERR_clear_error();
  return has;
}

// Of the prime: DH_CHECK_P_NOT_PRIME, DH_CHECK_P_NOT_SAFE_PRIME or neither.
// Below 0: OpenSSL failed, or the call is being ended.
int CheckPrime(js::Scope& scope, const BIGNUM* prime) {
  const NumberContext context(BN_CTX_new());
  const NumberProgress progress = NewNumberProgress(scope);
  const BigNumber half(BN_new());
  if (context == nullptr || progress == nullptr || half == nullptr ||
      BN_rshift1(half.get(), prime) != 1) {
    return -1;
  }
  const int whole = BN_check_prime(prime, context.get(), progress.get());
  if (whole != 1) return whole < 0 ? -1 : DH_CHECK_P_NOT_PRIME;
  const int rest = BN_check_prime(half.get(), context.get(), progress.get());
  if (rest != 1) return rest < 0 ? -1 : DH_CHECK_P_NOT_SAFE_PRIME;
  return 0;
}

js::Result<v8::Value> OrNothing(js::Scope& scope, const BigNumber& number,
                                size_t size = 0) {
  ERR_clear_error();
  if (number == nullptr) return v8::Undefined(scope.isolate());
  return NumberToBuffer(scope, number.get(), size);
}

}  // namespace

js::Result<v8::Value> NodeAgreement::NumberOf(js::Scope& scope,
                                              js::BytesView bytes) {
  if (IsGroupTooLong(bytes.bytes)) return ThrowTooLong(scope);
  return ToBuffer(scope, WithoutZeroes(bytes.bytes));
}

js::Result<v8::Value> NodeAgreement::GroupPrime(js::Scope& scope,
                                                std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  for (const Group& group : kGroups) {
    if (name == group.name) {
      return OrNothing(scope, BigNumber(group.prime(nullptr)));
    }
  }
  return v8::Undefined(scope.isolate());
}

js::Result<v8::Value> NodeAgreement::SafePrimeNew(js::Scope& scope,
                                                  uint32_t bits,
                                                  uint32_t generator) {
  if (bits > kMostModulusBits) return ThrowTooLong(scope);
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  if (context == nullptr || EVP_PKEY_paramgen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_dh_paramgen_prime_len(context.get(),
                                             static_cast<int>(bits)) != 1 ||
      EVP_PKEY_CTX_set_dh_paramgen_generator(
          context.get(), static_cast<int>(generator)) != 1) {
    return ThrowOpenSsl(scope, "Invalid DH parameters");
  }
  const EvpKey group =
      GenerateParameters(scope, context.get(), "Invalid DH parameters");
  if (group == nullptr) return {};
  BIGNUM* prime = nullptr;
  EVP_PKEY_get_bn_param(group.get(), OSSL_PKEY_PARAM_FFC_P, &prime);
  return OrNothing(scope, BigNumber(prime));
}

js::Result<v8::Value> NodeAgreement::GroupCheck(js::Scope& scope,
                                                js::BytesView prime,
                                                js::BytesView generator) {
  const auto numbers = ReadNumbers(scope, {prime, generator});
  if (!numbers) return {};
  const auto& [p, g] = *numbers;
  const BigNumber last = LastOf(p.get());
  if (last == nullptr) return ThrowOpenSsl(scope, "number");
  const int bits = BN_num_bits(p.get());
  const bool below = BN_cmp(g.get(), BN_value_one()) <= 0;
  if (below || (bits >= kFewestBits && BN_cmp(g.get(), p.get()) >= 0)) {
    return ThrowBadGenerator(scope);
  }
  int wrong = 0;
  if (!HasName(p.get(), g.get())) {
    wrong = CheckPrime(scope, p.get());
    if (scope.state().CallIsEnding()) return ThrowCallEnds(scope);
    if (wrong < 0) return ThrowOpenSsl(scope, "prime");
    if (BN_is_odd(p.get()) != 1) wrong |= DH_CHECK_P_NOT_PRIME;
    if (BN_cmp(g.get(), last.get()) >= 0) wrong |= DH_NOT_SUITABLE_GENERATOR;
    if (bits < kFewestBits) wrong |= DH_MODULUS_TOO_SMALL;
  }
  ERR_clear_error();
  return v8::Integer::New(scope.isolate(), wrong);
}

js::Result<v8::Value> NodeAgreement::GroupKeyNew(js::Scope& scope,
                                                 js::BytesView prime,
                                                 js::BytesView generator) {
  const auto numbers = ReadNumbers(scope, {prime, generator});
  if (!numbers) return {};
  const auto& [p, g] = *numbers;
  const EvpKey group = GroupOf(p.get(), g.get());
  const KeyContext context(
      group == nullptr
          ? nullptr
          : EVP_PKEY_CTX_new_from_pkey(nullptr, group.get(), nullptr));
  EVP_PKEY* made = nullptr;
  if (context == nullptr || EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_generate(context.get(), &made) != 1) {
    return ThrowOpenSsl(scope, "Key generation failed");
  }
  return NodeKey::OfPair(scope, NodeKeyType::kPrivate, EvpKey(made));
}

js::Result<v8::Value> NodeAgreement::GroupPublic(js::Scope& scope,
                                                 js::BytesView prime,
                                                 js::BytesView generator,
                                                 js::BytesView number) {
  const auto numbers = ReadNumbers(scope, {prime, generator, number});
  if (!numbers) return {};
  const auto& [p, g, own] = *numbers;
  return OrNothing(scope, Power(p.get(), g.get(), own.get()));
}

js::Result<v8::Value> NodeAgreement::GroupSecret(js::Scope& scope,
                                                 js::BytesView prime,
                                                 js::BytesView number,
                                                 js::BytesView other) {
  const auto numbers = ReadNumbers(scope, {prime, number});
  if (!numbers) return {};
  const auto& [p, own] = *numbers;
  const BigNumber last = LastOf(p.get());
  if (last == nullptr) return ThrowOpenSsl(scope, "number");
  // One that is longer than the bound is above every prime within it.
  if (IsGroupTooLong(other.bytes)) return js::NewString(scope, "large");
  const BigNumber theirs = NumberFrom(WithoutZeroes(other.bytes));
  if (theirs == nullptr) return ThrowOpenSsl(scope, "number");
  if (BN_cmp(theirs.get(), BN_value_one()) <= 0) {
    return js::NewString(scope, "small");
  }
  if (BN_cmp(theirs.get(), last.get()) >= 0) {
    return js::NewString(scope, "large");
  }
  if (BN_is_zero(own.get()) == 1 || BN_num_bits(p.get()) < kFewestBits) {
    return v8::Undefined(scope.isolate());
  }
  BigNumber secret = Power(p.get(), theirs.get(), own.get());
  // One that everybody knows.
  if (secret != nullptr && (BN_cmp(secret.get(), BN_value_one()) <= 0 ||
                            BN_cmp(secret.get(), last.get()) == 0)) {
    secret.reset();
  }
  return OrNothing(scope, secret, static_cast<size_t>(BN_num_bytes(p.get())));
}

}  // namespace caravel::runtime

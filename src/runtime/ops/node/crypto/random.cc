// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/crypto/random.h"

#include <openssl/bn.h>
#include <openssl/rand.h>

#include "runtime/isolate_state.h"
#include "runtime/ops/crypto/openssl.h"
#include "runtime/ops/node/crypto/big_number.h"
#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

// More than any that is of use; a test of one takes about a second.
constexpr size_t kMostCandidateBytes = 2048;

// Whether there is any prime that is `rest` more than a multiple of `step`:
// OpenSSL looks for one for ever, and asks nobody. Of a safe prime, half of
// what is below it has no small factor either.
bool CanBePrime(const BIGNUM* step, const BIGNUM* rest, bool safe) {
  const NumberContext context(BN_CTX_new());
  const BigNumber remainder(BN_new());
  const BigNumber common(BN_new());
  if (context == nullptr || remainder == nullptr || common == nullptr) {
    return false;
  }
  if (rest == nullptr) {
    BN_set_word(remainder.get(), safe ? 3 : 1);
  } else if (BN_copy(remainder.get(), rest) == nullptr) {
    return false;
  }
  if (BN_gcd(common.get(), step, remainder.get(), context.get()) != 1 ||
      BN_is_one(common.get()) != 1) {
    return false;
  }
  if (!safe) return true;
  return BN_sub_word(remainder.get(), 1) == 1 &&
         BN_gcd(common.get(), step, remainder.get(), context.get()) == 1 &&
         (BN_is_one(common.get()) == 1 || BN_is_word(common.get(), 2) == 1);
}

js::Result<v8::Value> ThrowCandidateTooLong(js::Scope& scope) {
  return ThrowCoded(scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE",
                    "primes of more than 16384 bits are not computed here");
}

}  // namespace

js::Result<v8::Value> NodeRandom::RandomFill(js::Scope& scope, uint32_t offset,
                                             uint32_t size,
                                             js::MutableBytes out) {
  if (offset > out.bytes.size() || size > out.bytes.size() - offset) {
    js::ThrowTypeError(scope, "randomFill: the buffer has fewer bytes");
    return {};
  }
  const auto target = out.bytes.subspan(offset, size);
  if (RAND_bytes(reinterpret_cast<unsigned char*>(target.data()),
                 static_cast<int>(target.size())) != 1) {
    return ThrowOpenSsl(scope, "random bytes");
  }
  return v8::Undefined(scope.isolate());
}

js::Result<v8::Value> NodeRandom::PrimeNew(js::Scope& scope, uint32_t bits,
                                           bool safe,
                                           std::optional<js::BytesView> add,
                                           std::optional<js::BytesView> rem) {
  const std::string_view addend = add ? add->bytes : std::string_view();
  const std::string_view remainder = rem ? rem->bytes : std::string_view();
  if (bits > kMostCandidateBytes * 8 || addend.size() > kMostCandidateBytes ||
      remainder.size() > kMostCandidateBytes) {
    return ThrowCandidateTooLong(scope);
  }
  const BigNumber prime(BN_secure_new());
  const BigNumber step = add ? NumberFrom(addend) : nullptr;
  const BigNumber rest = rem ? NumberFrom(remainder) : nullptr;
  const auto invalid = [&](std::string_view message) {
    return ThrowCoded(scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE",
                      message);
  };
  if (step != nullptr) {
    // Larger than the prime: none would be found, ever.
    if (BN_num_bits(step.get()) > static_cast<int>(bits)) {
      return invalid("invalid options.add");
    }
    if (rest != nullptr && BN_cmp(step.get(), rest.get()) != 1) {
      return invalid("invalid options.rem");
    }
    if (BN_is_zero(step.get()) == 1 ||
        !CanBePrime(step.get(), rest.get(), safe)) {
      return invalid(
          "no prime is options.rem more than a multiple of "
          "options.add");
    }
  }
  const NumberProgress progress = NewNumberProgress(scope);
  const NumberContext context(BN_CTX_new());
  if (prime == nullptr || progress == nullptr || context == nullptr ||
      BN_generate_prime_ex2(prime.get(), static_cast<int>(bits), safe ? 1 : 0,
                            step.get(), rest.get(), progress.get(),
                            context.get()) != 1) {
    if (scope.state().CallIsEnding()) return ThrowCallEnds(scope);
    return ThrowOpenSsl(scope, "could not generate prime");
  }
  return NumberToBuffer(scope, prime.get(), 0);
}

js::Result<v8::Value> NodeRandom::IsPrime(js::Scope& scope, uint32_t checks,
                                          js::BytesView candidate) {
  if (candidate.bytes.size() > kMostCandidateBytes)
    return ThrowCandidateTooLong(scope);
  const BigNumber number = NumberFrom(candidate.bytes);
  const NumberProgress progress = NewNumberProgress(scope);
  const NumberContext context(BN_CTX_new());
  if (number == nullptr || progress == nullptr || context == nullptr) {
    return ThrowOpenSsl(scope, "prime");
  }
  // BN_check_prime() takes no number of checks, and makes enough of them.
  int is_prime = BN_check_prime(number.get(), context.get(), progress.get());
  for (uint32_t i = 64; i < checks && is_prime == 1; i += 64) {
    is_prime = BN_check_prime(number.get(), context.get(), progress.get());
  }
  if (scope.state().CallIsEnding()) return ThrowCallEnds(scope);
  if (is_prime < 0) return ThrowOpenSsl(scope, "prime");
  return v8::Boolean::New(scope.isolate(), is_prime == 1);
}

}  // namespace caravel::runtime

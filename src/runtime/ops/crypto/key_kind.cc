#include "runtime/ops/crypto/key_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caravel::runtime {
namespace {

using Family = KeyKind::Family;
constexpr auto kKeyKinds = std::to_array<KeyKind>({
    {"RSA", Family::kRsa, "RSA", 0},
    {"P-256", Family::kCurve, "P-256", 32},
    {"P-384", Family::kCurve, "P-384", 48},
    {"P-521", Family::kCurve, "P-521", 66},
    {"Ed25519", Family::kOctets, "ED25519", 32},
    {"Ed448", Family::kOctets, "ED448", 57},
    {"X25519", Family::kOctets, "X25519", 32},
    {"X448", Family::kOctets, "X448", 56},
});

}  // namespace

Result<const KeyKind*> FindKeyKind(std::string_view name) {
  const auto* const found = std::ranges::find(kKeyKinds, name, &KeyKind::name);
  if (found != kKeyKinds.end()) return found;
  return Error(ErrorCode::kInvalid,
               fmt::format("keys of kind \"{}\" are not known", name));
}

}  // namespace caravel::runtime

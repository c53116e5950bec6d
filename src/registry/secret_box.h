#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::registry {

// Seals secrets for storage, by XChaCha20-Poly1305 (libsodium) under a key of
// this installation. What was sealed for one place does not open in another:
// the place (Worker and name of the binding) is authenticated with it.
//
// A value that copies; any thread may use it. The key is wiped on destruction.
class SecretBox {
 public:
  static constexpr size_t kKeyBytes = 32;
  using Key = std::array<unsigned char, kKeyBytes>;

  // The key in the file at `path`, which is made with a random key (mode 0600)
  // when it is absent. kDenied when others may read the file; kInvalid when it
  // does not hold a key.
  static Result<SecretBox> Open(const std::string& path);

  explicit SecretBox(const Key& key) : key_(key) {}
  SecretBox(const SecretBox&) = default;
  SecretBox& operator=(const SecretBox&) = default;
  ~SecretBox();

  // Random nonce, then the ciphertext with its tag: 40 bytes more than `text`.
  std::string Seal(std::string_view text, std::string_view place) const;

  // kInternal when `sealed` is damaged, of another place, or of another key.
  Result<std::string> Unseal(std::string_view sealed,
                             std::string_view place) const;

  // HMAC-SHA-256 of `text` under the same key: what was signed for one purpose
  // is not good for another.
  std::string Sign(std::string_view text, std::string_view purpose) const;
  bool IsSigned(std::string_view text, std::string_view purpose,
                std::string_view signature) const;

 private:
  Key key_;
};

}  // namespace caravel::registry

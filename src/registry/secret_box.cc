#include "registry/secret_box.h"

#include <sodium.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "storage/files.h"

namespace caravel::registry {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(SecretBox::kKeyBytes ==
              crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

unsigned char* AsUnsigned(char* data) {
  return reinterpret_cast<unsigned char*>(data);
}
const unsigned char* AsUnsigned(const char* data) {
  return reinterpret_cast<const unsigned char*>(data);
}

Status MakeKeyFile(storage::Files& files, const std::string& path) {
  std::string key(SecretBox::kKeyBytes, '\0');
  randombytes_buf(key.data(), key.size());
  const std::filesystem::path parts(path);
  const std::string scratch = path + ".new";
  CARAVEL_TRY(files.Remove(scratch));
  Status made = storage::ReplaceFile(files, parts.parent_path(),
                                     parts.filename(), scratch, key);
  sodium_memzero(key.data(), key.size());
  return made;
}

Status CheckIsPrivate(const base::Fd& file, const std::string& path) {
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) {
    return ErrnoError("look at " + path, errno);
  }
  if ((status.st_mode & 0077) == 0) return {};
  return Error(ErrorCode::kDenied,
               fmt::format("key file {} can be read by other users (mode {:o})",
                           path, status.st_mode & 0777))
      .Remedy("chmod 600 it; if others may have read it, replace the secrets");
}

}  // namespace

Result<SecretBox> SecretBox::Open(const std::string& path) {
  storage::SystemFiles files;
  CARAVEL_TRY(const auto size, files.Size(path));
  if (!size) CARAVEL_TRY(MakeKeyFile(files, path).In("make the key file"));
  CARAVEL_TRY(const base::Fd file, files.Open(path));
  CARAVEL_TRY(CheckIsPrivate(file, path));
  CARAVEL_TRY(std::string bytes, base::ReadWholeFile(file, 4096));
  if (bytes.size() != kKeyBytes) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("key file {} holds {} bytes, a key has {}", path,
                             bytes.size(), kKeyBytes))
        .Remedy("restore it from a backup: secrets open with that key only");
  }
  Key key;
  bytes.copy(reinterpret_cast<char*>(key.data()), key.size());
  sodium_memzero(bytes.data(), bytes.size());
  SecretBox box(key);
  sodium_memzero(key.data(), key.size());
  return box;
}

SecretBox::~SecretBox() { sodium_memzero(key_.data(), key_.size()); }

std::string SecretBox::Seal(std::string_view text,
                            std::string_view place) const {
  std::string sealed(kNonceBytes + text.size() + kTagBytes, '\0');
  randombytes_buf(sealed.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      AsUnsigned(sealed.data() + kNonceBytes), nullptr, AsUnsigned(text.data()),
      text.size(), AsUnsigned(place.data()), place.size(), nullptr,
      AsUnsigned(sealed.data()), key_.data());
  return sealed;
}

Result<std::string> SecretBox::Unseal(std::string_view sealed,
                                      std::string_view place) const {
  if (sealed.size() >= kNonceBytes + kTagBytes) {
    std::string text(sealed.size() - kNonceBytes - kTagBytes, '\0');
    const std::string_view body = sealed.substr(kNonceBytes);
    const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        AsUnsigned(text.data()), nullptr, nullptr, AsUnsigned(body.data()),
        body.size(), AsUnsigned(place.data()), place.size(),
        AsUnsigned(sealed.data()), key_.data());
    if (failed == 0) return text;
  }
  return Error(ErrorCode::kInternal,
               fmt::format("what was sealed for {} does not open: it was "
                           "damaged, or the key file is another one",
                           place))
      .Remedy("restore the key file that belongs to this database");
}

std::string SecretBox::Sign(std::string_view text,
                            std::string_view purpose) const {
  // A key for each purpose, so that no text of one can stand for another's.
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> key;
  crypto_auth_hmacsha256(key.data(), AsUnsigned(purpose.data()), purpose.size(),
                         key_.data());
  std::string signature(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256(AsUnsigned(signature.data()), AsUnsigned(text.data()),
                         text.size(), key.data());
  sodium_memzero(key.data(), key.size());
  return signature;
}

bool SecretBox::IsSigned(std::string_view text, std::string_view purpose,
                         std::string_view signature) const {
  const std::string expected = Sign(text, purpose);
  return signature.size() == expected.size() &&
         sodium_memcmp(signature.data(), expected.data(), expected.size()) == 0;
}

}  // namespace caravel::registry

#include "control/upload_token.h"

#include <fmt/format.h>
#include <sodium.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>

#include "registry/asset_uploads.h"

namespace caravel::api {
namespace {

// A token for the version may be given as one for the contents ends.
static_assert(registry::kUploadSessionLife > 2 * kUploadTokenLife);

constexpr std::string_view kPurpose = "upload session";
constexpr size_t kMostTokenBytes = 4096;
constexpr int kTokenVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string ToBase64Url(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kTokenVariant),
                   '\0');
  sodium_bin2base64(text.data(), text.size(),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kTokenVariant);
  text.pop_back();  // the NUL
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string bytes(text.size(), '\0');
  size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()),
                        bytes.size(), text.data(), text.size(), nullptr, &size,
                        nullptr, kTokenVariant) != 0) {
    return {};
  }
  bytes.resize(size);
  return bytes;
}

int64_t SecondsOf(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(
             time.time_since_epoch())
      .count();
}

Error BadToken(std::string_view why) {
  return Error(ErrorCode::kDenied,
               fmt::format("the token of the upload session {}", why))
      .Remedy("begin the upload anew");
}

std::string TextOf(const boost::json::object& claims, std::string_view key) {
  const boost::json::value* value = claims.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->as_string());
}

}  // namespace

std::string WriteUploadToken(const registry::Registry& registry,
                             const UploadToken& token, base::WallTime now) {
  const boost::json::object claims{
      {"iat", SecondsOf(now)},
      {"exp", SecondsOf(now + kUploadTokenLife)},
      {"use", token.use == UploadToken::Use::kUpload ? "upload" : "complete"},
      {"account", token.account},
      {"worker", token.worker},
      {"session", token.session},
      {"begun_by", token.begun_by}};
  std::string text =
      fmt::format("{}.{}", ToBase64Url(R"({"alg":"HS256","typ":"JWT"})"),
                  ToBase64Url(boost::json::serialize(claims)));
  const std::string signature = registry.Sign(text, kPurpose);
  return fmt::format("{}.{}", text, ToBase64Url(signature));
}

Result<UploadToken> ReadUploadToken(const registry::Registry& registry,
                                    std::string_view text, base::WallTime now) {
  const size_t first = text.find('.');
  const size_t last = text.rfind('.');
  if (text.size() > kMostTokenBytes || first == std::string_view::npos ||
      first == last) {
    return BadToken("is none");
  }
  const auto signature = FromBase64Url(text.substr(last + 1));
  if (!signature ||
      !registry.IsSigned(text.substr(0, last), kPurpose, *signature)) {
    return BadToken("was not given by this installation");
  }
  const auto payload = FromBase64Url(text.substr(first + 1, last - first - 1));
  boost::json::error_code error;
  const boost::json::value claims =
      boost::json::parse(payload.value_or(""), error);
  if (error || !claims.is_object()) return BadToken("is none");
  const boost::json::object& object = claims.as_object();
  const boost::json::value* end = object.if_contains("exp");
  if (end == nullptr || !end->is_int64() || end->as_int64() <= SecondsOf(now)) {
    return BadToken("has expired");
  }
  return UploadToken{.use = TextOf(object, "use") == "complete"
                                ? UploadToken::Use::kComplete
                                : UploadToken::Use::kUpload,
                     .account = TextOf(object, "account"),
                     .worker = TextOf(object, "worker"),
                     .session = TextOf(object, "session"),
                     .begun_by = TextOf(object, "begun_by")};
}

}  // namespace caravel::api

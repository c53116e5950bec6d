#include "control/asset_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include "control/asset_manifest.h"
#include "control/asset_rule_files.h"
#include "control/upload_token.h"
#include "registry/asset_list.h"

namespace caravel::api {
namespace {

using registry::AssetConfig;
using registry::HtmlHandling;
using registry::NotFoundHandling;

constexpr size_t kMostFirstPatterns = 100;
constexpr size_t kMostPatternBytes = 100;
constexpr size_t kMostBasePathBytes = 1000;

constexpr auto kHtmlHandlings =
    std::to_array<std::pair<std::string_view, HtmlHandling>>({
        {"auto-trailing-slash", HtmlHandling::kAutoTrailingSlash},
        {"force-trailing-slash", HtmlHandling::kForceTrailingSlash},
        {"drop-trailing-slash", HtmlHandling::kDropTrailingSlash},
        {"none", HtmlHandling::kNone},
    });
constexpr auto kNotFoundHandlings =
    std::to_array<std::pair<std::string_view, NotFoundHandling>>({
        {"none", NotFoundHandling::kNone},
        {"single-page-application", NotFoundHandling::kSinglePage},
        {"404-page", NotFoundHandling::kNotFoundPage},
    });

Error WrongConfig(std::string_view key, std::string_view what) {
  return Error(ErrorCode::kInvalid,
               fmt::format("metadata.assets.config.{}: {}", key, what));
}

template <typename T, size_t kCount>
Status Choose(const std::optional<std::string>& text, std::string_view key,
              const std::array<std::pair<std::string_view, T>, kCount>& known,
              T& out) {
  if (!text) return {};
  std::string names;
  for (const auto& [name, value] : known) {
    if (name == *text) {
      out = value;
      return {};
    }
    names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  }
  return WrongConfig(key, fmt::format("\"{}\" is none of {}", *text, names));
}

Status ReadFirst(const boost::json::value& value, bool has_code,
                 AssetConfig& config) {
  constexpr std::string_view kKey = "run_worker_first";
  if (const bool* all = value.if_bool()) {
    config.worker_first = *all;
  } else if (const auto* list = value.if_array()) {
    if (list->size() > kMostFirstPatterns) {
      return WrongConfig(
          kKey, fmt::format("has more than {} patterns", kMostFirstPatterns));
    }
    for (const boost::json::value& item : *list) {
      if (!item.is_string()) return WrongConfig(kKey, "holds other than texts");
      std::string_view pattern = item.as_string();
      const bool negative = pattern.starts_with('!');
      if (negative) pattern.remove_prefix(1);
      if (!pattern.starts_with('/') || pattern.size() > kMostPatternBytes) {
        return WrongConfig(kKey,
                           fmt::format("\"{}\": a pattern begins with / or !/ "
                                       "and has at most {} characters",
                                       pattern, kMostPatternBytes));
      }
      (negative ? config.asset_patterns : config.worker_patterns)
          .emplace_back(pattern);
    }
    if (config.worker_patterns.empty() && !config.asset_patterns.empty()) {
      return WrongConfig(kKey, "only takes away: name what it takes from");
    }
  } else {
    return WrongConfig(kKey, "must be true, false or a list of patterns");
  }
  if (!has_code && (config.worker_first || !config.worker_patterns.empty())) {
    return WrongConfig(kKey, "there is no Worker that could run first")
        .Remedy("set \"main\" in the wrangler configuration, or remove it");
  }
  return {};
}

// Of a URL, in front of its colon.
bool IsScheme(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !text.empty() && is_letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '+' ||
                  c == '-' || c == '.';
         });
}

// "docs", "/docs" and "/docs/" are "/docs"; "/" is nothing.
Result<std::string> ReadBasePath(std::string_view text) {
  constexpr std::string_view kKey = "base_path";
  if (text.empty()) {
    return WrongConfig(kKey, "is empty").Remedy("leave it out, or say \"/\"");
  }
  const size_t colon = text.find(':');
  if (text.starts_with("//") ||
      (colon != std::string_view::npos && IsScheme(text.substr(0, colon)))) {
    return WrongConfig(kKey, fmt::format("\"{}\" is no path but a URL", text));
  }
  if (text.size() > kMostBasePathBytes || std::ranges::any_of(text, [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '\x7f' ||
               std::string_view("\\?#%").find(c) != std::string_view::npos;
      })) {
    return WrongConfig(
        kKey, fmt::format("has at most {} bytes, and no \\, ?, #, % or control "
                          "characters",
                          kMostBasePathBytes));
  }
  std::string path;
  while (!text.empty()) {
    const size_t slash = std::min(text.find('/'), text.size());
    const std::string_view segment = text.substr(0, slash);
    text.remove_prefix(std::min(slash + 1, text.size()));
    if (segment == "..") {
      path.resize(path.empty() ? 0 : path.rfind('/'));
    } else if (!segment.empty() && segment != ".") {
      path.append("/").append(segment);
    }
  }
  return path;
}

Result<std::vector<registry::Asset>> ListAssets(Caller& caller,
                                                const std::string& session) {
  const Services& services = caller.services;
  CARAVEL_TRY(const AssetManifest manifest,
              LoadManifest(services.asset_uploads, caller.account, session));
  std::vector<std::string> names;
  for (const AssetManifest::File& file : manifest.files) {
    names.push_back(file.name);
  }
  CARAVEL_TRY(std::vector<registry::AssetFile> files,
              services.asset_uploads.Find(caller.account, names));
  std::map<std::string, registry::AssetFile> by_name;
  for (registry::AssetFile& file : files) {
    by_name.insert_or_assign(file.name, std::move(file));
  }
  std::vector<registry::Asset> assets;
  for (const AssetManifest::File& file : manifest.files) {
    const auto found = by_name.find(file.name);
    if (found == by_name.end()) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("asset \"{}\" has not arrived", file.path))
          .Remedy("deploy again");
    }
    assets.push_back({.path = file.path,
                      .type = found->second.type,
                      .forms = found->second.forms});
  }
  return assets;
}

}  // namespace

Result<AssetConfig> ReadAssetConfig(const AssetConfigInput& input,
                                    bool has_code) {
  AssetConfig config;
  CARAVEL_TRY(Choose(input.html_handling, "html_handling", kHtmlHandlings,
                     config.html_handling));
  CARAVEL_TRY(Choose(input.not_found_handling, "not_found_handling",
                     kNotFoundHandlings, config.not_found_handling));
  if (input.run_worker_first && !input.run_worker_first->is_null()) {
    CARAVEL_TRY(ReadFirst(*input.run_worker_first, has_code, config));
  }
  if (input.base_path) {
    CARAVEL_TRY(config.base_path, ReadBasePath(*input.base_path));
  }
  if (input.redirects) {
    CARAVEL_TRY(config.redirects, ParseRedirects(*input.redirects));
  }
  if (input.headers) {
    CARAVEL_TRY(config.headers, ParseHeaderRules(*input.headers));
  }
  return config;
}

Result<std::string> NewAssets(Caller& caller, std::string_view worker,
                              const AssetsInput& input, bool has_code) {
  const Services& services = caller.services;
  if (!input.jwt) {
    return Error(ErrorCode::kInvalid, "metadata.assets.jwt: is required")
        .Remedy("upload the assets first");
  }
  auto read =
      ReadUploadToken(services.registry, *input.jwt, services.clock.Wall());
  if (!read) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("metadata.assets.jwt: {}", read.error().message()))
        .Remedy("deploy again");
  }
  const UploadToken token = std::move(read).value();
  if (token.use != UploadToken::Use::kComplete ||
      token.account != caller.account.value || token.worker != worker) {
    return Error(ErrorCode::kInvalid,
                 "metadata.assets.jwt: is not the token that an upload of this "
                 "Worker's assets ended in")
        .Remedy("deploy again");
  }
  CARAVEL_TRY(
      const AssetConfig config,
      ReadAssetConfig(input.config.value_or(AssetConfigInput()), has_code));
  CARAVEL_TRY(std::vector<registry::Asset> assets,
              ListAssets(caller, token.session));
  CARAVEL_TRY(const std::string list,
              registry::WriteAssetList(config, std::move(assets)));
  const std::string_view bytes = list;
  CARAVEL_TRY(registry::KeptBlobs::Stored stored,
              services.kept_blobs.Put(std::span(&bytes, 1),
                                      registry::BlobKind::kAssetList));
  caller.holds.push_back(std::move(stored.hold));
  CARAVEL_TRY(services.asset_uploads.End(caller.account, token.session));
  return std::move(stored.digests.front());
}

Result<std::string> NewestAssets(Caller& caller, std::string_view worker,
                                 const std::optional<AssetsInput>& input) {
  if (input && (input->jwt || input->config)) {
    return Error(ErrorCode::kInvalid,
                 "metadata.keep_assets: metadata.assets says otherwise")
        .Remedy("leave one of them out");
  }
  CARAVEL_TRY(const auto newest,
              caller.services.registry.ListVersions(caller.account, worker, 1));
  if (newest.empty()) return std::string();
  const std::string& digest = newest[0].version.assets_digest;
  caller.holds.push_back(caller.services.kept_blobs.HoldOn(digest));
  return digest;
}

}  // namespace caravel::api

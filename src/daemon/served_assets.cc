#include "daemon/served_assets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/lower_case.h"
#include "control/asset_config.h"
#include "daemon/client/files.h"
#include "daemon/ignored_files.h"
#include "net/utf8_check.h"
#include "storage/digest.h"

namespace caravel::daemon {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr auto kTypes =
    std::to_array<std::pair<std::string_view, std::string_view>>({
        {"avif", "image/avif"},
        {"bmp", "image/bmp"},
        {"css", "text/css; charset=utf-8"},
        {"csv", "text/csv; charset=utf-8"},
        {"gif", "image/gif"},
        {"gz", "application/gzip"},
        {"htm", "text/html; charset=utf-8"},
        {"html", "text/html; charset=utf-8"},
        {"ico", "image/vnd.microsoft.icon"},
        {"ics", "text/calendar; charset=utf-8"},
        {"jpeg", "image/jpeg"},
        {"jpg", "image/jpeg"},
        {"js", "text/javascript; charset=utf-8"},
        {"json", "application/json"},
        {"jsonld", "application/ld+json"},
        {"m4a", "audio/mp4"},
        {"map", "application/json"},
        {"md", "text/markdown; charset=utf-8"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"mp3", "audio/mpeg"},
        {"mp4", "video/mp4"},
        {"ogg", "audio/ogg"},
        {"otf", "font/otf"},
        {"pdf", "application/pdf"},
        {"png", "image/png"},
        {"rss", "application/rss+xml"},
        {"svg", "image/svg+xml"},
        {"tar", "application/x-tar"},
        {"tif", "image/tiff"},
        {"tiff", "image/tiff"},
        {"toml", "application/toml"},
        {"ttf", "font/ttf"},
        {"txt", "text/plain; charset=utf-8"},
        {"vtt", "text/vtt; charset=utf-8"},
        {"wasm", "application/wasm"},
        {"wav", "audio/wav"},
        {"webm", "video/webm"},
        {"webmanifest", "application/manifest+json"},
        {"webp", "image/webp"},
        {"woff", "font/woff"},
        {"woff2", "font/woff2"},
        {"xhtml", "application/xhtml+xml"},
        {"xml", "text/xml; charset=utf-8"},
        {"yaml", "text/yaml; charset=utf-8"},
        {"yml", "text/yaml; charset=utf-8"},
        {"zip", "application/zip"},
    });
static_assert(std::ranges::is_sorted(kTypes));

// What speaks of assets and is none, and folders that nobody means to send.
constexpr std::string_view kUsuallyIgnored =
    "/.assetsignore\n/_redirects\n/_headers\n/_worker.js\n"
    "node_modules/\n.git/\n";

constexpr size_t kMostRuleBytes = 1 << 20;

std::optional<std::string> TextIn(const json::object& config,
                                  std::string_view key) {
  const json::value* value = config.if_contains({key.data(), key.size()});
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->as_string());
}

// The text of a file of rules; nothing where there is none.
Result<std::optional<std::string>> RulesIn(const std::string& folder,
                                           std::string_view name) {
  const std::string path = fmt::format("{}/{}", folder, name);
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::optional<std::string>();
  CARAVEL_TRY(std::string text, ReadFile(path, kMostRuleBytes));
  return std::optional<std::string>(std::move(text));
}

Result<registry::AssetConfig> ConfigOf(const std::string& folder,
                                       std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse({text.data(), text.size()}, error);
  api::AssetConfigInput input;
  if (!error && parsed.is_object()) {
    const json::object& config = parsed.as_object();
    input.html_handling = TextIn(config, "html_handling");
    input.not_found_handling = TextIn(config, "not_found_handling");
    input.base_path = TextIn(config, "base_path");
    if (const json::value* first = config.if_contains("run_worker_first")) {
      input.run_worker_first = *first;
    }
  }
  CARAVEL_TRY(input.redirects, RulesIn(folder, "_redirects"));
  CARAVEL_TRY(input.headers, RulesIn(folder, "_headers"));
  return api::ReadAssetConfig(input, /*has_code=*/true);
}

// What .assetsignore says, beside what is never an asset.
Result<IgnoredFiles> IgnoredIn(const std::string& folder) {
  constexpr std::string_view kName = ".assetsignore";
  CARAVEL_TRY(const auto patterns, RulesIn(folder, kName));
  std::string_view text = patterns ? *patterns : std::string_view();
  if (!net::IsUtf8(text) || text.find('\0') != std::string_view::npos) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}/{}: is no text in UTF-8", folder, kName))
        .Remedy("save it as one, with a pattern a line");
  }
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  return IgnoredFiles(fmt::format("{}{}", kUsuallyIgnored, text));
}

Error NotBuilt() {
  return Error(ErrorCode::kInternal, "assets of `serve` are files of a folder");
}

}  // namespace

std::string ContentTypeOf(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string extension = base::LowerCase(name.substr(dot + 1));
  const auto found =
      std::ranges::lower_bound(kTypes, std::string_view(extension), {},
                               [](const auto& type) { return type.first; });
  if (found == kTypes.end() || found->first != extension) return {};
  return std::string(found->second);
}

Result<registry::Asset> ServedAssets::Read(const std::string& file,
                                           std::string path) {
  const base::Fd open(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status = {};
  if (!open.valid() || ::fstat(open.get(), &status) != 0) {
    return ErrnoError("read " + file, errno);
  }
  const auto size = static_cast<uint64_t>(status.st_size);
  if (size > registry::kMostAssetBytes) {
    return Error(ErrorCode::kLimit,
                 fmt::format("{}: an asset has at most {} MiB", file,
                             registry::kMostAssetBytes >> 20))
        .Remedy("name it in .assetsignore, or move it away");
  }
  const int64_t changed =
      int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  Known& known = known_[file];
  if (known.digest.empty() || known.changed_ns != changed ||
      known.size != size) {
    CARAVEL_TRY(std::string digest, storage::Sha256HexOfFile(open));
    known = {.changed_ns = changed, .size = size, .digest = std::move(digest)};
  }
  {
    const base::MutexLock lock(mutex_);
    files_[known.digest] = file;
  }
  registry::Asset asset{
      .path = std::move(path), .type = ContentTypeOf(file), .forms = {}};
  asset.forms[0] = {.digest = known.digest, .size = size};
  return asset;
}

Result<std::string> ServedAssets::List(const registry::WorkerId& worker,
                                       const std::string& folder,
                                       std::string_view config) {
  CARAVEL_TRY(const registry::AssetConfig rules, ConfigOf(folder, config));
  CARAVEL_TRY(const IgnoredFiles ignored, IgnoredIn(folder));
  std::vector<registry::Asset> assets;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; entry != end;
       entry.increment(error)) {
    if (error) break;
    const fs::path& file = entry->path();
    std::string path = file.string().substr(folder.size());
    if (entry->is_directory(error)) {
      if (ignored.HasFolder(path)) entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file(error) || ignored.Has(path)) continue;
    CARAVEL_TRY(assets.emplace_back(), Read(file.string(), std::move(path)));
  }
  if (error) {
    return Error(ErrorCode::kNotFound, fmt::format("assets.directory: {}: {}",
                                                   folder, error.message()))
        .Remedy("name a folder that is there, from the configuration's own");
  }
  CARAVEL_TRY(const std::string list,
              registry::WriteAssetList(rules, std::move(assets)));
  std::string digest = storage::Sha256Hex(list);
  CARAVEL_TRY(base::Fd file, base::SealedMemoryFile("assets", list));
  // Both at once: what no Worker's lists have in them is taken away.
  const base::MutexLock lock(mutex_);
  lists_[digest] = std::move(file);
  std::vector<std::string>& made = made_[worker].digests;
  std::erase(made, digest);  // it is the newest again
  made.push_back(digest);
  return digest;
}

void ServedAssets::NoteServed(const registry::WorkerId& worker,
                              const std::string& digest) {
  const base::MutexLock lock(mutex_);
  Made& made = made_[worker];
  // A host that has not heard of the new version asks for the old one's, which
  // may be the newer list: an edit back has made it again.
  const auto before = std::ranges::find(made.digests, made.served);
  const bool is_known = before != made.digests.end();
  const auto kept = std::min(before, std::ranges::find(made.digests, digest));
  made.served = digest;
  if (!is_known) return;
  const std::vector<std::string> gone(made.digests.begin(), kept);
  made.digests.erase(made.digests.begin(), kept);
  for (const std::string& each : gone) {
    if (!IsMade(each)) lists_.erase(each);
  }
}

bool ServedAssets::IsMade(const std::string& digest) const {
  return std::ranges::any_of(made_, [&digest](const auto& made) {
    return std::ranges::find(made.second.digests, digest) !=
           made.second.digests.end();
  });
}

Result<std::string> ServedAssets::Put(std::string_view bytes) {
  std::string digest = storage::Sha256Hex(bytes);
  CARAVEL_TRY(base::Fd list, base::SealedMemoryFile("assets", bytes));
  const base::MutexLock lock(mutex_);
  lists_[digest] = std::move(list);
  return digest;
}

Result<base::Fd> ServedAssets::Open(std::string_view digest) {
  const base::MutexLock lock(mutex_);
  const auto list = lists_.find(digest);
  if (list != lists_.end()) return list->second.Duplicate();
  const auto file = files_.find(digest);
  if (file == files_.end()) {
    return Error(ErrorCode::kNotFound, "there is no such asset any more");
  }
  base::Fd open(::open(file->second.c_str(), O_RDONLY | O_CLOEXEC));
  if (!open.valid()) return ErrnoError("read " + file->second, errno);
  return open;
}

Result<bool> ServedAssets::Exists(std::string_view digest) {
  const base::MutexLock lock(mutex_);
  return lists_.contains(digest) || files_.contains(digest);
}

Status ServedAssets::Remove(std::string_view) { return NotBuilt(); }
Status ServedAssets::Verify(std::string_view) { return NotBuilt(); }
Status ServedAssets::PutBeside(std::string_view, std::string_view,
                               std::string_view) {
  return NotBuilt();
}
Result<base::Fd> ServedAssets::OpenBeside(std::string_view, std::string_view) {
  return NotBuilt();
}

}  // namespace caravel::daemon

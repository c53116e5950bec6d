#include "host/version_choice.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/check.h"

namespace caravel::host {
namespace {

using registry::PublishedWorker;
using registry::Version;

constexpr std::string_view kOverrides = "cloudflare-workers-version-overrides";
constexpr std::string_view kKey = "cloudflare-workers-version-key";
constexpr uint64_t kWhole = 10'000;  // hundredths of a percent

// FNV-1a, and a last step that spreads short texts over all bits: the same on
// every host of an installation.
uint64_t HashOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  return hash ^ (hash >> 33);
}

const Version* FindVersion(const PublishedWorker& worker, std::string_view id) {
  const auto found = std::ranges::find_if(
      worker.versions,
      [id](const Version& version) { return version.id.value == id; });
  return found == worker.versions.end() ? nullptr : &*found;
}

const Version& ByShare(const PublishedWorker& worker, uint64_t draw) {
  uint64_t left = draw % kWhole;
  for (const registry::TrafficShare& share : worker.traffic) {
    if (left >= share.hundredths) {
      left -= share.hundredths;
      continue;
    }
    const Version* version = FindVersion(worker, share.version.value);
    if (version != nullptr) return *version;
  }
  return worker.versions.front();
}

// A dictionary, member by member; after Failed() none of it counts.
class DictionaryReader {
 public:
  explicit DictionaryReader(std::string_view text) : left_(text) {}

  struct Member {
    std::string_view key;
    std::string_view value;  // of a string, between its quotes
  };
  // Nothing: there are no more, or Failed().
  std::optional<Member> Next() {
    SkipBlanks();
    if (left_.empty()) return std::nullopt;
    if (!first_) {
      if (!Take(',')) return Fail();
      SkipBlanks();
    }
    first_ = false;
    Member member{.key = TakeKey(), .value = {}};
    if (member.key.empty() || !Take('=') || !Take('"')) return Fail();
    // Ids have no quotes: a text with an escape is not looked for.
    const size_t end = left_.find_first_of("\"\\");
    if (end == std::string_view::npos || left_[end] != '"') return Fail();
    member.value = left_.substr(0, end);
    left_.remove_prefix(end + 1);
    return member;
  }
  bool Failed() const { return failed_; }

 private:
  std::optional<Member> Fail() {
    failed_ = true;
    return std::nullopt;
  }
  bool Take(char c) {
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }
  void SkipBlanks() {
    left_.remove_prefix(std::min(left_.find_first_not_of(" \t"), left_.size()));
  }
  // More than keys may have, so that each name of a Worker is one.
  std::string_view TakeKey() {
    const size_t size = std::min(
        left_.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.*"),
        left_.size());
    const std::string_view key = left_.substr(0, size);
    left_.remove_prefix(size);
    return key;
  }

  std::string_view left_;
  bool first_ = true;
  bool failed_ = false;
};

const Version* Overridden(const PublishedWorker& worker,
                          std::string_view overrides) {
  const Version* version = nullptr;
  DictionaryReader reader(overrides);
  // Of two members with one key the last counts.
  while (const auto member = reader.Next()) {
    if (member->key == worker.name)
      version = FindVersion(worker, member->value);
  }
  return reader.Failed() ? nullptr : version;
}

}  // namespace

const Version& PickVersion(const PublishedWorker& worker,
                           const net::Headers& headers, uint64_t draw) {
  CARAVEL_CHECK(!worker.versions.empty(), worker.name);
  if (worker.versions.size() == 1) return worker.versions.front();
  if (const auto overrides = headers.Find(kOverrides)) {
    const Version* version = Overridden(worker, *overrides);
    if (version != nullptr) return *version;
  }
  if (const auto key = headers.Find(kKey)) return ByShare(worker, HashOf(*key));
  return ByShare(worker, draw);
}

}  // namespace caravel::host

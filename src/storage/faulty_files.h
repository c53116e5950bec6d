#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/files.h"

namespace caravel::storage {

// For tests: passes calls on to `files` and lets the `fail_at`-th of them fail,
// counted from 1, as a full disk does; a failing write leaves half of its
// bytes. With `stop`, every later call fails too, as if the machine had lost
// power.
//
// A test runs with fail_at = 1, 2, 3 … until failed() stays false: then every
// failing path was walked. Threads: one.
class FaultyFiles final : public Files {
 public:
  enum class After { kGoOn, kStop };

  FaultyFiles(Files& files, int fail_at, After after)
      : files_(files), fail_at_(fail_at), after_(after) {}

  bool failed() const { return calls_ >= fail_at_; }

  Result<base::Fd> Create(const std::string& path) override {
    CARAVEL_TRY(Count());
    return files_.Create(path);
  }
  Result<base::Fd> Open(const std::string& path) override {
    CARAVEL_TRY(Count());
    return files_.Open(path);
  }
  Status Write(const base::Fd& file, std::string_view bytes) override {
    if (Status counted = Count(); !counted) {
      if (calls_ == fail_at_) {
        CARAVEL_TRY(files_.Write(file, bytes.substr(0, bytes.size() / 2)));
      }
      return counted;
    }
    return files_.Write(file, bytes);
  }
  Status Sync(const base::Fd& file) override {
    CARAVEL_TRY(Count());
    return files_.Sync(file);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    CARAVEL_TRY(Count());
    return files_.Rename(from, to);
  }
  Status Remove(const std::string& path) override {
    CARAVEL_TRY(Count());
    return files_.Remove(path);
  }
  Status MakeFolder(const std::string& path) override {
    CARAVEL_TRY(Count());
    return files_.MakeFolder(path);
  }
  Status SyncFolder(const std::string& path) override {
    CARAVEL_TRY(Count());
    return files_.SyncFolder(path);
  }
  Result<std::vector<std::string>> List(const std::string& path) override {
    CARAVEL_TRY(Count());
    return files_.List(path);
  }
  Result<std::optional<uint64_t>> Size(const std::string& path) override {
    CARAVEL_TRY(Count());
    return files_.Size(path);
  }

 private:
  Status Count() {
    ++calls_;
    const bool fails =
        after_ == After::kStop ? calls_ >= fail_at_ : calls_ == fail_at_;
    if (!fails) return {};
    return Error(ErrorCode::kNoSpace,
                 fmt::format("injected failure of call {}", calls_));
  }

  Files& files_;
  const int fail_at_;
  const After after_;
  int calls_ = 0;
};

}  // namespace caravel::storage

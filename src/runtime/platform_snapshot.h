#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/lifetime.h"
#include "base/result.h"

namespace caravel::runtime {

// The source of the platform's script where it lies, outside of all heaps: a
// snapshot refers to it by the place of its address among the external
// references, so that isolates share it.
class PlatformSource final : public v8::String::ExternalOneByteStringResource {
 public:
  // Requires: `text` is ASCII, and outlives this.
  explicit PlatformSource(std::string_view text) : text_(text) {}
  const char* data() const override;
  size_t length() const override;

  // What a snapshot with this source refers to, with the closing 0: the same,
  // but for where the source is, for the isolate that makes a snapshot and
  // those that come from it.
  std::vector<intptr_t> ExternalReferences() const;

 protected:
  void Dispose() override;  // does nothing: no isolate owns it

 private:
  std::string_view text_;
};

// The file of the startup snapshot: V8's blob and the source of the script that
// ran in it. Immutable, any thread may read.
class PlatformSnapshot {
 public:
  // The file's contents. Requires: `source` has less than 4 GB.
  static std::string Pack(std::string_view blob, std::string_view source);

  // Refuses what Pack() of this V8 did not write. `file` is for error texts.
  static Result<std::unique_ptr<PlatformSnapshot>> Open(
      std::string contents, const std::string& file);

  const v8::StartupData& blob() const CARAVEL_LIFETIME_BOUND { return blob_; }
  const intptr_t* external_references() const CARAVEL_LIFETIME_BOUND {
    return references_.data();
  }

 private:
  PlatformSnapshot(std::string contents, size_t blob_size, size_t source_size);

  const std::string contents_;
  const v8::StartupData blob_;
  const PlatformSource source_;
  const std::vector<intptr_t> references_;
};

}  // namespace caravel::runtime

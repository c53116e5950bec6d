// The blob comes first, since V8 wants it aligned; the source follows, then its
// size. Test: every test of runtime_js_test starts from such a file.
#include "runtime/platform_snapshot.h"

#include <cstring>
#include <utility>

#include "runtime/native_ops.h"

namespace caravel::runtime {

const char* PlatformSource::data() const { return text_.data(); }
size_t PlatformSource::length() const { return text_.size(); }
void PlatformSource::Dispose() {}

std::vector<intptr_t> PlatformSource::ExternalReferences() const {
  std::vector<intptr_t> references = NativeReferences();
  const v8::String::ExternalOneByteStringResource* resource = this;
  references.push_back(reinterpret_cast<intptr_t>(resource));
  references.push_back(0);
  return references;
}

std::string PlatformSnapshot::Pack(std::string_view blob,
                                   std::string_view source) {
  const auto size = static_cast<uint32_t>(source.size());
  std::string contents(blob);
  contents += source;
  contents.append(reinterpret_cast<const char*>(&size), sizeof(size));
  return contents;
}

Result<std::unique_ptr<PlatformSnapshot>> PlatformSnapshot::Open(
    std::string contents, const std::string& file) {
  uint32_t source_size = 0;
  const size_t size = contents.size() - sizeof(source_size);
  if (contents.size() > sizeof(source_size)) {
    std::memcpy(&source_size, contents.data() + size, sizeof(source_size));
    if (source_size < size) {
      std::unique_ptr<PlatformSnapshot> snapshot(new PlatformSnapshot(
          std::move(contents), size - source_size, source_size));
      // A snapshot of another V8, or with other flags, would end the process
      // later with a message that helps nobody.
      if (snapshot->blob().IsValid()) return snapshot;
    }
  }
  return Error(ErrorCode::kInternal,
               file + ": was made for another version of V8")
      .Remedy("rebuild with ./caravel build");
}

PlatformSnapshot::PlatformSnapshot(std::string contents, size_t blob_size,
                                   size_t source_size)
    : contents_(std::move(contents)),
      blob_{contents_.data(), static_cast<int>(blob_size)},
      source_(std::string_view(contents_).substr(blob_size, source_size)),
      references_(source_.ExternalReferences()) {}

}  // namespace caravel::runtime

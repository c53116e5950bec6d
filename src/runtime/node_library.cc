// The file: a word with the size of the table, the table, padding, then sources
// and code caches, each at a multiple of 8 (V8 wants its caches aligned).
//
// Tests: node_library_test.cc.
#include "runtime/node_library.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/codec.h"
#include "base/fd.h"

namespace caravel::runtime {
namespace {

constexpr size_t kAlignment = 8;

// Where a module lies, counted from the end of the table.
struct Entry {
  std::string id;
  uint64_t source_at = 0;
  uint64_t source_size = 0;
  uint64_t cache_at = 0;
  uint64_t cache_size = 0;
  static constexpr auto Fields() {
    return base::Fields(&Entry::id, &Entry::source_at, &Entry::source_size,
                        &Entry::cache_at, &Entry::cache_size);
  }
};
using Table = std::vector<Entry>;

void Pad(std::string& bytes) {
  bytes.resize((bytes.size() + kAlignment - 1) / kAlignment * kAlignment);
}

uint64_t Append(std::string& content, std::string_view piece) {
  Pad(content);
  const uint64_t at = content.size();
  content += piece;
  return at;
}

Error NotALibrary(const std::string& path) {
  return Error(ErrorCode::kInternal, path + ": is no library of Node's modules")
      .Remedy("rebuild with ./caravel build");
}

// Bytes of the file from `at` on, fewer where it ends.
Result<std::string> ReadPart(const base::Fd& fd, size_t at, size_t size) {
  std::string part(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd.get(), part.data() + done, size - done,
                                static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("pread", errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  part.resize(done);
  return part;
}

// The piece of `content`, or nothing when it is not wholly inside.
std::optional<std::string_view> Piece(std::string_view content, uint64_t at,
                                      uint64_t size) {
  if (at > content.size() || size > content.size() - at) return std::nullopt;
  return content.substr(at, size);
}

}  // namespace

std::string NodeLibrary::Pack(const std::vector<Input>& modules) {
  Table table;
  std::string content;
  for (const Input& module : modules) {
    Entry& entry = table.emplace_back();
    entry.id = module.id;
    entry.source_at = Append(content, module.source);
    entry.source_size = module.source.size();
    entry.cache_at = Append(content, module.code_cache);
    entry.cache_size = module.code_cache.size();
  }
  const std::string encoded = base::Encode(table);
  const uint64_t table_size = encoded.size();
  std::string bytes(reinterpret_cast<const char*>(&table_size),
                    sizeof(table_size));
  bytes += encoded;
  Pad(bytes);
  bytes += content;
  return bytes;
}

Result<std::unique_ptr<NodeLibrary>> NodeLibrary::Open(
    const std::string& path) {
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open " + path, errno);
  struct stat facts = {};
  if (::fstat(fd.get(), &facts) != 0) return ErrnoError("stat " + path, errno);
  const auto size = static_cast<size_t>(facts.st_size);
  uint64_t table_size = 0;
  if (size < sizeof(table_size)) return NotALibrary(path);
  // The table is read beside the mapping: of a file that the kernel has in
  // large pages, reading one byte makes two megabytes of the mapping resident.
  CARAVEL_TRY(const std::string word,
              ReadPart(fd, 0, sizeof(table_size)).In(path));
  if (word.size() < sizeof(table_size)) return NotALibrary(path);
  std::memcpy(&table_size, word.data(), sizeof(table_size));
  if (table_size > size - sizeof(table_size)) return NotALibrary(path);
  CARAVEL_TRY(const std::string encoded,
              ReadPart(fd, sizeof(table_size), table_size).In(path));
  const Result<Table> table = base::Decode<Table>(encoded);
  if (!table) return NotALibrary(path);

  void* mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (mapping == MAP_FAILED) return ErrnoError("map " + path, errno);
  std::unique_ptr<NodeLibrary> library(new NodeLibrary(mapping, size));
  const std::string_view bytes(static_cast<const char*>(mapping), size);
  const size_t head = (sizeof(table_size) + table_size + kAlignment - 1) /
                      kAlignment * kAlignment;
  const std::string_view content = bytes.substr(std::min(head, size));
  for (const Entry& entry : *table) {
    const auto source = Piece(content, entry.source_at, entry.source_size);
    const auto cache = Piece(content, entry.cache_at, entry.cache_size);
    if (!source || !cache) return NotALibrary(path);
    library->modules_[entry.id] = {*source, *cache};
  }
  return library;
}

NodeLibrary::~NodeLibrary() { ::munmap(mapping_, size_); }

const NodeLibrary::Module* NodeLibrary::Find(std::string_view id) const {
  const auto found = modules_.find(id);
  return found == modules_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> NodeLibrary::Ids() const {
  std::vector<std::string_view> ids;
  ids.reserve(modules_.size());
  for (const auto& [id, module] : modules_) ids.emplace_back(id);
  return ids;
}

}  // namespace caravel::runtime

// Writing lays the file out in one pass; mapping checks the checksum first,
// then the table, so that a bundle which was accepted can be used without
// another check. docs/bundle_format.md has the picture.
#include "registry/bundle.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "base/crc32c.h"

namespace caravel::registry {
namespace {

static_assert(std::endian::native == std::endian::little,
              "bundle files are little-endian and used where they lie");

constexpr std::string_view kMagic(
    "\x89"
    "CVBNDL\n",
    8);
constexpr uint32_t kFormatVersion = 1;
constexpr size_t kChecksummedFrom = 12;  // behind magic and checksum
constexpr size_t kAlignment = 8;

struct Header {
  char magic[8];
  uint32_t checksum;
  uint32_t format_version;
  uint64_t file_bytes;
  uint32_t module_count;
  uint32_t main_module;
};
static_assert(sizeof(Header) == 32);

struct Entry {
  uint32_t type;
  uint32_t name_bytes;
  uint64_t name_at;
  uint64_t content_at;
  uint64_t content_bytes;
};
static_assert(sizeof(Entry) == 32);

size_t AlignUp(size_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

Error NoBundle(std::string reason) {
  return Error(ErrorCode::kInvalid, "bundle: " + std::move(reason))
      .Remedy("deploy the Worker again, or restore the file from a backup");
}

// The index of the main module, once all modules are found right.
bool MayBeMain(ModuleType type) {
  return type == ModuleType::kEsModule || type == ModuleType::kScript;
}

Result<uint32_t> CheckModules(std::string_view main_module,
                              const std::vector<Module>& modules) {
  std::set<std::string_view> names;
  const Module* main = nullptr;
  for (const Module& module : modules) {
    if (module.name.empty()) {
      return Error(ErrorCode::kInvalid, "a module has an empty name");
    }
    if (!names.insert(module.name).second) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("module \"{}\" is there twice", module.name));
    }
    if (module.name == main_module) main = &module;
  }
  if (main == nullptr) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("main module \"{}\" is not among the {} modules",
                             main_module, modules.size()));
  }
  if (!MayBeMain(main->type)) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("main module \"{}\" is not an ES module",
                             main_module))
        .Remedy("upload it as application/javascript+module");
  }
  return static_cast<uint32_t>(main - modules.data());
}

template <typename T>
void Place(std::string& file, size_t at, const T& value) {
  std::memcpy(file.data() + at, &value, sizeof value);
}

// Reads and checks the table of a file whose checksum is right.
class TableReader {
 public:
  explicit TableReader(std::string_view file) : file_(file) {}

  Result<std::vector<Bundle::ModuleView>> Read(uint32_t count) const {
    if (count > (file_.size() - sizeof(Header)) / sizeof(Entry)) {
      return NoBundle("its table is longer than the file");
    }
    std::vector<Bundle::ModuleView> modules;
    modules.reserve(count);
    std::set<std::string_view> names;
    for (uint32_t i = 0; i < count; ++i) {
      CARAVEL_TRY(const Bundle::ModuleView module, ReadEntry(i));
      if (module.name.empty() || !names.insert(module.name).second) {
        return NoBundle(fmt::format("module {} has no name of its own", i));
      }
      modules.push_back(module);
    }
    return modules;
  }

 private:
  Result<Bundle::ModuleView> ReadEntry(uint32_t index) const {
    Entry entry = {};
    std::memcpy(&entry, file_.data() + sizeof(Header) + index * sizeof(Entry),
                sizeof entry);
    if (entry.type > static_cast<uint32_t>(ModuleType::kLast)) {
      return NoBundle(fmt::format("module {} is of the unknown type {}", index,
                                  entry.type))
          .Remedy("it was written by a newer version: update this one");
    }
    if (!IsInside(entry.name_at, entry.name_bytes) ||
        !IsInside(entry.content_at, entry.content_bytes) ||
        entry.content_at % kAlignment != 0) {
      return NoBundle(fmt::format("module {} lies outside the file", index));
    }
    return Bundle::ModuleView{
        .name = file_.substr(entry.name_at, entry.name_bytes),
        .type = static_cast<ModuleType>(entry.type),
        .content = file_.substr(entry.content_at, entry.content_bytes)};
  }

  bool IsInside(uint64_t at, uint64_t size) const {
    return at <= file_.size() && size <= file_.size() - at;
  }

  const std::string_view file_;
};

Result<Header> ReadHeader(std::string_view file) {
  Header header = {};
  std::memcpy(&header, file.data(), sizeof header);
  if (file.substr(0, kMagic.size()) != kMagic) {
    return NoBundle("the file does not begin as one");
  }
  if (header.checksum != base::Crc32c(file.substr(kChecksummedFrom))) {
    return NoBundle("the checksum is wrong: the file was damaged");
  }
  if (header.format_version != kFormatVersion) {
    return NoBundle(fmt::format("format {} is unknown, {} is known",
                                header.format_version, kFormatVersion))
        .Remedy("it was written by a newer version: update this one");
  }
  if (header.file_bytes != file.size()) {
    return NoBundle(fmt::format("it has {} bytes and should have {}",
                                file.size(), header.file_bytes));
  }
  return header;
}

}  // namespace

Result<std::string> WriteBundle(std::string_view main_module,
                                const std::vector<Module>& modules) {
  CARAVEL_TRY(const uint32_t main, CheckModules(main_module, modules));
  const size_t names_at = sizeof(Header) + modules.size() * sizeof(Entry);
  size_t size = names_at;
  for (const Module& module : modules) size += module.name.size();
  for (const Module& module : modules) {
    size = AlignUp(size) + module.content.size();
  }

  std::string file(size, '\0');
  size_t name_at = names_at;
  size_t content_at = names_at;
  for (const Module& module : modules) content_at += module.name.size();
  for (size_t i = 0; i < modules.size(); ++i) {
    const Module& module = modules[i];
    content_at = AlignUp(content_at);
    Place(file, sizeof(Header) + i * sizeof(Entry),
          Entry{.type = static_cast<uint32_t>(module.type),
                .name_bytes = static_cast<uint32_t>(module.name.size()),
                .name_at = name_at,
                .content_at = content_at,
                .content_bytes = module.content.size()});
    module.name.copy(file.data() + name_at, module.name.size());
    module.content.copy(file.data() + content_at, module.content.size());
    name_at += module.name.size();
    content_at += module.content.size();
  }

  Header header = {.magic = {},
                   .checksum = 0,
                   .format_version = kFormatVersion,
                   .file_bytes = size,
                   .module_count = static_cast<uint32_t>(modules.size()),
                   .main_module = main};
  kMagic.copy(header.magic, kMagic.size());
  Place(file, 0, header);
  header.checksum =
      base::Crc32c(std::string_view(file).substr(kChecksummedFrom));
  Place(file, 0, header);
  return file;
}

Result<Bundle> Bundle::Map(const base::Fd& fd) {
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return ErrnoError("fstat bundle", errno);
  const auto size = static_cast<size_t>(status.st_size);
  if (size < sizeof(Header)) {
    return NoBundle(fmt::format("{} bytes are too few", size));
  }
  void* mapping =
      ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd.get(), 0);
  if (mapping == MAP_FAILED) return ErrnoError("mmap bundle", errno);
  Bundle bundle;
  bundle.mapping_ = mapping;
  bundle.mapped_bytes_ = size;

  const std::string_view file(static_cast<const char*>(mapping), size);
  CARAVEL_TRY(const Header header, ReadHeader(file));
  CARAVEL_TRY(bundle.modules_, TableReader(file).Read(header.module_count));
  if (header.main_module >= bundle.modules_.size() ||
      !MayBeMain(bundle.modules_[header.main_module].type)) {
    return NoBundle("its main module is neither an ES module nor a script");
  }
  bundle.main_module_ = bundle.modules_[header.main_module].name;
  return bundle;
}

Bundle::Bundle(Bundle&& other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)),
      mapped_bytes_(std::exchange(other.mapped_bytes_, 0)),
      main_module_(std::exchange(other.main_module_, {})),
      modules_(std::exchange(other.modules_, {})) {}

Bundle& Bundle::operator=(Bundle&& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(main_module_, other.main_module_);
  std::swap(modules_, other.modules_);
  return *this;
}

Bundle::~Bundle() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapped_bytes_);
}

std::string_view Bundle::main_module() const { return main_module_; }

bool Bundle::is_script() const {
  return Find(main_module_)->type == ModuleType::kScript;
}

const std::vector<Bundle::ModuleView>& Bundle::modules() const {
  return modules_;
}

const Bundle::ModuleView* Bundle::Find(std::string_view name) const {
  for (const ModuleView& module : modules_) {
    if (module.name == name) return &module;
  }
  return nullptr;
}

}  // namespace caravel::registry

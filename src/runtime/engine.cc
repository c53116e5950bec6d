#include "runtime/engine.h"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "base/fd.h"

namespace caravel::runtime {
namespace {

constexpr size_t kMaxPlatformFile = 64 << 20;

Result<std::string> ReadFile(const std::string& path) {
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open " + path, errno);
  return base::ReadWholeFile(fd, kMaxPlatformFile).In(path);
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::Create(
    node::MultiIsolatePlatform& platform, const std::string& snapshot,
    const std::string& lazy_folder, CodeRecorder* recorder) {
  std::unique_ptr<Engine> engine(new Engine(platform, recorder));
  CARAVEL_TRY(std::string contents, ReadFile(snapshot));
  CARAVEL_TRY(engine->snapshot_,
              PlatformSnapshot::Open(std::move(contents), snapshot));

  CARAVEL_TRY(
      engine->node_library_,
      NodeLibrary::Open(lazy_folder + "/" + std::string(kNodeLibraryFile)));

  const std::unique_ptr<DIR, int (*)(DIR*)> folder(
      ::opendir(lazy_folder.c_str()), &::closedir);
  if (folder == nullptr) return ErrnoError("open " + lazy_folder, errno);
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view file = entry->d_name;
    if (!file.ends_with(".js")) continue;
    const std::string name(file.substr(0, file.size() - 3));
    LazyModule& module = engine->lazy_[name];
    CARAVEL_TRY(module.source, ReadFile(lazy_folder + "/" + name + ".js"));
    // A module without a code cache is compiled from source: slower, no error.
    Result<std::string> cache = ReadFile(lazy_folder + "/" + name + ".cache");
    if (cache) module.code_cache = std::move(*cache);
  }
  return engine;
}

const Engine::LazyModule* Engine::FindLazy(std::string_view name) const {
  const auto found = lazy_.find(name);
  return found == lazy_.end() ? nullptr : &found->second;
}

}  // namespace caravel::runtime

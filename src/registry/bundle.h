#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/lifetime.h"
#include "base/result.h"

// A bundle is the immutable code of one version: its modules in one file, whose
// layout lets a host map it and use the sources where they lie.
// docs/bundle_format.md describes the bytes.
namespace caravel::registry {

enum class ModuleType : uint8_t {
  kEsModule,   // application/javascript+module
  kWasm,       // application/wasm
  kText,       // text/plain
  kData,       // application/octet-stream
  kJson,       // application/json
  kSourceMap,  // application/source-map: for stack traces, never imported
  kScript,     // application/javascript: of a service worker, its main module
  kCommonJs,   // application/javascript beside a main ES module
  kLast = kCommonJs,
};

struct Module {
  std::string name;  // the specifier that imports it, "./x.wasm" or "index.js"
  ModuleType type = ModuleType::kEsModule;
  std::string content;
};

// The bundle file's bytes. `main_module` names one of `modules`.
// kInvalid: no or two modules of a name, or the main module is neither an ES
// module nor a script.
Result<std::string> WriteBundle(std::string_view main_module,
                                const std::vector<Module>& modules);

// A bundle file, mapped read-only and checked: magic, version, table, checksum.
// Immutable; any thread may read. Moves only.
class Bundle {
 public:
  struct ModuleView {
    std::string_view name;
    ModuleType type;
    std::string_view content;
  };

  // kInvalid when the bytes are no bundle or were damaged. The mapping outlives
  // `fd`, which may be closed afterwards.
  static Result<Bundle> Map(const base::Fd& fd);

  Bundle(Bundle&&) noexcept;
  Bundle& operator=(Bundle&&) noexcept;
  ~Bundle();

  std::string_view main_module() const CARAVEL_LIFETIME_BOUND;
  // The main module is a script: the Worker is a service worker.
  bool is_script() const;
  const std::vector<ModuleView>& modules() const CARAVEL_LIFETIME_BOUND;
  // nullptr when there is none of that name.
  const ModuleView* Find(std::string_view name) const CARAVEL_LIFETIME_BOUND;

 private:
  Bundle() = default;
  void* mapping_ = nullptr;
  size_t mapped_bytes_ = 0;
  std::string_view main_module_;
  std::vector<ModuleView> modules_;
};

}  // namespace caravel::registry

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/lifetime.h"
#include "base/result.h"

namespace caravel::runtime {

// The file's name in the folder of lazy modules.
inline constexpr std::string_view kNodeLibraryFile = "node_library.bin";

// The modules of Node's own library, which the build takes out of the Node
// binary (runtime/node/build.mjs), in one file: each module's source, a
// function body in ASCII, and its code cache. The file is mapped and never read
// as a whole, so that a module costs memory only in a host where a Worker uses
// it, and once for all isolates of that host.
//
// Immutable once made; any thread may read.
class NodeLibrary {
 public:
  struct Module {
    std::string_view source;
    std::string_view code_cache;
  };

  // What goes into the file of one module.
  struct Input {
    std::string id;  // "internal/util"
    std::string source;
    std::string code_cache;
  };

  // The file's bytes. Requires: ids are unique.
  static std::string Pack(const std::vector<Input>& modules);

  // kInternal when the file is no library. The mapping lasts as long as this.
  static Result<std::unique_ptr<NodeLibrary>> Open(const std::string& path);
  ~NodeLibrary();
  NodeLibrary(const NodeLibrary&) = delete;
  NodeLibrary& operator=(const NodeLibrary&) = delete;

  // nullptr when there is none of that id.
  const Module* Find(std::string_view id) const CARAVEL_LIFETIME_BOUND;
  // All ids, in alphabetical order.
  std::vector<std::string_view> Ids() const CARAVEL_LIFETIME_BOUND;

 private:
  NodeLibrary(void* mapping, size_t size) : mapping_(mapping), size_(size) {}

  void* const mapping_;
  const size_t size_;
  std::map<std::string, Module, std::less<>> modules_;
};

}  // namespace caravel::runtime

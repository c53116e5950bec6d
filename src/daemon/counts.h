#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

namespace caravel::daemon {

// How much each of many has of something that is bounded: questions of a host,
// connections of a Worker. Who has none takes no memory.
//
// Threads: one at a time.
class Counts {
 public:
  size_t Of(const std::string& name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }
  void Add(const std::string& name) { ++counts_[name]; }
  // Requires: Add() was called once more than this.
  void Remove(const std::string& name) {
    const auto found = counts_.find(name);
    if (--found->second == 0) counts_.erase(found);
  }
  void Forget(const std::string& name) { counts_.erase(name); }

 private:
  std::unordered_map<std::string, size_t> counts_;
};

}  // namespace caravel::daemon

#include "runtime/node_library.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace caravel::runtime {
namespace {

using ::testing::Test;

// How much of the mapping that `address` lies in is resident, as the kernel
// writes it.
std::string ResidentAt(const void* address) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t from = 0;
    uintptr_t to = 0;
    if (std::sscanf(line.c_str(), "%zx-%zx ", &from, &to) == 2) {
      inside = from <= at && at < to;
    } else if (inside && line.starts_with("Rss:")) {
      return line.substr(line.find_first_not_of(' ', 4));
    }
  }
  return "not mapped";
}

class NodeLibraryTest : public Test {
 protected:
  NodeLibraryTest() {
    std::string name = ::testing::TempDir() + "libraryXXXXXX";
    ::close(::mkstemp(name.data()));
    path_ = name;
  }
  ~NodeLibraryTest() override { ::unlink(path_.c_str()); }

  Result<std::unique_ptr<NodeLibrary>> OpenWith(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return NodeLibrary::Open(path_);
  }

  std::string path_;
};

TEST_F(NodeLibraryTest, FindsEachModuleBySourceAndCache) {
  const auto library = OpenWith(NodeLibrary::Pack(
      {{"util", "exports.a = 1", "12345"}, {"internal/x", "", ""}}));
  ASSERT_TRUE(library) << library.error().ToText();
  EXPECT_EQ((*library)->Find("util")->source, "exports.a = 1");
  EXPECT_EQ((*library)->Find("util")->code_cache, "12345");
  EXPECT_EQ((*library)->Find("internal/x")->source, "");
  EXPECT_EQ((*library)->Find("nothing"), nullptr);
  EXPECT_EQ((*library)->Ids(),
            (std::vector<std::string_view>{"internal/x", "util"}));
}

TEST_F(NodeLibraryTest, CodeCachesLieWhereV8TakesThem) {
  const auto library = OpenWith(
      NodeLibrary::Pack({{"a", "odd", "cache"}, {"b", "x", "another"}}));
  ASSERT_TRUE(library);
  for (const std::string_view id : (*library)->Ids()) {
    const auto at =
        reinterpret_cast<uintptr_t>((*library)->Find(id)->code_cache.data());
    EXPECT_EQ(at % 8, 0U) << id;
  }
}

TEST_F(NodeLibraryTest, NothingOfItIsResidentBeforeItIsUsed) {
  const auto library = OpenWith(
      NodeLibrary::Pack({{"first", "source", "cache"},
                         {"large", std::string(size_t{4} << 20, 'x'), ""}}));
  ASSERT_TRUE(library);
  EXPECT_EQ(ResidentAt((*library)->Find("first")->source.data()), "0 kB");
}

TEST_F(NodeLibraryTest, WhatIsNoLibraryIsRefusedByName) {
  const std::string whole = NodeLibrary::Pack({{"a", "source", "cache"}});
  for (const std::string& bytes :
       {std::string(), std::string("short"), whole.substr(0, whole.size() - 4),
        std::string(64, '\xFF')}) {
    const auto library = OpenWith(bytes);
    ASSERT_FALSE(library);
    EXPECT_NE(library.error().message().find(path_), std::string::npos);
  }
  EXPECT_FALSE(NodeLibrary::Open("/nowhere/library"));
}

}  // namespace
}  // namespace caravel::runtime

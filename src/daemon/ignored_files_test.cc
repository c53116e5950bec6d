#include "daemon/ignored_files.h"

#include <gtest/gtest.h>

namespace caravel::daemon {
namespace {

struct IgnoredCase {
  std::string_view patterns;
  std::string_view path;
  bool is_ignored;
};

TEST(IgnoredFilesTest, PatternsMeanWhatTheyDoForGit) {
  for (const IgnoredCase& each : {
           IgnoredCase{"", "a", false},
           {"a", "a", true},
           {"a", "b/a", true},
           {"a", "a/b/c", true},
           {"a", "ab", false},
           {"/a", "a", true},
           {"/a", "b/a", false},
           {"b/a", "b/a", true},
           {"b/a", "c/b/a", false},
           {"a/", "a", false},
           {"a/", "a/b", true},
           {"a/", "b/a/c", true},
           {"*.map", "x/y.map", true},
           {"*.map", "y.maps", false},
           {"a*b*c", "aXbYbc", true},
           {"a*b*c", "aXbYb", false},
           {"a/*.js", "a/b.js", true},
           {"a/*.js", "a/b/c.js", false},
           {"a/*", "a/b/c.js", true},
           {"?.js", "a.js", true},
           {"?.js", "ab.js", false},
           {"a?b", "a/b", false},
           {"**/a", "a", true},
           {"**/a", "x/y/a", true},
           {"**/a/b", "x/a/b", true},
           {"a/**", "a/b/c", true},
           {"a/**/b", "a/b", true},
           {"a/**/b", "a/x/y/b", true},
           {"a/**/b", "a/x/y/c", false},
           {"a**c", "abbc", true},
           {"[a-c].js", "b.js", true},
           {"[a-c].js", "d.js", false},
           {"[!a-c].js", "d.js", true},
           {"[^a-c].js", "b.js", false},
           {"[", "[", false},
           {"a b ", "a b", true},
           {"a\\ ", "a ", true},
           {"a\r\nb\r\n", "b", true},
           {"# a\n\n", "# a", false},
           {"\\#a", "#a", true},
           {"\\!a", "!a", true},
           {"*\n!a", "a", false},
           {"*\n!a", "b", true},
           {"!a\n*", "a", true},
           {"d/\n!d/a", "d/a", true},
           {"d/*\n!d/a", "d/a", false},
           {"README", "readme", true},
           {"readme", "Docs/README", true},
           {"/", "a", false},
           {"!", "a", false},
       }) {
    EXPECT_EQ(IgnoredFiles(each.patterns).Has(each.path), each.is_ignored)
        << each.patterns << " on " << each.path;
  }
}

TEST(IgnoredFilesTest, AFolderIsLeftOutWithAllThatIsInIt) {
  const IgnoredFiles ignored("node_modules/\na/b");
  EXPECT_TRUE(ignored.HasFolder("x/node_modules"));
  EXPECT_TRUE(ignored.HasFolder("a/b/c"));
  EXPECT_FALSE(ignored.HasFolder("a"));
  EXPECT_FALSE(ignored.Has("node_modules")) << "a file of that name";
}

TEST(IgnoredFilesTest, StarsTakeNoLongerThanTheirProduct) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "a*";
  EXPECT_FALSE(IgnoredFiles(pattern + "b").Has(std::string(5'000, 'a')));
}

}  // namespace
}  // namespace caravel::daemon

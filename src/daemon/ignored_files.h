#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace caravel::daemon {

// Patterns of files that are left out, as .gitignore and .assetsignore have
// them: the last one that matches decides, "!" takes a file back in, and what
// is in a folder that is left out is too. Letters are compared without case.
// Source: git's documentation, gitignore; wrangler's, "Static Assets",
// Ignoring assets.
//
// A value; any thread may read.
class IgnoredFiles {
 public:
  // A pattern a line.
  explicit IgnoredFiles(std::string_view patterns);

  // Whether the file at `path`, such as "a/b.txt", is left out.
  bool Has(std::string_view path) const { return Has(path, false); }
  // The same of a folder, with all that is in it.
  bool HasFolder(std::string_view path) const { return Has(path, true); }

 private:
  struct Pattern {
    std::vector<std::string> parts;  // between its slashes, in lower case
    bool is_of_folders = false;
    bool is_anywhere = false;  // at every depth
    bool takes_back = false;
  };
  using Parts = std::vector<std::string_view>;

  void Add(std::string_view line);
  bool Has(std::string_view path, bool is_folder) const;
  // Of a path that is in no folder that is left out.
  bool HasItself(const Parts& path, bool is_folder) const;
  static bool Matches(const Pattern& pattern, const Parts& path);

  std::vector<Pattern> patterns_;
};

}  // namespace caravel::daemon

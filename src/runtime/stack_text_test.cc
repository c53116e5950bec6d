#include "runtime/stack_text.h"

#include <gtest/gtest.h>

namespace caravel::runtime {
namespace {

const SourceMap* NoMap(std::string_view) { return nullptr; }

TEST(RewriteStackTest, FramesOfThePlatformAreLeftOut) {
  EXPECT_EQ(RewriteStack("TypeError: boom\n"
                         "    at Object.fetch (index.js:10:26)\n"
                         "    at Qr (caravel:platform:1:36693)\n"
                         "    at caravel:streams:1:2",
                         NoMap),
            "TypeError: boom\n    at Object.fetch (index.js:10:26)");
}

TEST(RewriteStackTest, SoAreAsyncFramesAndBuiltinsThatThePlatformCalled) {
  EXPECT_EQ(RewriteStack("Error: x\n"
                         "    at get a (index.js:1:1)\n"
                         "    at JSON.stringify (<anonymous>)\n"
                         "    at Response.json (caravel:platform:1:5)\n"
                         "    at Array.map (<anonymous>)\n"
                         "    at async caravel:streams:1:2\n"
                         "    at async Object.fetch (index.js:2:1)",
                         NoMap),
            "Error: x\n"
            "    at get a (index.js:1:1)\n"
            "    at async Object.fetch (index.js:2:1)");
}

TEST(RewriteStackTest, BuiltinsThatTheAuthorCalledStay) {
  EXPECT_EQ(RewriteStack("Error: x\n"
                         "    at new URL (caravel:platform:1:5)\n"
                         "    at Array.map (<anonymous>)\n"
                         "    at parse (index.js:2:1)\n"
                         "    at new Promise (<anonymous>)",
                         NoMap),
            "Error: x\n"
            "    at Array.map (<anonymous>)\n"
            "    at parse (index.js:2:1)\n"
            "    at new Promise (<anonymous>)");
}

TEST(RewriteStackTest, PositionsAreThoseOfTheAuthorsFiles) {
  const SourceMap map("AAAA;AACI", {"src/app.ts"});
  const auto find = [&](std::string_view module) {
    return module == "index.js" ? &map : nullptr;
  };
  EXPECT_EQ(RewriteStack("Error: x\n"
                         "    at handle (index.js:2:7)\n"
                         "    at index.js:1:1\n"
                         "    at other (lib.js:2:7)\n"
                         "    at async index.js:2:7\n"
                         "    at async Promise.all (index 0)",
                         find),
            "Error: x\n"
            "    at handle (src/app.ts:2:5)\n"
            "    at src/app.ts:1:1\n"
            "    at other (lib.js:2:7)\n"
            "    at async src/app.ts:2:5\n"
            "    at async Promise.all (index 0)");
}

TEST(RewriteStackTest, TheTextIsBoundedWhateverItsFilesAreCalled) {
  const SourceMap map("AAAA", {std::string(10'000, 'x')});
  std::string stack = "Error: x";
  for (int i = 0; i < 3000; ++i) stack += "\n    at index.js:1:1";
  const std::string text =
      RewriteStack(stack, [&](std::string_view) { return &map; });
  EXPECT_EQ(text.size(), kMaxStackText);
  EXPECT_EQ(text.substr(0, 18), "Error: x\n    at xx");
  EXPECT_EQ(RewriteStack(std::string(100'000, 'm'), NoMap),
            std::string(kMaxStackText, 'm'));
}

TEST(RewriteStackTest, AMessageOfSeveralLinesStaysWhole) {
  EXPECT_EQ(RewriteStack("Error: a\nb\n    at f (x.js:1:1)", NoMap),
            "Error: a\nb\n    at f (x.js:1:1)");
  EXPECT_EQ(RewriteStack("", NoMap), "");
}

}  // namespace
}  // namespace caravel::runtime

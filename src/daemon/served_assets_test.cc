#include "daemon/served_assets.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/hex.h"

namespace caravel::daemon {
namespace {

using testing::HasSubstr;

class ServedAssetsTest : public ::testing::Test {
 protected:
  ServedAssetsTest() {
    std::string folder =
        std::filesystem::temp_directory_path() / "served-assets-XXXXXX";
    folder_ = ::mkdtemp(folder.data());
  }
  ~ServedAssetsTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, std::string_view content) {
    const std::filesystem::path path = folder_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }
  registry::AssetList List(std::string_view config = "{}") {
    const base::Fd list =
        assets_.Open(assets_.List(worker_, folder_, config).value()).value();
    return registry::AssetList::Map(list).value();
  }
  // The digest of the list, once a.txt has that content.
  std::string ListOf(std::string_view content) {
    Write("a.txt", content);
    return assets_.List(worker_, folder_, "{}").value();
  }
  std::string Content(const registry::AssetList& list, std::string_view path) {
    const auto place = list.Find(path);
    if (!place) return "none";
    const auto asset = list.At(*place);
    const Result<base::Fd> file = assets_.Open(base::ToHex(asset.digests[0]));
    return file ? base::ReadWholeFile(*file, 1 << 20).value() : "gone";
  }

  const registry::WorkerId worker_{"w"};
  std::string folder_;
  ServedAssets assets_;
};

TEST_F(ServedAssetsTest, FilesOfTheFolderAreAssetsWhereTheyLie) {
  Write("index.html", "<p>");
  Write("a/b.js", "1");
  Write("_headers", "/*\n  x: y\n");
  const registry::AssetList list = List(R"({"html_handling":"none"})");
  EXPECT_EQ(list.size(), 2U);
  EXPECT_EQ(Content(list, "/index.html"), "<p>");
  EXPECT_EQ(Content(list, "/a/b.js"), "1");
  EXPECT_EQ(list.At(*list.Find("/a/b.js")).type,
            "text/javascript; charset=utf-8");
  EXPECT_EQ(list.config().html_handling, registry::HtmlHandling::kNone);
  EXPECT_EQ(list.config().headers.size(), 1U);
}

TEST_F(ServedAssetsTest, WhatAssetsignoreNamesIsNone) {
  for (const char* name : {"index.html", "app.js", "app.js.map", "notes/a.md",
                           "notes/kept.md", "_headers", "node_modules/x.js"}) {
    Write(name, "");
  }
  Write(".assetsignore", "\xef\xbb\xbf*.map\r\nnotes/*\n!notes/kept.md\n");
  const registry::AssetList list = List();
  EXPECT_EQ(list.size(), 3U);
  for (const char* name : {"/index.html", "/app.js", "/notes/kept.md"}) {
    EXPECT_TRUE(list.Find(name)) << name;
  }
  Write(".assetsignore", "\xff");
  EXPECT_THAT(assets_.List(worker_, folder_, "{}").error().ToText(),
              HasSubstr("/.assetsignore: is no text in UTF-8\nsave it"));
}

TEST_F(ServedAssetsTest, AnEditIsSeenByTheNextList) {
  Write("a.txt", "one");
  EXPECT_EQ(Content(List(), "/a.txt"), "one");
  Write("a.txt", "three");
  Write("b.txt", "new");
  const registry::AssetList list = List();
  EXPECT_EQ(Content(list, "/a.txt"), "three");
  EXPECT_EQ(Content(list, "/b.txt"), "new");
  std::filesystem::remove(folder_ + "/b.txt");
  EXPECT_EQ(Content(list, "/b.txt"), "gone");
}

TEST_F(ServedAssetsTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(assets_.List(worker_, folder_ + "/absent", "{}").error().ToText(),
              HasSubstr("assets.directory"));
  EXPECT_THAT(assets_.List(worker_, folder_, R"({"html_handling":"some"})")
                  .error()
                  .ToText(),
              HasSubstr("html_handling: \"some\" is none of"));
  Write("_redirects", "/a\n");
  EXPECT_FALSE(assets_.List(worker_, folder_, "{}"));
}

TEST(ContentTypeOf, IsChosenByTheEndOfTheName) {
  EXPECT_EQ(ContentTypeOf("/a/INDEX.HTML"), "text/html; charset=utf-8");
  EXPECT_EQ(ContentTypeOf("/a.b/c"), "");
  EXPECT_EQ(ContentTypeOf("c.unknown"), "");
}

TEST_F(ServedAssetsTest, ListsOfVersionsThatNobodyNeedsAreForgotten) {
  const auto is_there = [this](const std::string& list) {
    return assets_.Exists(list).value();
  };
  const std::string first = ListOf("1");
  assets_.NoteServed(worker_, first);
  const std::string refused = ListOf("22");
  const std::string second = ListOf("333");
  assets_.NoteServed(worker_, second);
  EXPECT_TRUE(is_there(first)) << "a host may have it still";
  EXPECT_TRUE(is_there(second));
  const std::string third = ListOf("4444");
  const std::string newest = ListOf("55555");
  assets_.NoteServed(worker_, third);
  EXPECT_FALSE(is_there(first));
  EXPECT_FALSE(is_there(refused));
  EXPECT_TRUE(is_there(second));
  EXPECT_TRUE(is_there(third));
  EXPECT_TRUE(is_there(newest)) << "it is being checked";
}

TEST_F(ServedAssetsTest, AListThatComesAgainIsTheNewest) {
  const std::string first = ListOf("1");
  assets_.NoteServed(worker_, first);
  const std::string second = ListOf("22");
  assets_.NoteServed(worker_, second);
  EXPECT_EQ(ListOf("1"), first);
  assets_.NoteServed(worker_, first);
  EXPECT_TRUE(assets_.Exists(first).value());
  EXPECT_TRUE(assets_.Exists(second).value());
}

TEST_F(ServedAssetsTest, AListThatIsServedIsKeptThoughAnEditHasListedAnother) {
  const std::string first = ListOf("1");
  assets_.NoteServed(worker_, first);
  const std::string second = ListOf("22");
  EXPECT_EQ(ListOf("1"), first) << "an edit back, while the other is checked";
  assets_.NoteServed(worker_, second);
  EXPECT_TRUE(assets_.Exists(second).value());
  EXPECT_TRUE(assets_.Exists(first).value());
}

}  // namespace
}  // namespace caravel::daemon

#include "registry/asset_list.h"

#include <gtest/gtest.h>

namespace caravel::registry {
namespace {

Asset AssetOf(std::string path, char digit, uint64_t size) {
  Asset asset;
  asset.path = std::move(path);
  asset.type = "text/plain";
  asset.forms[0] = {std::string(64, digit), size};
  return asset;
}

Result<AssetList> Read(std::string_view bytes) {
  return AssetList::Map(base::SealedMemoryFile("list", bytes).value());
}

std::string Written() {
  Asset coded = AssetOf("/b.html", 'b', 200);
  coded.forms[2] = {std::string(64, 'c'), 90};
  AssetConfig config;
  config.not_found_handling = NotFoundHandling::kSinglePage;
  config.worker_patterns = {"/api/*"};
  config.redirects = {{"", "/old", "/new", 301}};
  config.headers = {{"", "/*", {{"x-a", "1"}}, {"etag"}}};
  return WriteAssetList(config,
                        {coded, AssetOf("/a b", 'a', 0), AssetOf("/b", 'd', 7)})
      .value();
}

TEST(AssetListTest, WhatIsWrittenIsFoundAgain) {
  const AssetList list = Read(Written()).value();
  ASSERT_EQ(list.size(), 3U);
  const AssetList::View page = list.At(list.Find("/b.html").value());
  EXPECT_EQ(page.path, "/b.html");
  EXPECT_EQ(page.type, "text/plain");
  EXPECT_EQ(page.sizes[0], 200U);
  EXPECT_EQ(page.digests[0], std::string(32, '\xbb'));
  EXPECT_FALSE(page.has[1]);
  EXPECT_TRUE(page.has[2]);
  EXPECT_EQ(page.sizes[2], 90U);
  EXPECT_EQ(list.At(list.Find("/a b").value()).sizes[0], 0U);
  EXPECT_FALSE(list.Find("/c"));
  EXPECT_FALSE(list.Find(""));
  EXPECT_EQ(list.config().redirects[0].to, "/new");
  EXPECT_EQ(list.config().headers[0].unset[0], "etag");
  EXPECT_EQ(list.config().not_found_handling, NotFoundHandling::kSinglePage);
}

TEST(AssetListTest, APathIsThereOnce) {
  EXPECT_FALSE(
      WriteAssetList({}, {AssetOf("/a", 'a', 1), AssetOf("/a", 'b', 1)}));
  EXPECT_FALSE(WriteAssetList({}, {AssetOf("a", 'a', 1)}));
  EXPECT_FALSE(WriteAssetList({}, {{.path = "/a", .type = "", .forms = {}}}));
}

TEST(AssetListTest, DamageIsNoticedWhereverItIs) {
  const std::string good = Written();
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 4);
    EXPECT_FALSE(Read(bad)) << i;
    EXPECT_FALSE(Read(std::string_view(good).substr(0, i))) << i;
  }
}

}  // namespace
}  // namespace caravel::registry

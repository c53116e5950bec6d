#include "registry/asset_list.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"

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
  config.redirects = {{"/old", "/new", 301}};
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

// The bytes of a list whose configuration is that, with the checksum made
// right.
std::string WithConfig(std::string list, uint32_t format,
                       std::string_view config) {
  const auto put = [&list](size_t at, uint32_t value) {
    list.replace(at, sizeof value, reinterpret_cast<const char*>(&value),
                 sizeof value);
  };
  const auto at = static_cast<uint32_t>(list.size());
  list += config;
  put(12, format);
  put(16, static_cast<uint32_t>(list.size()));
  put(24, at);
  put(28, static_cast<uint32_t>(config.size()));
  put(8, base::Crc32c(std::string_view(list).substr(12)));
  return list;
}

TEST(AssetListTest, AListOfFormat1IsRead) {
  base::Encoder encoder;
  encoder.Put(HtmlHandling::kDropTrailingSlash);
  encoder.Put(NotFoundHandling::kSinglePage);
  encoder.Put(false);
  encoder.Put(std::vector<std::string>{"/api/*"});
  encoder.Put(std::vector<std::string>{});
  encoder.Put(uint32_t{1});
  for (const char* text : {"", "/old", "/new"}) encoder.Put(std::string(text));
  encoder.Put(uint16_t{301});
  encoder.Put(std::vector<HeaderRule>{{"", "/*", {{"x-a", "1"}}, {}}});
  const AssetList list = Read(WithConfig(Written(), 1, encoder.Take())).value();
  AssetConfig expected;
  expected.html_handling = HtmlHandling::kDropTrailingSlash;
  expected.not_found_handling = NotFoundHandling::kSinglePage;
  expected.worker_patterns = {"/api/*"};
  expected.redirects = {{"/old", "/new", 301}};
  expected.headers = {{"", "/*", {{"x-a", "1"}}, {}}};
  EXPECT_EQ(list.config(), expected);
  EXPECT_TRUE(list.Find("/b.html"));
}

TEST(AssetListTest, AFormatThatIsNotKnownIsNamed) {
  const auto read = Read(WithConfig(Written(), 3, ""));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message(),
            "asset list: format 3 is unknown, 2 is known");
}

}  // namespace
}  // namespace caravel::registry

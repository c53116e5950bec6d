#include "host/request_path.h"

#include <gtest/gtest.h>

namespace caravel::host {
namespace {

struct PathCase {
  std::string_view target;
  std::string_view url;      // UrlTarget()
  std::string_view plain;    // PlainTarget()
  std::string_view decoded;  // DecodedPath() of the path that `url` has
};

constexpr PathCase kPathCases[] = {
    {"/", "/", "/", "/"},
    {"*", "*", "/", "*"},
    {"/a/b", "/a/b", "/a/b", "/a/b"},
    {"/a/./b", "/a/b", "/a/b", "/a/b"},
    {"/a/../b", "/b", "/b", "/b"},
    {"/../../b", "/b", "/b", "/b"},
    {"/a/..", "/", "/", "/"},
    {"/a/b/..", "/a/", "/a/", "/a/"},
    {"/a/.", "/a/", "/a/", "/a/"},
    {"/a/...", "/a/...", "/a/...", "/a/..."},
    {"/..a/.b", "/..a/.b", "/..a/.b", "/..a/.b"},
    {"/a//../b", "/a/b", "/a/b", "/a/b"},
    {"//a///b//", "//a///b//", "/a/b/", "/a/b/"},
    {"/a\\..\\b", "/b", "/b", "/b"},
    {"/\\a", "//a", "/a", "/a"},
    {"/a/%2e%2E/b", "/b", "/b", "/b"},
    {"/%2e./b/%2E", "/b/", "/b/", "/b/"},
    {"/a%2f..%2fb", "/a%2f..%2fb", "/a%2F..%2Fb", "/a/../b"},
    {"/a%5c..%5cb", "/a%5c..%5cb", "/a%5C..%5Cb", "/a\\..\\b"},
    {"/a%2f%2Fb", "/a%2f%2Fb", "/a%2F%2Fb", "/a/b"},
    {"/%7euser/%41%2D", "/%7euser/%41%2D", "/~user/A-", "/~user/A-"},
    {"/x%c3%a4", "/x%c3%a4", "/x%C3%A4", "/x\xc3\xa4"},
    {"/x%ff/%41", "/x%ff/%41", "/x%FF/A", "/x%ff/A"},
    {"/%41%zz/%41", "/%41%zz/%41", "/A%zz/A", "/%41%zz/A"},
    {"/%252e%252e/", "/%252e%252e/", "/%252e%252e/", "/%2e%2e/"},
    {"/%", "/%", "/%", "/%"},
    {"/%4", "/%4", "/%4", "/%4"},
    {"/a?%61//", "/a?%61//", "/a?%61//", "/a"},
    {"/x/../a?b/../c", "/a?b/../c", "/a?b/../c", "/a"},
};

TEST(RequestPathTest, APathIsReadAsUrlsAndRoutesAndAssetsReadIt) {
  for (const PathCase& each : kPathCases) {
    std::string memory;
    const std::string_view url = UrlTarget(each.target, memory);
    EXPECT_EQ(url, each.url) << each.target;
    EXPECT_EQ(PlainTarget(each.target), each.plain) << each.target;
    EXPECT_EQ(DecodedPath(PathOf(url)), each.decoded) << each.target;
    if (IsPlainTarget(each.target)) EXPECT_EQ(each.target, each.plain);
    // What was made plain stays so.
    EXPECT_EQ(PlainTarget(each.plain), each.plain) << each.target;
  }
}

TEST(RequestPathTest, ADecodedPathIsEncodedInOneWay) {
  EXPECT_EQ(EncodedPath("/a b/\xc3\xa4@%"), "/a%20b/%C3%A4%40%25");
  EXPECT_EQ(EncodedPath("/-_.!~*'()"), "/-_.!~*'()");
}

}  // namespace
}  // namespace caravel::host

#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

using UrlOpsTest = JsTest;

TEST_F(UrlOpsTest, ParsesAndLeavesTheOffsetsOfTheParts) {
  EXPECT_EQ(
      Evaluate("native.urlParse('https://user:pa@Example.com:8080/a/../b?q=1#h'"
               ", undefined)"),
      "https://user:pa@example.com:8080/b?q=1#h");
  EXPECT_EQ(Evaluate("native.scratch.slice(0, 9)"),
            "6,12,15,27,8080,32,34,38,2");
}

TEST_F(UrlOpsTest, APartThatIsMissingIsOmitted) {
  EXPECT_EQ(Evaluate("native.urlParse('http://a', undefined)"), "http://a/");
  EXPECT_EQ(Evaluate("[4, 6, 7].every((i) => native.scratch[i] === "
                     "0xffffffff)"),
            "true");
}

TEST_F(UrlOpsTest, ParsesAgainstABase) {
  EXPECT_EQ(Evaluate("native.urlParse('../x', 'https://a/b/c')"),
            "https://a/x");
  EXPECT_EQ(Evaluate("native.urlParse('/x', 'no base')"), "null");
}

TEST_F(UrlOpsTest, ReadsTextsThatAreNotFlatAndThoseOfWideCharacters) {
  EXPECT_EQ(Evaluate("half = 'https://example.com/';"
                     "native.urlParse(half + 'a'.repeat(20), undefined)"),
            "https://example.com/" + std::string(20, 'a'));
  EXPECT_EQ(Evaluate("native.urlParse((half + '\\u20ac').slice(0, -1))"),
            "https://example.com/");
  EXPECT_EQ(Evaluate("native.urlParse(half + '\\ud800')"),
            "https://example.com/%EF%BF%BD");
  EXPECT_EQ(Evaluate("native.urlParse('')"), "null");
}

TEST_F(UrlOpsTest, RefusesWhatIsNoUrl) {
  EXPECT_EQ(Evaluate("native.urlParse('nope', undefined)"), "null");
  EXPECT_EQ(Evaluate("native.urlParse('http://a b', undefined)"), "null");
  EXPECT_EQ(Evaluate("native.urlParse('http://[::1', undefined)"), "null");
}

TEST_F(UrlOpsTest, WritesNamesOfHostsInAscii) {
  EXPECT_EQ(Evaluate("native.urlParse('https://b\\u00fccher.example/\\u00e9', "
                     "undefined)"),
            "https://xn--bcher-kva.example/%C3%A9");
}

TEST_F(UrlOpsTest, RefusesNamesOfHostsThatStandForNothing) {
  const auto parse = [this](std::string_view url) {
    return Evaluate(fmt::format("native.urlParse('{}', undefined)", url));
  };
  EXPECT_EQ(parse("https://a.xn--bcher-kva.b/"), "https://a.xn--bcher-kva.b/");
  EXPECT_EQ(parse("https://u:p@xn--bcher-kva/"), "https://u:p@xn--bcher-kva/");
  EXPECT_EQ(parse("https://xn--a.example/"), "null");
  EXPECT_EQ(parse("https://u:p@example.xn--a/"), "null");
  EXPECT_EQ(parse("https://example.xn--/"), "null");
  EXPECT_EQ(parse("other://xn--a/"), "other://xn--a/");
  EXPECT_EQ(parse("https://example/xn--a"), "https://example/xn--a");
  // However it is spelled: encoded, with what the parser leaves out, with
  // characters that stand for others, or in what it is parsed against.
  EXPECT_EQ(parse("https://XN--a/"), "null");
  EXPECT_EQ(parse("https://x%6e--a/"), "null");
  EXPECT_EQ(parse("https://xn\\t--a/"), "null");
  EXPECT_EQ(parse("https://xn\\u00ad--a/"), "null");
  EXPECT_EQ(parse("https://\\uff58n--a/"), "null");
  EXPECT_EQ(parse("https://xn\\uff0d-a/"), "null");
  EXPECT_EQ(parse("https://b\\u00fccher.xn--a/"), "null");
  EXPECT_EQ(Evaluate("native.urlParse('/b', 'https://xn--a/')"), "null");
  const std::string beyondNames = "https://xn--" + std::string(300, 'a') + "/";
  EXPECT_EQ(parse(beyondNames), beyondNames);
  constexpr int kHost = 4;
  EXPECT_EQ(
      Evaluate(fmt::format("native.urlSet('https://a/', {}, 'xn--a')", kHost)),
      "null");
}

TEST_F(UrlOpsTest, SetsEachPart) {
  const auto set = [this](int part, std::string_view value) {
    return Evaluate(fmt::format(
        "native.urlSet('https://u:p@a:1/b?c#d', {}, '{}')", part, value));
  };
  EXPECT_EQ(set(0, "http://x/"), "http://x/");
  EXPECT_EQ(set(1, "http"), "http://u:p@a:1/b?c#d");
  EXPECT_EQ(set(2, "v"), "https://v:p@a:1/b?c#d");
  EXPECT_EQ(set(3, "q"), "https://u:q@a:1/b?c#d");
  EXPECT_EQ(set(4, "x:2"), "https://u:p@x:2/b?c#d");
  EXPECT_EQ(set(5, "x"), "https://u:p@x:1/b?c#d");
  EXPECT_EQ(set(6, "443"), "https://u:p@a/b?c#d");
  EXPECT_EQ(set(7, "x y"), "https://u:p@a:1/x%20y?c#d");
  EXPECT_EQ(set(8, ""), "https://u:p@a:1/b#d");
  EXPECT_EQ(set(9, "e"), "https://u:p@a:1/b?c#e");
}

TEST_F(UrlOpsTest, ASetterThatRefusesAnswersNull) {
  EXPECT_EQ(Evaluate("native.urlSet('https://a/', 6, '99999')"), "null");
  EXPECT_EQ(Evaluate("native.urlSet('https://a/', 0, 'nope')"), "null");
  EXPECT_EQ(Evaluate("native.urlSet('https://a/', 10, 'x')"), "null");
}

TEST_F(UrlOpsTest, NamesTheOrigin) {
  EXPECT_EQ(Evaluate("native.urlOrigin('https://a:443/b')"), "https://a");
  EXPECT_EQ(Evaluate("native.urlOrigin('blob:https://a/x')"), "https://a");
  EXPECT_EQ(Evaluate("native.urlOrigin('data:,x')"), "null");
}

TEST_F(UrlOpsTest, WhatIsTooLongIsNoUrl) {
  Evaluate("long = 'x'.repeat((16 << 20) - 100);");
  EXPECT_EQ(Evaluate("native.urlParse('http://a/' + long).length > 1e7"),
            "true");
  EXPECT_EQ(Evaluate("native.urlParse('http://a/' + long + long)"), "null");
  EXPECT_EQ(Evaluate("native.urlParse('http://a/' + '\u00e9'.repeat(6 << 20))"),
            "null");
  EXPECT_EQ(Evaluate("native.urlSet('http://a/' + long, 9, long)"), "null");
  EXPECT_EQ(Evaluate("native.urlSet('http://a/', 8, long + long)"), "null");
}

}  // namespace
}  // namespace caravel::runtime

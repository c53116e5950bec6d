#include "registry/route_pattern.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "registry/zone_origin.h"

namespace caravel::registry {
namespace {

using ::testing::HasSubstr;

struct Match {
  const char* pattern;
  const char* scheme;
  const char* host;
  const char* target;
  bool matches;
};

// The examples of the Workers documentation, Routes, and their neighbours.
constexpr Match kMatches[] = {
    {"example.com", "https", "example.com", "/", true},
    {"example.com", "http", "example.com", "/", true},
    {"example.com", "http", "example.com", "/a", false},
    {"example.com", "http", "example.com", "/?q", false},
    {"example.com", "http", "www.example.com", "/", false},
    {"Example.COM/*", "http", "example.com", "/a?b", true},
    {"example.com/Images/*", "http", "example.com", "/images/a", false},
    {"https://example.com/*", "http", "example.com", "/", false},
    {"https://example.com/*", "https", "example.com", "/", true},
    {"*example.com/", "https", "example.com", "/", true},
    {"*example.com/", "https", "www.example.com", "/", true},
    {"*example.com/", "https", "myexample.com", "/", true},
    {"*.example.com/", "https", "www.example.com", "/", true},
    {"*.example.com/", "https", "example.com", "/", false},
    {"*.example.com/*", "https", "a.b.example.com", "/x/y", true},
    {"*.example.com/*", "https", "notexample.com", "/x/y", false},
    {"example.com/path*", "https", "example.com", "/path", true},
    {"example.com/path*", "https", "example.com", "/path2", true},
    {"example.com/path*", "https", "example.com", "/path/readme.txt", true},
    {"example.com/path*", "https", "example.com", "/pat", false},
    {"example.com/path", "https", "example.com", "/path?q", false},
};

TEST(RoutePatternTest, TakesTheRequestsThatWorkersSay) {
  for (const Match& match : kMatches) {
    const RoutePattern pattern = RoutePattern::Parse(match.pattern).value();
    EXPECT_EQ(pattern.Matches(match.scheme, match.host, match.target),
              match.matches)
        << match.pattern << " " << match.scheme << "://" << match.host
        << match.target;
  }
}

TEST(RoutePatternTest, TheMoreSpecificIsFirst) {
  // Each in front of all that stand behind it.
  constexpr const char* kOrder[] = {
      "https://www.example.com/a/b", "www.example.com/a/b",
      "www.example.com/a/b*",        "www.example.com/a/*",
      "https://www.example.com/*",   "www.example.com/*",
      "*.example.com/a/b*",          "*.example.com/*",
      "*example.com/a/b/c*",         "*example.com/*",
  };
  for (size_t i = 0; i < std::size(kOrder); ++i) {
    for (size_t j = 0; j < std::size(kOrder); ++j) {
      EXPECT_EQ(RoutePattern::Parse(kOrder[i]).value().IsBefore(
                    RoutePattern::Parse(kOrder[j]).value()),
                i < j)
          << kOrder[i] << " and " << kOrder[j];
    }
  }
}

TEST(RoutePatternTest, WritesThoseAlikeThatTakeTheSame) {
  const auto text = [](std::string_view pattern) {
    return RoutePattern::Parse(pattern).value().ToText();
  };
  EXPECT_EQ(text("Example.com"), "example.com/");
  EXPECT_EQ(text("HTTPS://*.Example.com/A*"), "https://*.example.com/A*");
  EXPECT_EQ(text(text("*example.com/*")), "*example.com/*");
}

TEST(RoutePatternTest, SaysWhatIsWrong) {
  struct {
    const char* pattern;
    const char* why;
  } const kWrong[] = {
      {"", "no host name"},
      {"*", "no host name"},
      {"*/path", "no host name"},
      {"com/*", "only one label"},
      {"example.com/*.jpg", "a * stands in the middle"},
      {"a.*.example.com/", "a * stands in the middle"},
      {"example.com/?foo=*", "a query cannot be matched"},
      {"ftp://example.com/", "neither http nor https"},
      {"example.com:8080/", "is no label"},
      {"10.0.0.1/*", "it is an address"},
      {"-a.example.com/", "is no label"},
      {"exam ple.com/",
       "\"exam ple\" is no label: it may have letters, digits, dashes and _ "
       "alone"},
      {"exa mple/", "\"exa mple\" is no label"},
      {"a..example.com/", "\"\" is no label: it is empty"},
  };
  for (const auto& [pattern, why] : kWrong) {
    const auto parsed = RoutePattern::Parse(pattern);
    ASSERT_FALSE(parsed) << pattern;
    EXPECT_THAT(parsed.error().message(), HasSubstr(why)) << pattern;
    EXPECT_THAT(parsed.error().message(), HasSubstr(pattern));
  }
}

TEST(ZoneOriginTest, IsSchemeHostAndPort) {
  EXPECT_EQ(ZoneOrigin::Parse("https://10.0.0.5").value(),
            (ZoneOrigin{.tls = true, .host = "10.0.0.5", .port = 443}));
  EXPECT_EQ(ZoneOrigin::Parse("http://Origin.test:8080/").value(),
            (ZoneOrigin{.tls = false, .host = "origin.test", .port = 8080}));
  EXPECT_EQ(ZoneOrigin::Parse("http://[::1]:81").value(),
            (ZoneOrigin{.tls = false, .host = "::1", .port = 81}));
  EXPECT_EQ(ZoneOrigin::Parse("https://[fd00::2]").value(),
            (ZoneOrigin{.tls = true, .host = "fd00::2", .port = 443}));
}

TEST(ZoneOriginTest, SaysWhatIsWrong) {
  for (const char* url :
       {"", "10.0.0.5", "ftp://a.test", "http://", "http://a.test/path",
        "http://a.test:0", "http://a.test:99999", "http://a.test:x",
        "http://user@a.test", "http://a.test?q", "http://a b.test"}) {
    const auto parsed = ZoneOrigin::Parse(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_THAT(parsed.error().ToText(), HasSubstr("http://HOST:PORT"));
  }
}

}  // namespace
}  // namespace caravel::registry

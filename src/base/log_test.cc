#include "base/log.h"

#include <gtest/gtest.h>

#include "base/json_text.h"

namespace caravel::base {
namespace {

constexpr WallTime kTime{std::chrono::milliseconds(1'700'000'000'125)};

TEST(LogTest, TextQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(FormatLogLine(LogFormat::kText, kTime, LogLevel::kInfo,
                          "host started", {{"pid", 12}, {"why", "a b"}}),
            "2023-11-14T22:13:20.125Z info    host started pid=12 why=\"a b\"");
}

TEST(LogTest, JsonIsOneObjectALine) {
  EXPECT_EQ(FormatLogLine(LogFormat::kJson, kTime, LogLevel::kError, "x\ny",
                          {{"file", "a\"b"}}),
            R"({"time":"2023-11-14T22:13:20.125Z","level":"error",)"
            R"("event":"x\ny","file":"a\"b"})");
}

TEST(JsonQuoteTest, BytesThatAreNotUtf8BecomeReplacementCharacters) {
  EXPECT_EQ(JsonQuote("a\xFF\xC0\xAF z\xED\xA0\x80"),
            "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD "
            "z\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(JsonQuote("\xF0\x9F\x90\xAA"), "\"\xF0\x9F\x90\xAA\"");
}

}  // namespace
}  // namespace caravel::base

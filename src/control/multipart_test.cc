#include "control/multipart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::api {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kType = "multipart/form-data; boundary=XX";

std::string RefusalOf(std::string_view body, std::string_view type = kType) {
  auto parts = ParseMultipart(type, body);
  return parts ? "no error" : parts.error().message();
}

TEST(MultipartTest, ReadsAnUploadAsWranglerSendsIt) {
  const std::string body =
      "--XX\r\n"
      "Content-Disposition: form-data; name=\"metadata\"\r\n\r\n"
      "{\"main_module\":\"index.js\"}\r\n"
      "--XX\r\n"
      "Content-Disposition: form-data; name=\"index.js\"; "
      "filename=\"index.js\"\r\n"
      "Content-Type: application/javascript+module\r\n\r\n"
      "export default {}\r\n\r\n"
      "--XX--\r\n";
  const auto parts = ParseMultipart(kType, body).value();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].name, "metadata");
  EXPECT_EQ(parts[0].file_name, "");
  EXPECT_EQ(parts[0].content_type, "");
  EXPECT_EQ(parts[0].content, "{\"main_module\":\"index.js\"}");
  EXPECT_EQ(parts[1].name, "index.js");
  EXPECT_EQ(parts[1].file_name, "index.js");
  EXPECT_EQ(parts[1].content_type, "application/javascript+module");
  EXPECT_EQ(parts[1].content, "export default {}\r\n");
}

TEST(MultipartTest, KeepsBytesThatLookLikeABoundary) {
  const std::string content("\r\n--X\0\r\n--YX\r\n-- XX", 19);
  const std::string body =
      "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n" + content +
      "\r\n--XX--";
  EXPECT_EQ(ParseMultipart(kType, body).value().at(0).content, content);
}

TEST(MultipartTest, ReadsEmptyPartsPreambleAndPadding) {
  const std::string body =
      "preamble\r\n--XX \t\r\n"
      "content-disposition:form-data;name=\"a\"\r\n\r\n"
      "\r\n--XX\r\n"
      "Content-Disposition: form-data; name=\"b\"\r\n\r\n"
      "--XX--epilogue";
  const auto parts = ParseMultipart(kType, body).value();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].content, "");
  EXPECT_EQ(parts[1].content, "");
}

TEST(MultipartTest, NamesAreUnescaped) {
  const std::string body =
      "--XX\r\nContent-Disposition: form-data; name=\"a%22b\"; "
      "filename=\"x\\\"y;z\"\r\n\r\n1\r\n--XX--";
  const auto parts = ParseMultipart(kType, body).value();
  EXPECT_EQ(parts.at(0).name, "a\"b");
  EXPECT_EQ(parts.at(0).file_name, "x\"y;z");
}

TEST(MultipartTest, ABoundaryMayBeQuotedAndTypesHaveAnyCase) {
  EXPECT_TRUE(ParseMultipart("Multipart/Form-Data; charset=x; Boundary=\"X X\"",
                             "--X X--")
                  .has_value());
}

TEST(MultipartTest, WhatIsBrokenIsNamed) {
  const std::string head = "--XX\r\nContent-Disposition: form-data; name=a\r\n";
  EXPECT_THAT(RefusalOf("", "application/json"),
              HasSubstr("Content-Type \"application/json\""));
  EXPECT_THAT(RefusalOf("", "multipart/form-data"),
              HasSubstr("needs a boundary of 1 to 70"));
  EXPECT_THAT(
      RefusalOf("", "multipart/form-data; boundary=" + std::string(71, 'x')),
      HasSubstr("needs a boundary of 1 to 70"));
  EXPECT_THAT(RefusalOf(""), HasSubstr("the boundary does not occur"));
  EXPECT_THAT(RefusalOf("--XX"), HasSubstr("not followed by the end"));
  EXPECT_THAT(RefusalOf("--XXY\r\n"), HasSubstr("not followed by the end"));
  EXPECT_THAT(RefusalOf("--XX\r\nx"), HasSubstr("ends within its headers"));
  EXPECT_THAT(RefusalOf("--XX\r\nx\r\n\r\n--XX--"),
              HasSubstr("without a name"));
  EXPECT_THAT(RefusalOf("--XX\r\n\r\n--XX--"),
              HasSubstr("no Content-Disposition"));
  EXPECT_THAT(RefusalOf("--XX\r\nContent-Disposition: attachment; name=a"
                        "\r\n\r\n--XX--"),
              HasSubstr("is not form-data"));
  EXPECT_THAT(RefusalOf(head + "\r\nnever ends"),
              HasSubstr("part \"a\" has no boundary behind it"));
  EXPECT_THAT(
      RefusalOf(head + "Content-Transfer-Encoding: base64\r\n\r\n\r\n--XX--"),
      HasSubstr("Content-Transfer-Encoding is \"base64\""));
  EXPECT_THAT(
      RefusalOf(head + "X: " + std::string(5000, 'x') + "\r\n\r\n\r\n--XX--"),
      HasSubstr("longer than 4096 bytes"));
}

TEST(MultipartTest, PartsHaveAnEnd) {
  std::string body;
  for (size_t i = 0; i <= kMostParts; ++i) {
    body += "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n";
  }
  EXPECT_THAT(RefusalOf(body + "--XX--"), HasSubstr("more than 1000 parts"));
}

}  // namespace
}  // namespace caravel::api

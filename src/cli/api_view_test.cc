#include "cli/api_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>

#include "cli/shown_text.h"

namespace caravel::cli {
namespace {

using testing::HasSubstr;

constexpr std::array<std::string_view, 2> kNames = {"name", "subdomain"};

boost::json::value Account(std::string_view id, std::string_view name,
                           std::string_view subdomain) {
  return boost::json::object{
      {"id", id}, {"name", name}, {"subdomain", subdomain}};
}

std::string IdOf(const std::vector<boost::json::value>& all,
                 const std::string& wanted) {
  const auto found = OnlyOne(all, "account", wanted, kNames);
  return found ? TextIn(*found, "id") : std::string(found.error().message());
}

TEST(OnlyOne, IsWhatHasTheNameOrTheId) {
  const std::vector all = {Account("1", "Acme", "acme"),
                           Account("2", "Shop", "store")};
  EXPECT_EQ(IdOf(all, "Acme"), "1");
  EXPECT_EQ(IdOf(all, "acme"), "1");
  EXPECT_EQ(IdOf(all, "store"), "2");
  EXPECT_EQ(IdOf(all, "2"), "2");
  EXPECT_EQ(IdOf(all, "stor"),
            "account \"stor\" does not exist (did you mean \"store\"?)");
}

// Who names an account chooses what it is called, not whose place it takes.
TEST(OnlyOne, IsNobodyWhoHasTakenAnothersName) {
  const std::vector all = {Account("1", "2", "a"), Account("3", "shop", "b"),
                           Account("2", "Shop", "shop")};
  EXPECT_EQ(IdOf(all, "2"), "2");
  const auto several = OnlyOne(all, "account", "shop", kNames);
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(several.error().message(), "account \"shop\": 2 are called so");
  EXPECT_EQ(several.error().remedy(),
            "say the id of the one that you mean: 3 or 2");
}

TEST(TextIn, ActsOnNoTerminal) {
  const boost::json::value token =
      boost::json::object{{"name", "a\x1b[2J\n\u202eb"}};
  EXPECT_EQ(TextIn(token, "name"), "a\\x1b[2J\\x0a\\u202eb");
  EXPECT_EQ(TextIn(token, "none"), "");
}

TEST(Table, HasNoCellThatPassesForSeveral) {
  const Terminal terminal(STDOUT_FILENO, STDERR_FILENO);
  EXPECT_THAT(Table(terminal, {"WHO", "HOW"}, {{"ci    done", "failed"}}),
              HasSubstr("\nci \\x20\\x20\\x20done  failed"));
}

TEST(ShownJson, IsTheSameValue) {
  const boost::json::value value = {"\u009b2J", "\x1b", "\u202e", "\u00e9"};
  const std::string text = ShownJson(boost::json::serialize(value));
  EXPECT_EQ(text, R"(["\u009b2J","\u001b","\u202e",")"
                  "\u00e9\"]");
  EXPECT_EQ(boost::json::parse(text), value);
}

TEST(ShownJson, HasNumbersAsPeopleWriteThem) {
  const boost::json::value value = {100.0, -12.5,     0.001,  7,
                                    "1E2", "\\\"1E2", 5e-324, 1.7e308};
  const std::string text = ShownJson(boost::json::serialize(value));
  EXPECT_EQ(text, R"([100,-12.5,0.001,7,"1E2","\\\"1E2",5e-324,1.7e+308])");
  EXPECT_EQ(ShownJson(R"({"a":1E2})"), R"({"a":100})");
}

}  // namespace
}  // namespace caravel::cli

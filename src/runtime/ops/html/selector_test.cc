#include "runtime/ops/html/selector.h"

#include <gtest/gtest.h>

#include "runtime/ops/html/rewriter.h"

namespace caravel::runtime::html {
namespace {

// The ids of the elements that the selectors match, in order.
std::string Matches(std::string_view selectors, std::string_view document) {
  auto parsed = ParseSelectors(selectors);
  if (!parsed) return parsed.error().message();
  Rewriter::Handlers handlers;
  handlers.of_elements = {Rewriter::kElements};
  handlers.matcher.Add(std::move(*parsed), 0);
  Rewriter rewriter(std::move(handlers), Rewriter::Charset::kUtf8);
  rewriter.Push(document);
  rewriter.End();
  std::string ids;
  for (auto event = rewriter.Next(); event != Rewriter::Event::kDone;
       event = rewriter.Next()) {
    const Attribute* id = rewriter.FindAttribute("id");
    if (event == Rewriter::Event::kElement) {
      ids += id == nullptr ? "-" : id->value;
    }
  }
  EXPECT_EQ(rewriter.TakeOutput(), document);
  return ids;
}

constexpr std::string_view kDocument =
    "<div id=a class=\"x y\"><p id=b>1<img id=c src='/A.png'></p><p id=d "
    "lang=en-GB><b id=e><i id=f></i></b></p><p id=g data-n=''></p></div><p "
    "id=h "
    "class=Y>";

TEST(HtmlSelectorTest, SimpleSelectors) {
  EXPECT_EQ(Matches("*", kDocument), "abcdefgh");
  EXPECT_EQ(Matches("P", kDocument), "bdgh");
  EXPECT_EQ(Matches(".y", kDocument), "a");
  EXPECT_EQ(Matches("div.x.y#a", kDocument), "a");
  EXPECT_EQ(Matches("p.x", kDocument), "");
  EXPECT_EQ(Matches("#e, #b,img", kDocument), "bce");
  EXPECT_EQ(Matches("\\70, \\000064 iv", kDocument), "abdgh");
}

TEST(HtmlSelectorTest, Attributes) {
  EXPECT_EQ(Matches("[SRC]", kDocument), "c");
  EXPECT_EQ(Matches("[data-n]", kDocument), "g");
  EXPECT_EQ(Matches("[data-n='']", kDocument), "g");
  EXPECT_EQ(Matches("[class=y]", kDocument), "");
  EXPECT_EQ(Matches("[class=y i]", kDocument), "h");
  EXPECT_EQ(Matches("[class='y' s]", kDocument), "");
  EXPECT_EQ(Matches("[class~=\"y\"]", kDocument), "a");
  EXPECT_EQ(Matches("[src^='/'][src$=\".png\"][src*=A]", kDocument), "c");
  EXPECT_EQ(Matches("[src$='.PNG']", kDocument), "");
  EXPECT_EQ(Matches("[src$='.PNG' i]", kDocument), "c");
  EXPECT_EQ(Matches("[src*='']", kDocument), "");
  EXPECT_EQ(Matches("[lang|=en]", kDocument), "d");
  EXPECT_EQ(Matches("[lang|=e]", kDocument), "");
}

TEST(HtmlSelectorTest, Combinators) {
  EXPECT_EQ(Matches("div p", kDocument), "bdg");
  EXPECT_EQ(Matches("div > p", kDocument), "bdg");
  EXPECT_EQ(Matches("div>b", kDocument), "");
  EXPECT_EQ(Matches("div b > i", kDocument), "f");
  EXPECT_EQ(Matches("div i", kDocument), "f");
  EXPECT_EQ(Matches("p > *", kDocument), "ce");
  EXPECT_EQ(Matches("p p", kDocument), "");
}

TEST(HtmlSelectorTest, Places) {
  EXPECT_EQ(Matches("div > :first-child", kDocument), "b");
  EXPECT_EQ(Matches("p:nth-child(2)", kDocument), "dh");
  EXPECT_EQ(Matches("div > p:nth-child(odd)", kDocument), "bg");
  EXPECT_EQ(Matches("div > p:nth-child( -n + 2 )", kDocument), "bd");
  EXPECT_EQ(Matches("div > p:nth-child(n+2)", kDocument), "dg");
  EXPECT_EQ(Matches("p:first-of-type", kDocument), "bh");
  EXPECT_EQ(Matches("b:nth-of-type(1)", kDocument), "e");
  EXPECT_EQ(Matches("p:nth-of-type(2n)", kDocument), "d");
}

TEST(HtmlSelectorTest, Not) {
  EXPECT_EQ(Matches("p:not([lang])", kDocument), "bgh");
  EXPECT_EQ(Matches("p:not(#b, .Y)", kDocument), "dg");
  EXPECT_EQ(Matches(":not(p):not(div)", kDocument), "cef");
  EXPECT_EQ(Matches("p:not(:not(#b))", kDocument), "b");
}

TEST(HtmlSelectorTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(Matches("", ""), "selector \"\": it is empty");
  EXPECT_EQ(Matches("a + b", ""),
            "selector \"a + b\": the combinator \"+\" is not supported; there "
            "are \">\" and the blank");
  EXPECT_EQ(
      Matches("a:hover", ""),
      "selector \"a:hover\": the pseudo-class \":hover\" is not supported");
  EXPECT_EQ(Matches("a::before", ""),
            "selector \"a::before\": pseudo-elements are not supported");
  EXPECT_EQ(Matches("a,", ""),
            "selector \"a,\": it ends where an element is expected");
  EXPECT_EQ(Matches("a[b", ""), "selector \"a[b\": a \"[\" is not closed");
  EXPECT_EQ(Matches("a[b='", ""), "selector \"a[b='\": a string is not closed");
  EXPECT_EQ(Matches("a)", ""), "selector \"a)\": \")\" is not expected");
  EXPECT_EQ(
      Matches("a:nth-child(x)", ""),
      "selector \"a:nth-child(x)\": a place is \"odd\", \"even\", or as in "
      "\"3\" and \"2n+1\"");
  EXPECT_EQ(
      Matches("a:not(b c)", ""),
      "selector \"a:not(b c)\": \":not()\" takes single elements, without "
      "combinators");
}

}  // namespace
}  // namespace caravel::runtime::html

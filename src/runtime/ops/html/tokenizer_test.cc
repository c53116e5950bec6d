#include "runtime/ops/html/tokenizer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace caravel::runtime::html {
namespace {

TextMode ModeOf(std::string_view name) {
  if (name == "title") return TextMode::kRcdata;
  if (name == "style") return TextMode::kRawtext;
  if (name == "script") return TextMode::kScript;
  if (name == "plaintext") return TextMode::kPlaintext;
  return TextMode::kData;
}

void Describe(const Tokenizer& tokenizer, const Token& token, std::string& out,
              bool& in_text) {
  if (token.kind == Token::Kind::kText) {
    if (!in_text) out += "|";
    in_text = true;
    out += token.raw;
    return;
  }
  in_text = false;
  switch (token.kind) {
    case Token::Kind::kStartTag:
    case Token::Kind::kEndTag:
      out += token.kind == Token::Kind::kEndTag ? "|end " : "|start ";
      out += token.name;
      for (const Attribute& each : tokenizer.attributes()) {
        out += fmt::format(" {}={}", each.name, each.value);
      }
      if (token.self_closing) out += " /";
      return;
    case Token::Kind::kComment:
      out += fmt::format("|comment {}", token.text);
      return;
    case Token::Kind::kDoctype:
      out += "|doctype";
      return;
    default:
      out += "|markup";
  }
}

// Cuts the document after every `step` bytes.
std::string Pieces(std::string_view document, size_t step) {
  Tokenizer tokenizer;
  std::string described;
  std::string passed;
  bool in_text = false;
  for (;;) {
    const Token token = tokenizer.Next();
    if (token.kind == Token::Kind::kNeedsInput) {
      tokenizer.Push(document.substr(0, step));
      document.remove_prefix(std::min(step, document.size()));
      if (document.empty()) tokenizer.End();
      continue;
    }
    if (token.kind == Token::Kind::kEnd) break;
    passed += token.raw;
    Describe(tokenizer, token, described, in_text);
    if (token.kind == Token::Kind::kStartTag) {
      tokenizer.AllowCdata(token.name == "svg");
      const TextMode mode = ModeOf(token.name);
      if (mode != TextMode::kData) tokenizer.SetMode(mode, token.name);
    }
  }
  described += "\n";
  return described + passed;
}

// What the tokens are, whatever pieces the document comes in; together they are
// the document.
std::string Tokens(std::string_view document) {
  const std::string whole = Pieces(document, document.size() + 1);
  for (size_t step = 1; step < 8; ++step)
    EXPECT_EQ(Pieces(document, step), whole);
  const size_t line = whole.size() - document.size();
  EXPECT_EQ(std::string_view(whole).substr(line), document);
  return whole.substr(0, line - 1);
}

TEST(HtmlTokenizerTest, ATagThatComesByteByByteIsMovedAFewTimesAtMost) {
  std::string document = "<p>text<a";
  for (int i = 0; i < 3000; ++i) document += " b=c";
  document += ">text<!--" + std::string(10'000, '-') + "-->";
  Tokenizer tokenizer;
  size_t taken = 0;
  size_t attributes = 0;
  for (const char& c : document) {
    taken += tokenizer.Push({&c, 1});
    while (tokenizer.Next().kind != Token::Kind::kNeedsInput) {
      attributes = std::max(attributes, tokenizer.attributes().size());
    }
  }
  EXPECT_EQ(attributes, 3000U);
  EXPECT_LE(taken, 4 * document.size());
}

TEST(HtmlTokenizerTest, TagsAndTheirAttributesAreTakenApart) {
  EXPECT_EQ(Tokens("a<b>c</b>d"), "|a|start b|c|end b|d");
  EXPECT_EQ(Tokens("<A Href=\"x y\" b='>' c=d e f = g>"),
            "|start A Href=x y b=> c=d e= f=g");
  EXPECT_EQ(Tokens("<br/><br /><a b=c/><a /b>"),
            "|start br /|start br /|start a b=c/|start a b=");
  EXPECT_EQ(Tokens("<a =b><a b=><a b=''c>"),
            "|start a =b=|start a b=|start a b= c=");
  EXPECT_EQ(Tokens("</a b=c>"), "|end a b=c");
}

TEST(HtmlTokenizerTest, ABracketThatIsNoTagIsText) {
  EXPECT_EQ(Tokens("1 < 2 <3 <= <"), "|1 < 2 <3 <= <");
  EXPECT_EQ(Tokens("a</>b"), "|a|markup|b");
  EXPECT_EQ(Tokens("a</"), "|a</");
}

TEST(HtmlTokenizerTest, CommentsEndAsHtmlSays) {
  EXPECT_EQ(Tokens("<!--a--b-->c"), "|comment a--b|c");
  EXPECT_EQ(Tokens("<!-->c<!--->d"), "|comment |c|comment |d");
  EXPECT_EQ(Tokens("<!----><!-----><!--a--!>b"),
            "|comment |comment -|comment a|b");
  EXPECT_EQ(Tokens("<!---!>-->x"), "|comment -!>|x");
  EXPECT_EQ(Tokens("<!--a--!-->x"), "|comment a--!|x");
  EXPECT_EQ(Tokens("<?a?><!b></ c>"), "|comment ?a?|comment b|comment  c");
  EXPECT_EQ(Tokens("<!--a--"), "|comment a");
  EXPECT_EQ(Tokens("<!-"), "|comment -");
}

TEST(HtmlTokenizerTest, DoctypesAndCdata) {
  EXPECT_EQ(Tokens("<!DOCTYPE html><!doctype>"), "|doctype|doctype");
  EXPECT_EQ(Tokens("<svg><![CDATA[a<b>]]]>c"),
            "|start svg|markup|a<b>]|markup|c");
  EXPECT_EQ(Tokens("<p><![CDATA[a]]>c"), "|start p|comment [CDATA[a]]|c");
}

TEST(HtmlTokenizerTest, TextElementsEndWithTheirOwnEndTag) {
  EXPECT_EQ(Tokens("<title>a<b></b></titles></TITLE >c"),
            "|start title|a<b></b></titles>|end TITLE|c");
  EXPECT_EQ(Tokens("<style></p></style"), "|start style|</p></style");
  EXPECT_EQ(Tokens("<plaintext></plaintext>"), "|start plaintext|</plaintext>");
}

TEST(HtmlTokenizerTest, ScriptsMayHideTheirEndTagInComments) {
  EXPECT_EQ(Tokens("<script>a<b</script>c"), "|start script|a<b|end script|c");
  EXPECT_EQ(Tokens("<script><!--</script>c"),
            "|start script|<!--|end script|c");
  EXPECT_EQ(Tokens("<script><!--<script></script>--></script>c"),
            "|start script|<!--<script></script>-->|end script|c");
  EXPECT_EQ(Tokens("<script><!--<script>--></script>c"),
            "|start script|<!--<script>-->|end script|c");
  EXPECT_EQ(Tokens("<script><!--><script></script>c"),
            "|start script|<!--><script>|end script|c");
  EXPECT_EQ(Tokens("<script><!--<scripts></script>c"),
            "|start script|<!--<scripts>|end script|c");
}

TEST(HtmlTokenizerTest, ATagThatIsCutShortIsNone) {
  EXPECT_EQ(Tokens("a<b c=\"d"), "|a|markup");
  EXPECT_EQ(Tokens("a<b"), "|a|markup");
}

}  // namespace
}  // namespace caravel::runtime::html

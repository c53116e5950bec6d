#include "runtime/ops/html/rewriter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

namespace caravel::runtime::html {
namespace {

using Event = Rewriter::Event;
using Position = Rewriter::Position;

struct Handler {
  std::string_view selector;  // "": of the document
  uint32_t flags;
  std::function<void(Rewriter&, Event)> run;
};

std::string Pass(std::string_view document,
                 const std::vector<Handler>& handlers, size_t step) {
  Rewriter::Handlers given;
  std::vector<const Handler*> order;
  for (const bool of_document : {false, true}) {
    for (const Handler& handler : handlers) {
      if (handler.selector.empty() != of_document) continue;
      const auto number = static_cast<uint32_t>(order.size());
      order.push_back(&handler);
      if (of_document) {
        given.of_document.push_back(handler.flags);
      } else {
        given.of_elements.push_back(handler.flags);
        given.matcher.Add(*ParseSelectors(handler.selector), number);
      }
    }
  }
  Rewriter rewriter(std::move(given), Rewriter::Charset::kUtf8);
  std::string out;
  for (;;) {
    const Event event = rewriter.Next();
    out += rewriter.TakeOutput();
    if (event == Event::kDone) return out;
    if (event == Event::kAgain) continue;
    if (event == Event::kNeedsInput) {
      rewriter.Push(document.substr(0, step));
      document.remove_prefix(std::min(step, document.size()));
      if (document.empty()) rewriter.End();
    } else if (event == Event::kStream) {
      rewriter.Write(fmt::format("[{}]", rewriter.stream()));
    } else if (event == Event::kEndTag) {
      for (const Handler* handler : order) {
        if (handler->selector == "end") handler->run(rewriter, event);
      }
    } else {
      for (const uint32_t number : rewriter.handlers()) {
        order[number]->run(rewriter, event);
      }
    }
  }
}

// The same comes out whatever pieces the document comes in.
std::string Rewrite(std::string_view document,
                    const std::vector<Handler>& handlers) {
  std::string whole = Pass(document, handlers, document.size() + 1);
  for (const size_t step : {1, 2, 3, 5}) {
    EXPECT_EQ(Pass(document, handlers, step), whole);
  }
  return whole;
}

Handler On(std::string_view selector, std::function<void(Rewriter&)> run) {
  return {selector, Rewriter::kElements,
          [run](Rewriter& rewriter, Event) { run(rewriter); }};
}

Handler Inserting(std::string_view selector, Position position,
                  std::vector<std::string> contents) {
  return On(selector, [=](Rewriter& rewriter) {
    for (const std::string& content : contents) {
      rewriter.Insert(position, {content});
    }
  });
}

TEST(HtmlRewriterTest, PassesOnWhatNobodyChangesByteByByte) {
  constexpr std::string_view kDocument =
      "\xEF\xBB\xBF<!doctype  HTML><P CLASS = 'a'  b>x &amp; \xFF y</ p><!-- "
      "--><br/><script>if (a<b) '</p>'</script></nothing><a b='c";
  EXPECT_EQ(Rewrite(kDocument, {}), kDocument);
  EXPECT_EQ(Rewrite(kDocument, {On("*", [](Rewriter&) {})}), kDocument);
}

TEST(HtmlRewriterTest, InsertsAroundAnElement) {
  constexpr std::string_view kDocument = "1<p>2<b>3</b>4</p>5";
  const auto at = [&](Position position) {
    return Rewrite(kDocument, {Inserting("p", position, {"x", "y"})});
  };
  EXPECT_EQ(at(Position::kBefore), "1xy<p>2<b>3</b>4</p>5");
  EXPECT_EQ(at(Position::kAfter), "1<p>2<b>3</b>4</p>yx5");
  EXPECT_EQ(at(Position::kPrepend), "1<p>yx2<b>3</b>4</p>5");
  EXPECT_EQ(at(Position::kAppend), "1<p>2<b>3</b>4xy</p>5");
  EXPECT_EQ(at(Position::kInner), "1<p>y</p>5");
  EXPECT_EQ(at(Position::kReplace), "1y5");
}

TEST(HtmlRewriterTest, AVoidElementHasNoContent) {
  constexpr std::string_view kDocument = "1<br>2";
  const auto at = [&](Position position) {
    return Rewrite(kDocument, {Inserting("br", position, {"x"})});
  };
  EXPECT_EQ(at(Position::kAfter), "1<br>x2");
  EXPECT_EQ(at(Position::kAppend), kDocument);
  EXPECT_EQ(at(Position::kInner), kDocument);
  EXPECT_EQ(at(Position::kReplace), "1x2");
}

TEST(HtmlRewriterTest, RemovesAnElementOrItsTags) {
  constexpr std::string_view kDocument = "1<p>2<p>3</p>4</p>5<br>6";
  EXPECT_EQ(Rewrite(kDocument, {On("p", [](Rewriter& r) { r.Remove(false); })}),
            "15<br>6");
  EXPECT_EQ(
      Rewrite(kDocument, {On("p, br", [](Rewriter& r) { r.Remove(true); })}),
      "123456");
}

TEST(HtmlRewriterTest, ChangesATag) {
  EXPECT_EQ(Rewrite("<A B='c' d=e  F>x</a >", {On("a",
                                                  [](Rewriter& r) {
                                                    r.SetAttribute("D", "1\"2");
                                                    r.SetAttribute("New", "");
                                                    r.RemoveAttribute("b");
                                                  })}),
            "<A d=\"1&quot;2\" F new=\"\">x</a >");
  EXPECT_EQ(
      Rewrite("<a/>x</a>", {On("a", [](Rewriter& r) { r.SetName("b"); })}),
      "<b/>x</b>");
}

TEST(HtmlRewriterTest, AMissingValueIsNotTheNextAttribute) {
  const auto set = [](Rewriter& r) { r.SetAttribute("t", "x y"); };
  EXPECT_EQ(Rewrite("<a b=>", {On("a", set)}), "<a b=\"\" t=\"x y\">");
  EXPECT_EQ(Rewrite("<a b = >", {On("a", set)}), "<a b = \"\" t=\"x y\">");
  EXPECT_EQ(Rewrite("<a b='' c=d= e>", {On("a", set)}),
            "<a b='' c=d= e t=\"x y\">");
}

TEST(HtmlRewriterTest, NothingIsLeftOfATokenThatIsOver) {
  Rewriter::Handlers handlers;
  handlers.of_elements.push_back(Rewriter::kElements);
  handlers.matcher.Add(*ParseSelectors("a"), 0);
  Rewriter rewriter(std::move(handlers), Rewriter::Charset::kUtf8);
  EXPECT_EQ(rewriter.Next(), Event::kNeedsInput);
  rewriter.Push("<a>");
  EXPECT_EQ(rewriter.Next(), Event::kElement);
  rewriter.SetName(std::string(5000, 'x'));
  EXPECT_EQ(rewriter.Next(), Event::kNeedsInput);
  EXPECT_EQ(rewriter.name(), "");
  EXPECT_EQ(rewriter.text(), "");
  EXPECT_EQ(rewriter.raw(), "");
  EXPECT_TRUE(rewriter.handlers().empty());
}

TEST(HtmlRewriterTest, ElementsWithoutAnEndTagEndWithTheOneAround) {
  EXPECT_EQ(Rewrite("<ul><li>1<li>2</ul>3",
                    {Inserting("li", Position::kAppend, {"x"})}),
            "<ul><li>1<li>2xx</ul>3");
  EXPECT_EQ(Rewrite("<ul><li>1</ul>2",
                    {On("li", [](Rewriter& r) { r.Remove(false); })}),
            "<ul></ul>2");
  EXPECT_EQ(Rewrite("<p>1", {Inserting("p", Position::kAppend, {"x"})}),
            "<p>1");
}

TEST(HtmlRewriterTest, TextsComeWithTheirEnd) {
  std::string seen;
  const std::vector<Handler> handlers = {
      {"p", Rewriter::kTexts, [&](Rewriter& r, Event) {
         seen += fmt::format("({}{})", r.text(), r.last_in_text() ? "." : "");
       }}};
  Pass("0<p>1 < 2<b>3</b></p>4", handlers, 100);
  EXPECT_EQ(seen, "(1 < 2)(.)(3)(.)");
  seen.clear();
  Pass("<p>\xC3\xA4<!-- -->b", handlers, 4);
  EXPECT_EQ(seen, "(\xC3\xA4)(.)(b)(.)");
}

TEST(HtmlRewriterTest, TextsAreReplaced) {
  EXPECT_EQ(Rewrite("0<p>\xC3\xA4</p>4", {{"p", Rewriter::kTexts,
                                           [](Rewriter& r, Event) {
                                             if (r.last_in_text()) {
                                               r.Insert(Position::kAfter,
                                                        {"x"});
                                             }
                                             r.Remove(false);
                                           }}}),
            "0<p>x</p>4");
}

TEST(HtmlRewriterTest, CommentsDoctypesAndTheEnd) {
  std::string seen;
  EXPECT_EQ(Pass("<!doctype a><!--b--><p><!--c--></p>",
                 {{"", Rewriter::kDoctypes | Rewriter::kEnds,
                   [&](Rewriter& r, Event event) {
                     if (event == Event::kDocumentEnd) {
                       r.Insert(Position::kAppend, {"z"});
                     } else {
                       seen = r.raw();
                       r.Remove(false);
                     }
                   }},
                  {"p", Rewriter::kComments,
                   [](Rewriter& r, Event) { r.SetComment("d"); }}},
                 100),
            "<!--b--><p><!--d--></p>z");
  EXPECT_EQ(seen, "<!doctype a>");
}

TEST(HtmlRewriterTest, HandlersAreCalledWithinWhatIsRemovedAndChangeNothing) {
  int called = 0;
  EXPECT_EQ(
      Pass("1<p><b>2</b></p>3",
           {On("p", [](Rewriter& r) { r.Insert(Position::kInner, {"x"}); }),
            On("b",
               [&](Rewriter& r) {
                 ++called;
                 r.Insert(Position::kBefore, {"y"});
               })},
           100),
      "1<p>x</p>3");
  EXPECT_EQ(called, 1);
}

TEST(HtmlRewriterTest, StopsAtEndTags) {
  EXPECT_EQ(Rewrite("<p>1</p>2", {On("p", [](Rewriter& r) { r.WantEndTag(); }),
                                  {"end", 0,
                                   [](Rewriter& r, Event) {
                                     r.Insert(Position::kBefore, {"x"});
                                     r.SetName("q");
                                   }}}),
            "<p>1x</q>2");
}

TEST(HtmlRewriterTest, StreamsStandWhereTheyWerePut) {
  EXPECT_EQ(Rewrite("<p>1</p>2", {On("p",
                                     [](Rewriter& r) {
                                       r.Insert(Position::kBefore, {"a"});
                                       r.Insert(Position::kBefore, {"", 7});
                                       r.Insert(Position::kAppend, {"", 8});
                                     })}),
            "a[7]<p>1[8]</p>2");
}

TEST(HtmlRewriterTest, ForeignContentFollowsItsOwnRules) {
  std::string seen;
  const std::vector<Handler> all = {On("*", [&](Rewriter& r) {
    seen += fmt::format("{}{} ", r.name(), static_cast<int>(r.name_space()));
  })};
  Pass("<svg><title><p></p></title><g/><style><b></b></style>", all, 100);
  EXPECT_EQ(seen, "svg1 title1 p0 g1 style1 b0 ");
  seen.clear();
  Pass("<math><mi><p></p></mi><mglyph/></math><p>", all, 100);
  EXPECT_EQ(seen, "math2 mi2 p0 mglyph2 p0 ");
}

TEST(HtmlRewriterTest, ManyUnmatchedEndTagsAreNoWork) {
  std::string document;
  for (int i = 0; i < 50'000; ++i) document += "<a>";
  for (int i = 0; i < 50'000; ++i) document += "</b>";
  EXPECT_EQ(Pass(document, {}, document.size() + 1), document);
}

}  // namespace
}  // namespace caravel::runtime::html

#pragma once

#include <v8.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"
#include "runtime/ops/html/charset.h"
#include "runtime/ops/html/rewriter.h"

namespace caravel::runtime {

class MemoryAccount;

// A rewriter of HTML for JS, which pushes a document, is told where a handler
// is to be called, and takes what comes out (html/rewriter.h says how). What it
// holds counts against the isolate's memory. A method that is called at the
// wrong time does nothing, or answers as an empty token would.
// web/native_html.ts describes each.
//
// Threads: the one that is in the isolate.
class HtmlRewriterState final : public js::Object {
 public:
  // `account` outlives it.
  HtmlRewriterState(html::Rewriter::Handlers handlers,
                    html::DocumentCharset charset, MemoryAccount& account);
  ~HtmlRewriterState() override;

  // All of these throw a RangeError when the memory is exceeded, and nothing
  // more comes out then.
  Status Push(js::Scope& scope, js::BytesView bytes);
  Status Finish(js::Scope& scope);
  Result<int32_t> Next(js::Scope& scope);
  Status Insert(js::Scope& scope, int32_t position,
                v8::Local<v8::String> content, bool is_html, uint32_t stream);
  // A character that is cut at the end goes with what is written next.
  Status Write(js::Scope& scope, js::BytesView bytes, bool is_html);
  js::Result<v8::Value> Take(js::Scope& scope);
  void Close(js::Scope& scope);

  std::vector<uint32_t> HandlersToCall(js::Scope& scope);
  uint32_t ElementNumber(js::Scope& scope);
  uint32_t StreamNumber(js::Scope& scope);

  js::Result<v8::Value> Name(js::Scope& scope);
  Status SetName(js::Scope& scope, std::string name);
  int32_t NameSpace(js::Scope& scope);
  bool CanHaveContent(js::Scope& scope);
  bool SelfClosing(js::Scope& scope);
  js::Result<v8::Value> Attribute(js::Scope& scope, std::string name);
  js::Result<v8::Value> Attributes(js::Scope& scope);
  Status SetAttribute(js::Scope& scope, std::string name,
                      v8::Local<v8::String> value);
  void RemoveAttribute(js::Scope& scope, std::string name);
  void WantEndTag(js::Scope& scope);
  void Remove(js::Scope& scope, bool keep_content);
  bool Removed(js::Scope& scope);
  js::Result<v8::Value> Text(js::Scope& scope);
  Status SetComment(js::Scope& scope, v8::Local<v8::String> text);
  bool LastInText(js::Scope& scope);
  std::vector<std::optional<std::string>> Doctype(js::Scope& scope);

  static constexpr auto Js() {
    using Self = HtmlRewriterState;
    return js::Class(
        "HtmlRewriterState", js::Method("push", &Self::Push),
        js::Method("finish", &Self::Finish), js::Method("next", &Self::Next),
        js::Method("insert", &Self::Insert), js::Method("write", &Self::Write),
        js::Method("take", &Self::Take), js::Method("close", &Self::Close),
        js::Method("handlers", &Self::HandlersToCall),
        js::Method("element", &Self::ElementNumber),
        js::Method("stream", &Self::StreamNumber),
        js::Method("name", &Self::Name), js::Method("setName", &Self::SetName),
        js::Method("nameSpace", &Self::NameSpace),
        js::Method("canHaveContent", &Self::CanHaveContent),
        js::Method("selfClosing", &Self::SelfClosing),
        js::Method("attribute", &Self::Attribute),
        js::Method("attributes", &Self::Attributes),
        js::Method("setAttribute", &Self::SetAttribute),
        js::Method("removeAttribute", &Self::RemoveAttribute),
        js::Method("wantEndTag", &Self::WantEndTag),
        js::Method("remove", &Self::Remove),
        js::Method("removed", &Self::Removed), js::Method("text", &Self::Text),
        js::Method("setComment", &Self::SetComment),
        js::Method("lastInText", &Self::LastInText),
        js::Method("doctype", &Self::Doctype));
  }

 private:
  // Counts what is held; kLimit: it is too much, and was given back.
  Status Settle();
  // Whether so much can be taken; kLimit as above.
  Status CheckRoom(size_t bytes);
  Error GiveUp();
  // Script's text as UTF-8, and UTF-8 as it stands in the document. Each looks
  // whether there is room before it takes it.
  Result<std::string> Copy(js::Scope& scope, v8::Local<v8::String> text);
  Result<std::string> Encode(std::string text, bool is_html);
  js::Result<v8::Value> ToText(js::Scope& scope, std::string_view bytes);

  MemoryAccount& account_;
  html::DocumentCharset charset_;
  std::unique_ptr<html::Rewriter> rewriter_;  // nullptr: closed
  size_t counted_ = 0;
  std::string cut_;  // the begin of a character, of what was written last
};

// HTMLRewriter (Workers documentation, "HTMLRewriter").
//
// Threads: the one that is in the isolate.
struct HtmlBinding {
  static constexpr const char* kName = "NativeHtml";

  // TypeError: it is no list of selectors.
  static Status CheckSelectors(js::Scope& scope, std::string text);
  // `of_elements`: flags of the handlers of elements, `selectors` what each is
  // for; `of_document`: flags of those of the document. `label`: the encoding.
  static Result<std::unique_ptr<HtmlRewriterState>> RewriterNew(
      js::Scope& scope, std::vector<uint32_t> of_elements,
      std::vector<std::string> selectors, std::vector<uint32_t> of_document,
      std::string label);

  static constexpr auto Js() {
    return js::Functions(js::Function("checkSelectors", &CheckSelectors),
                         js::Function("rewriterNew", &RewriterNew));
  }
};

struct HtmlOps {
  static js::Group<HtmlBinding> Html(js::Scope& scope);

  static constexpr auto Js() {
    return js::Functions(js::Function("htmlBinding", &Html));
  }
};

}  // namespace caravel::runtime

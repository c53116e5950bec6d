#include "runtime/ops/html_ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "runtime/isolate_state.h"
#include "runtime/js/allocate.h"
#include "runtime/memory_account.h"
#include "runtime/ops/html/doctype.h"
#include "runtime/ops/html/selector.h"
#include "runtime/ops/utf8.h"

namespace caravel::runtime {
namespace {

// More would make a tag slow to match without a use that anybody knows of.
constexpr size_t kMaxSteps = 4096;
// Of all selectors of a rewriter. Each element is tested by all that they hold.
constexpr size_t kMaxSelectorBytes = 16 << 10;

Error TooManySelectors() {
  return Error(
      ErrorCode::kLimit,
      fmt::format("HTMLRewriter: the selectors of a rewriter have more "
                  "than {} bytes together",
                  kMaxSelectorBytes));
}

Error InvalidName(std::string_view what, std::string_view why) {
  return Error(ErrorCode::kInvalid,
               fmt::format("HTMLRewriter: {} {}", what, why));
}

// A name that stands in a tag as one name.
Status CheckName(std::string_view what, std::string_view name,
                 std::string_view forbidden) {
  if (name.empty()) return InvalidName(what, "is empty");
  const size_t at = name.find_first_of(forbidden);
  if (at == std::string_view::npos) return {};
  return InvalidName(
      what, fmt::format("\"{}\" holds a character that cannot stand in it, at "
                        "position {}",
                        name, at));
}

bool IsAsciiOnly(std::string_view bytes) {
  return std::ranges::all_of(
      bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

HtmlRewriterState::HtmlRewriterState(html::Rewriter::Handlers handlers,
                                     html::DocumentCharset charset,
                                     MemoryAccount& account)
    : account_(account),
      charset_(std::move(charset)),
      rewriter_(std::make_unique<html::Rewriter>(std::move(handlers),
                                                 charset_.kind())) {}

HtmlRewriterState::~HtmlRewriterState() { account_.Release(counted_); }

Status HtmlRewriterState::Settle() {
  const size_t held = rewriter_ == nullptr ? 0 : rewriter_->held();
  if (held <= counted_) {
    account_.Release(counted_ - held);
  } else if (!account_.Reserve(held - counted_)) {
    return GiveUp();
  }
  counted_ = held;
  return {};
}

Error HtmlRewriterState::GiveUp() {
  rewriter_.reset();
  account_.Release(std::exchange(counted_, 0));
  return Error(ErrorCode::kLimit,
               "HTMLRewriter: the document does not fit into the Worker's "
               "memory");
}

Status HtmlRewriterState::CheckRoom(size_t bytes) {
  if (!account_.Reserve(bytes)) return GiveUp();
  account_.Release(bytes);
  return {};
}

Result<std::string> HtmlRewriterState::Copy(js::Scope& scope,
                                            v8::Local<v8::String> text) {
  const size_t size = text->Utf8LengthV2(scope.isolate());
  CARAVEL_TRY(CheckRoom(size));
  std::string copy;
  copy.reserve(size);
  js::AppendUtf8(scope, text, copy);
  return copy;
}

Result<std::string> HtmlRewriterState::Encode(std::string text, bool is_html) {
  if (!is_html) {
    CARAVEL_TRY(CheckRoom(text.size() + html::EscapedSize(text)));
    text = html::EscapeText(text);
  }
  CARAVEL_TRY(CheckRoom(text.size() + charset_.CostOfEncoding(text)));
  return charset_.Encode(std::move(text));
}

js::Result<v8::Value> HtmlRewriterState::ToText(js::Scope& scope,
                                                std::string_view bytes) {
  v8::Local<v8::String> text;
  if (IsAsciiOnly(bytes)) {
    if (!js::NewOneByte(scope, bytes).ToLocal(&text)) return {};
    return text;
  }
  std::u16string units;
  if (charset_.is_utf8()) {
    DecodeUtf8Lossy(bytes, units);
  } else {
    units = charset_.Decode(bytes);
  }
  if (!js::NewTwoByte(scope, units).ToLocal(&text)) return {};
  return text;
}

Status HtmlRewriterState::Push(js::Scope&, js::BytesView bytes) {
  if (rewriter_ == nullptr) return {};
  CARAVEL_TRY(CheckRoom(bytes.bytes.size()));
  rewriter_->Push(bytes.bytes);
  return Settle();
}

Status HtmlRewriterState::Finish(js::Scope&) {
  if (rewriter_ != nullptr) rewriter_->End();
  return {};
}

Result<int32_t> HtmlRewriterState::Next(js::Scope&) {
  if (rewriter_ == nullptr) {
    return static_cast<int32_t>(html::Rewriter::Event::kDone);
  }
  // Nothing more is written where the last character is to end.
  if (!cut_.empty()) rewriter_->Write(charset_.Encode(std::exchange(cut_, {})));
  const html::Rewriter::Event event = rewriter_->Next();
  CARAVEL_TRY(Settle());
  return static_cast<int32_t>(event);
}

Status HtmlRewriterState::Insert(js::Scope& scope, int32_t position,
                                 v8::Local<v8::String> content, bool is_html,
                                 uint32_t stream) {
  if (rewriter_ == nullptr) return {};
  using Position = html::Rewriter::Position;
  if (position < 0 || position > static_cast<int32_t>(Position::kInner)) {
    return Error(ErrorCode::kInvalid, "insert: no such position");
  }
  CARAVEL_TRY(std::string text, Copy(scope, content));
  CARAVEL_TRY(std::string bytes, Encode(std::move(text), is_html));
  rewriter_->Insert(static_cast<Position>(position),
                    {std::move(bytes), stream});
  return Settle();
}

Status HtmlRewriterState::Write(js::Scope&, js::BytesView bytes, bool is_html) {
  if (rewriter_ == nullptr) return {};
  CARAVEL_TRY(CheckRoom(cut_.size() + bytes.bytes.size()));
  std::string text = std::exchange(cut_, {});
  text += bytes.bytes;
  if (!charset_.is_utf8()) {
    const size_t whole = text.size() - IncompleteUtf8Tail(text);
    cut_ = text.substr(whole);
    text.resize(whole);
  }
  CARAVEL_TRY(const std::string content, Encode(std::move(text), is_html));
  CARAVEL_TRY(CheckRoom(content.size()));
  rewriter_->Write(content);
  return Settle();
}

js::Result<v8::Value> HtmlRewriterState::Take(js::Scope& scope) {
  if (rewriter_ == nullptr || !rewriter_->has_output()) {
    return v8::Null(scope.isolate()).As<v8::Value>();
  }
  const std::string output = rewriter_->TakeOutput();
  if (const Status settled = Settle(); !settled) {
    js::Throw(scope, settled.error());
    return {};
  }
  v8::Local<v8::ArrayBuffer> buffer;
  if (!js::NewBuffer(scope, output).ToLocal(&buffer)) return {};
  return buffer.As<v8::Value>();
}

void HtmlRewriterState::Close(js::Scope&) {
  rewriter_.reset();
  account_.Release(counted_);
  counted_ = 0;
}

std::vector<uint32_t> HtmlRewriterState::HandlersToCall(js::Scope&) {
  if (rewriter_ == nullptr) return {};
  const auto called = rewriter_->handlers();
  return {called.begin(), called.end()};
}

uint32_t HtmlRewriterState::ElementNumber(js::Scope&) {
  return rewriter_ == nullptr ? 0 : rewriter_->element();
}

uint32_t HtmlRewriterState::StreamNumber(js::Scope&) {
  return rewriter_ == nullptr ? 0 : rewriter_->stream();
}

js::Result<v8::Value> HtmlRewriterState::Name(js::Scope& scope) {
  std::string name(rewriter_ == nullptr ? "" : rewriter_->name());
  for (char& c : name) c = html::ToLower(c);
  return ToText(scope, name);
}

Status HtmlRewriterState::SetName(js::Scope&, std::string name) {
  CARAVEL_TRY(CheckName("the name of a tag", name, " \n\r\t\f/>"));
  if (!html::IsAlpha(name.front())) {
    return InvalidName(
        "the name of a tag",
        fmt::format("\"{}\" does not begin with a letter", name));
  }
  if (rewriter_ == nullptr) return {};
  rewriter_->SetName(name);
  return Settle();
}

int32_t HtmlRewriterState::NameSpace(js::Scope&) {
  return rewriter_ == nullptr ? 0
                              : static_cast<int32_t>(rewriter_->name_space());
}

bool HtmlRewriterState::CanHaveContent(js::Scope&) {
  return rewriter_ != nullptr && rewriter_->can_have_content();
}

bool HtmlRewriterState::SelfClosing(js::Scope&) {
  return rewriter_ != nullptr && rewriter_->self_closing();
}

js::Result<v8::Value> HtmlRewriterState::Attribute(js::Scope& scope,
                                                   std::string name) {
  const html::Attribute* found =
      rewriter_ == nullptr ? nullptr : rewriter_->FindAttribute(name);
  if (found == nullptr) return v8::Null(scope.isolate()).As<v8::Value>();
  return ToText(scope, found->value);
}

js::Result<v8::Value> HtmlRewriterState::Attributes(js::Scope& scope) {
  v8::LocalVector<v8::Value> items(scope.isolate());
  if (rewriter_ != nullptr) {
    for (const html::Attribute& attribute : rewriter_->attributes()) {
      std::string name(attribute.name);
      for (char& c : name) c = html::ToLower(c);
      for (const std::string_view part :
           {std::string_view(name), attribute.value}) {
        v8::Local<v8::Value> text;
        if (!ToText(scope, part).ToLocal(&text)) return {};
        items.push_back(text);
      }
    }
  }
  return v8::Array::New(scope.isolate(), items.data(), items.size())
      .As<v8::Value>();
}

Status HtmlRewriterState::SetAttribute(js::Scope& scope, std::string name,
                                       v8::Local<v8::String> value) {
  CARAVEL_TRY(CheckName("the name of an attribute", name, " \n\r\t\f/>="));
  if (rewriter_ == nullptr) return {};
  CARAVEL_TRY(const std::string named, Encode(std::move(name), true));
  CARAVEL_TRY(std::string text, Copy(scope, value));
  CARAVEL_TRY(const std::string bytes, Encode(std::move(text), true));
  CARAVEL_TRY(CheckRoom(named.size() + bytes.size()));
  rewriter_->SetAttribute(named, bytes);
  return Settle();
}

void HtmlRewriterState::RemoveAttribute(js::Scope&, std::string name) {
  if (rewriter_ != nullptr) rewriter_->RemoveAttribute(name);
}

void HtmlRewriterState::WantEndTag(js::Scope&) {
  if (rewriter_ != nullptr) rewriter_->WantEndTag();
}

void HtmlRewriterState::Remove(js::Scope&, bool keep_content) {
  if (rewriter_ != nullptr) rewriter_->Remove(keep_content);
}

bool HtmlRewriterState::Removed(js::Scope&) {
  return rewriter_ != nullptr && rewriter_->removed();
}

js::Result<v8::Value> HtmlRewriterState::Text(js::Scope& scope) {
  return ToText(scope, rewriter_ == nullptr ? "" : rewriter_->text());
}

Status HtmlRewriterState::SetComment(js::Scope& scope,
                                     v8::Local<v8::String> given) {
  CARAVEL_TRY(std::string text, Copy(scope, given));
  // HTML Standard, section 13.1.6: what a comment may not hold, begin or end
  // with.
  if (text.find("-->") != std::string::npos ||
      text.find("--!>") != std::string::npos || text.starts_with('>') ||
      text.starts_with("->") || text.ends_with("<!-") ||
      text.ends_with("--!")) {
    return Error(ErrorCode::kInvalid,
                 "HTMLRewriter: the text of a comment may not begin with \">\" "
                 "or \"->\", hold \"-->\" or \"--!>\", nor end with \"<!-\" or "
                 "\"--!\": that would end it");
  }
  if (rewriter_ == nullptr) return {};
  CARAVEL_TRY(const std::string bytes, Encode(std::move(text), true));
  CARAVEL_TRY(CheckRoom(bytes.size()));
  rewriter_->SetComment(bytes);
  return Settle();
}

bool HtmlRewriterState::LastInText(js::Scope&) {
  return rewriter_ != nullptr && rewriter_->last_in_text();
}

std::vector<std::optional<std::string>> HtmlRewriterState::Doctype(js::Scope&) {
  if (rewriter_ == nullptr) return {std::nullopt, std::nullopt, std::nullopt};
  html::Doctype doctype = html::ParseDoctype(rewriter_->raw());
  return {std::move(doctype.name), std::move(doctype.public_id),
          std::move(doctype.system_id)};
}

Status HtmlBinding::CheckSelectors(js::Scope&, std::string text) {
  if (text.size() > kMaxSelectorBytes) return TooManySelectors();
  CARAVEL_TRY(const auto selectors, html::ParseSelectors(text));
  return {};
}

Result<std::unique_ptr<HtmlRewriterState>> HtmlBinding::RewriterNew(
    js::Scope& scope, std::vector<uint32_t> of_elements,
    std::vector<std::string> selectors, std::vector<uint32_t> of_document,
    std::string label) {
  CARAVEL_TRY(html::DocumentCharset charset, html::DocumentCharset::Of(label));
  if (of_elements.size() != selectors.size()) {
    return Error(ErrorCode::kInvalid, "rewriterNew: a handler has no selector");
  }
  html::Rewriter::Handlers handlers;
  handlers.of_document = std::move(of_document);
  handlers.of_elements = std::move(of_elements);
  for (const std::string& text : selectors) {
    handlers.selector_bytes += text.size();
  }
  if (handlers.selector_bytes > kMaxSelectorBytes) return TooManySelectors();
  for (size_t i = 0; i < selectors.size(); ++i) {
    CARAVEL_TRY(auto parsed, html::ParseSelectors(selectors[i]));
    handlers.matcher.Add(std::move(parsed), static_cast<uint32_t>(i));
  }
  if (handlers.matcher.steps() > kMaxSteps) {
    return Error(ErrorCode::kLimit,
                 fmt::format("HTMLRewriter: the selectors have {} elements "
                             "together; there can be {}",
                             handlers.matcher.steps(), kMaxSteps));
  }
  CARAVEL_CHECK(scope.state().memory != nullptr);
  return std::make_unique<HtmlRewriterState>(
      std::move(handlers), std::move(charset), *scope.state().memory);
}

js::Group<HtmlBinding> HtmlOps::Html(js::Scope&) { return {}; }

}  // namespace caravel::runtime

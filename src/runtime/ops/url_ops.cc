#include "runtime/ops/url_ops.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "runtime/js/allocate.h"
#include "runtime/js/convert.h"
#include "runtime/js/scratch.h"
#include "runtime/ops/ada.h"
#include "runtime/ops/simdutf.h"

namespace caravel::runtime {
namespace {

struct FreeUrl {
  void operator()(ada_url url) const { ada_free(url); }
};
using AdaUrl = std::unique_ptr<std::remove_pointer_t<ada_url>, FreeUrl>;

// Whether a label that begins with "xn--" stands for anything. Ada takes a host
// that is ASCII as it is; the URL Standard's "domain to ASCII" refuses labels
// that are no valid ones. Those that are longer than any name are taken: the
// time to decode one grows with its square.
bool IsValidLabel(std::string_view label) {
  constexpr size_t kLongestName = 255;
  if (label.size() > kLongestName) return true;
  const ada_owned_string text = ada_idna_to_unicode(label.data(), label.size());
  const std::string_view unicode(text.data, text.length);
  const bool valid = !unicode.empty() && unicode != label;
  ada_free_owned_string(text);
  return valid;
}

// Whether labels in a URL of `input` that begin with "xn--" can have come from
// nothing but Ada's own "domain to ASCII", which judges what it makes: nothing
// in the input reads so, as it is, percent-decoded, or without the characters
// that the parser leaves out.
bool SpellsNoEncodedLabel(std::string_view input) {
  const auto lacks = [input](auto text) {
    return input.find(text) == input.npos;
  };
  return lacks("--") && lacks('%') && lacks('\t') && lacks('\n') && lacks('\r');
}

// `input` is all that the URL was made from, if known. Requires: it is valid.
bool HasValidHost(ada_url url, std::optional<std::string_view> input) {
  constexpr std::string_view kEncoded = "xn--";
  constexpr uint8_t kNotSpecial = 1;
  if (ada_get_scheme_type(url) == kNotSpecial) return true;
  const ada_url_components& parts = *ada_get_components(url);
  const ada_string href = ada_get_href(url);
  std::string_view host(href.data + parts.host_start,
                        parts.host_end - parts.host_start);
  if (host.find(kEncoded) == host.npos) return true;
  if (input && SpellsNoEncodedLabel(*input)) return true;
  if (host.starts_with('@')) host.remove_prefix(1);
  while (!host.empty()) {
    const std::string_view label = host.substr(0, host.find('.'));
    if (label.starts_with(kEncoded) && !IsValidLabel(label)) return false;
    host.remove_prefix(std::min(label.size() + 1, host.size()));
  }
  return true;
}

// A longer text is no URL: parsing it, which nothing can interrupt, would take
// long.
constexpr size_t kMostBytes = 16 << 20;

AdaUrl ParseUrl(std::string_view input,
                const std::optional<std::string>& base = std::nullopt) {
  if (input.size() > kMostBytes || (base && base->size() > kMostBytes)) {
    return nullptr;
  }
  AdaUrl url(base ? ada_parse_with_base(input.data(), input.size(),
                                        base->data(), base->size())
                  : ada_parse(input.data(), input.size()));
  const auto whole = base ? std::nullopt : std::optional(input);
  if (!ada_is_valid(url.get()) || !HasValidHost(url.get(), whole)) url.reset();
  return url;
}

struct Parsed {
  AdaUrl url;              // null for what is no URL
  bool unchanged = false;  // whether the href is the input
};

// Without a copy of the text where it is ASCII.
Parsed ParseText(js::Scope& scope, v8::Local<v8::String> input,
                 const std::optional<std::string>& base) {
  if (static_cast<size_t>(input->Length()) > kMostBytes) return {};
  const auto parse_latin1 = [&base](std::string_view text) -> Parsed {
    if (!simdutf::validate_ascii(text.data(), text.size())) {
      std::string utf8(
          simdutf::utf8_length_from_latin1(text.data(), text.size()), '\0');
      simdutf::convert_latin1_to_utf8(text.data(), text.size(), utf8.data());
      return {ParseUrl(utf8, base)};
    }
    AdaUrl url = ParseUrl(text, base);
    if (url == nullptr) return {};
    const ada_string href = ada_get_href(url.get());
    const bool same = std::string_view(href.data, href.length) == text;
    return {std::move(url), same};
  };
  {
    const v8::String::ValueView view(scope.isolate(), input);
    if (view.is_one_byte()) {
      return parse_latin1(
          {reinterpret_cast<const char*>(view.data8()), view.length()});
    }
  }
  return {ParseUrl(js::ToUtf8(scope, input), base)};
}

// Leaves the components in scratch.
void AnswerComponents(js::Scope& scope, ada_url url) {
  const ada_url_components& parts = *ada_get_components(url);
  const auto scratch = js::Scratch(scope);
  scratch[0] = parts.protocol_end;
  scratch[1] = parts.username_end;
  scratch[2] = parts.host_start;
  scratch[3] = parts.host_end;
  scratch[4] = parts.port;
  scratch[5] = parts.pathname_start;
  scratch[6] = parts.search_start;
  scratch[7] = parts.hash_start;
  scratch[8] = ada_get_scheme_type(url);
}

js::Result<v8::Value> AnswerHref(js::Scope& scope, ada_url url) {
  AnswerComponents(scope, url);
  const ada_string href = ada_get_href(url);
  if (href.length > kMostBytes) return v8::Null(scope.isolate());
  v8::Local<v8::String> text;
  if (!js::NewOneByte(scope, {href.data, href.length}).ToLocal(&text)) {
    return {};
  }
  return text;
}

bool SetPart(ada_url url, UrlOps::Part part, std::string_view value) {
  const char* data = value.data();
  const size_t size = value.size();
  switch (part) {
    case UrlOps::kHref:
      return ada_set_href(url, data, size);
    case UrlOps::kProtocol:
      return ada_set_protocol(url, data, size);
    case UrlOps::kUsername:
      return ada_set_username(url, data, size);
    case UrlOps::kPassword:
      return ada_set_password(url, data, size);
    case UrlOps::kHost:
      return ada_set_host(url, data, size);
    case UrlOps::kHostname:
      return ada_set_hostname(url, data, size);
    case UrlOps::kPort:
      return ada_set_port(url, data, size);
    case UrlOps::kPathname:
      return ada_set_pathname(url, data, size);
    case UrlOps::kSearch:
      ada_set_search(url, data, size);
      return true;
    case UrlOps::kHash:
      ada_set_hash(url, data, size);
      return true;
  }
  return false;
}

}  // namespace

js::Result<v8::Value> UrlOps::Parse(js::Scope& scope,
                                    v8::Local<v8::String> input,
                                    std::optional<std::string> base) {
  const auto [url, unchanged] = ParseText(scope, input, base);
  if (url == nullptr) return v8::Null(scope.isolate());
  if (!unchanged) return AnswerHref(scope, url.get());
  AnswerComponents(scope, url.get());
  return input;
}

js::Result<v8::Value> UrlOps::Set(js::Scope& scope, std::string href,
                                  int32_t part, std::string value) {
  const AdaUrl url = ParseUrl(href);
  if (url == nullptr || value.size() > kMostBytes ||
      !SetPart(url.get(), static_cast<Part>(part), value) ||
      !HasValidHost(url.get(), std::nullopt)) {
    return v8::Null(scope.isolate());
  }
  return AnswerHref(scope, url.get());
}

js::ByteString UrlOps::Origin(js::Scope&, std::string href) {
  const AdaUrl url = ParseUrl(href);
  if (url == nullptr) return {"null"};
  const ada_owned_string origin = ada_get_origin(url.get());
  js::ByteString text{std::string(origin.data, origin.length)};
  ada_free_owned_string(origin);
  return text;
}

}  // namespace caravel::runtime

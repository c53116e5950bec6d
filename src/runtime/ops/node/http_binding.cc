// llhttp reads a copy of the bytes, a piece at a time: a callback runs code of
// the Worker, which may detach or write the buffer. Of a body JS is told where
// it lies, and slices its own buffer.
//
// Tests: http_binding_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/http_binding.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "base/check.h"
#include "runtime/isolate_state.h"
#include "runtime/ops/request_ops.h"

namespace caravel::runtime {
namespace {

constexpr uint32_t kOnHeaders = 1;
constexpr uint32_t kOnHeadersComplete = 2;
constexpr uint32_t kOnBody = 3;
constexpr uint32_t kOnMessageComplete = 4;

constexpr size_t kPieceSize = 64 << 10;
// Whatever is asked for: what is held of a head is not counted to the isolate.
constexpr size_t kLargestHead = 1 << 20;
constexpr size_t kMaxExtensions = 16 << 10;

// Reasons of our own have the code in front, as Node's.
constexpr char kHeadOverflow[] = "HPE_HEADER_OVERFLOW:Header overflow";
constexpr char kExtensionsOverflow[] =
    "HPE_CHUNK_EXTENSIONS_OVERFLOW:Chunk extensions overflow";

// By the bits of kLenient….
constexpr std::array kLenientSetters = {
    &llhttp_set_lenient_headers,
    &llhttp_set_lenient_chunked_length,
    &llhttp_set_lenient_keep_alive,
    &llhttp_set_lenient_transfer_encoding,
    &llhttp_set_lenient_version,
    &llhttp_set_lenient_data_after_close,
    &llhttp_set_lenient_optional_lf_after_cr,
    &llhttp_set_lenient_optional_crlf_after_chunk,
    &llhttp_set_lenient_optional_cr_before_lf,
    &llhttp_set_lenient_spaces_after_chunk_size,
    &llhttp_set_lenient_header_value_relaxed,
};

std::string_view WithoutTrailingSpace(std::string_view value) {
  while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
  return value;
}

}  // namespace

template <auto kMember>
int HttpParser::Call(llhttp_t* llhttp) {
  return (static_cast<Llhttp*>(llhttp)->self->*kMember)();
}

template <auto kMember>
int HttpParser::CallWith(llhttp_t* llhttp, const char* at, size_t length) {
  return (static_cast<Llhttp*>(llhttp)->self->*kMember)(
      std::string_view(at, length));
}

const llhttp_settings_t& HttpParser::Settings() {
  static constexpr llhttp_settings_t kSettings = {
      .on_message_begin = &Call<&HttpParser::OnMessageBegin>,
      .on_url = &CallWith<&HttpParser::AddToHead>,
      .on_status = &CallWith<&HttpParser::AddToHead>,
      .on_header_field = &CallWith<&HttpParser::AddToHead>,
      .on_header_value = &CallWith<&HttpParser::AddToHead>,
      .on_chunk_extension_name = &CallWith<&HttpParser::OnChunkExtension>,
      .on_chunk_extension_value = &CallWith<&HttpParser::OnChunkExtension>,
      .on_headers_complete = &Call<&HttpParser::OnHeadersComplete>,
      .on_body = &CallWith<&HttpParser::OnBody>,
      .on_message_complete = &Call<&HttpParser::OnMessageComplete>,
      .on_url_complete = &Call<&HttpParser::EndPart>,
      .on_status_complete = &Call<&HttpParser::EndPart>,
      .on_header_field_complete = &Call<&HttpParser::EndPart>,
      .on_header_value_complete = &Call<&HttpParser::EndPart>,
      .on_chunk_header = &Call<&HttpParser::OnChunkHeader>,
      .on_chunk_complete = &Call<&HttpParser::OnChunkComplete>,
  };
  return kSettings;
}

void HttpParser::Initialize(js::Scope& scope, uint32_t type, uint32_t max_head,
                            uint32_t lenient) {
  if (run_ != nullptr || (type != 1 && type != 2)) {
    js::ThrowTypeError(scope, run_ != nullptr
                                  ? "initialize: the parser is at work"
                                  : "initialize: no such type of parser");
    return;
  }
  type_ = type;
  max_head_ = std::min<size_t>(max_head, kLargestHead);
  head_size_ = 0;
  extensions_size_ = 0;
  started_at_ = scope.state().now_ms;
  headers_completed_ = false;
  pause_pending_ = false;
  ForgetHead();
  llhttp_init(&llhttp_, static_cast<int>(type), &Settings());
  for (size_t i = 0; i < kLenientSetters.size(); ++i) {
    if ((lenient >> i & 1) != 0) kLenientSetters[i](&llhttp_, 1);
  }
}

js::Result<v8::Value> HttpParser::Execute(js::Scope& scope,
                                          v8::Local<v8::Object> owner,
                                          v8::Local<v8::Value> bytes) {
  if (run_ != nullptr || type_ == 0) {
    js::ThrowTypeError(scope, run_ != nullptr
                                  ? "execute: the parser is at work"
                                  : "execute: the parser is not initialized");
    return {};
  }
  Run run{scope, owner, nullptr, 0};
  run_ = &run;
  js::Result<v8::Value> result = Feed(run, bytes);
  run_ = nullptr;
  if (!CountMemory()) {
    type_ = 0;
    js::ThrowRangeError(scope, "execute: no memory is left for the head");
    return {};
  }
  if (pause_pending_) {
    pause_pending_ = false;
    llhttp_pause(&llhttp_);
  }
  return result;
}

js::Result<v8::Value> HttpParser::Feed(Run& run, v8::Local<v8::Value> bytes) {
  js::Scope& scope = run.scope;
  std::unique_ptr<char[]> copy;
  size_t room = kPieceSize;
  for (;;) {
    js::BytesView view;
    if (!js::FromJs(scope, bytes, {"execute", 2}, view)) return {};
    const std::string_view rest =
        view.bytes.substr(std::min(run.offset, view.bytes.size()), room);
    if (rest.empty()) break;
    if (copy == nullptr) {
      // Callbacks run script, which may make the view larger: no later piece is
      // longer than the first.
      room = rest.size();
      copy = std::make_unique_for_overwrite<char[]>(room);
    }
    std::memcpy(copy.get(), rest.data(), rest.size());
    run.piece = copy.get();
    const int error = llhttp_execute(&llhttp_, copy.get(), rest.size());
    if (run.threw) return {};
    if (error != HPE_OK) {
      const char* at = llhttp_get_error_pos(&llhttp_);
      const size_t used = run.offset + (at == nullptr ? 0 : at - copy.get());
      if (error == HPE_PAUSED_UPGRADE) {
        llhttp_resume_after_upgrade(&llhttp_);
        return js::ToJs(scope, static_cast<double>(used));
      }
      return Failure(scope, error, used);
    }
    run.offset += rest.size();
  }
  return js::ToJs(scope, static_cast<double>(run.offset));
}

js::Result<v8::Value> HttpParser::Finish(js::Scope& scope,
                                         v8::Local<v8::Object> owner) {
  if (run_ != nullptr || type_ == 0) return v8::Undefined(scope.isolate());
  Run run{scope, owner, nullptr, 0};
  run_ = &run;
  const int error = llhttp_finish(&llhttp_);
  run_ = nullptr;
  if (run.threw) return {};
  if (error == HPE_OK || llhttp_get_upgrade(&llhttp_) != 0) {
    return v8::Undefined(scope.isolate());
  }
  return Failure(scope, error, 0);
}

js::Result<v8::Value> HttpParser::Failure(js::Scope& scope, int error,
                                          size_t used) {
  const char* text = llhttp_get_error_reason(&llhttp_);
  std::string_view reason = text == nullptr ? "" : text;
  std::string_view code = llhttp_errno_name(error);
  const size_t colon = reason.find(':');
  if (error == HPE_USER && colon != std::string_view::npos) {
    code = reason.substr(0, colon);
    reason.remove_prefix(colon + 1);
  }
  v8::Local<v8::Value> parts[] = {
      v8::Number::New(scope.isolate(), static_cast<double>(used)),
      js::NewString(scope, code), js::NewString(scope, reason)};
  return v8::Array::New(scope.isolate(), parts, std::size(parts));
}

void HttpParser::Pause(js::Scope&, bool paused) {
  if (type_ == 0) return;
  if (run_ != nullptr) {
    pause_pending_ = paused;
  } else if (paused) {
    llhttp_pause(&llhttp_);
  } else if (llhttp_get_errno(&llhttp_) == HPE_PAUSED) {
    llhttp_resume(&llhttp_);
  }
}

double HttpParser::StartedAt(js::Scope&) { return started_at_; }

bool HttpParser::HeadersCompleted(js::Scope&) { return headers_completed_; }

int HttpParser::OnMessageBegin() {
  started_at_ = run_->scope.state().now_ms;
  headers_completed_ = false;
  extensions_size_ = 0;
  head_size_ = 0;
  ForgetHead();
  return 0;
}

void HttpParser::ForgetHead() {
  head_.clear();
  ends_.clear();
}

bool HttpParser::CountMemory() {
  if (head_.empty() && ends_.empty()) {
    std::string().swap(head_);  // an assignment would keep the memory
    std::vector<uint32_t>().swap(ends_);
  }
  memory_.Release(counted_);
  counted_ = head_.capacity() + ends_.capacity() * sizeof(uint32_t);
  if (memory_.Reserve(counted_)) return true;
  counted_ = 0;
  ForgetHead();
  return false;
}

int HttpParser::AddToHead(std::string_view piece) {
  head_size_ += piece.size();
  if (head_size_ >= max_head_) {
    llhttp_set_error_reason(&llhttp_, kHeadOverflow);
    return HPE_USER;
  }
  head_ += piece;
  return 0;
}

int HttpParser::EndPart() {
  ends_.push_back(static_cast<uint32_t>(head_.size()));
  return 0;
}

int HttpParser::OnChunkExtension(std::string_view piece) {
  extensions_size_ += piece.size();
  if (extensions_size_ <= kMaxExtensions) return 0;
  llhttp_set_error_reason(&llhttp_, kExtensionsOverflow);
  return HPE_USER;
}

int HttpParser::OnChunkHeader() {
  head_size_ = 0;
  extensions_size_ = 0;
  return 0;
}

int HttpParser::OnChunkComplete() {
  head_size_ = 0;
  return 0;
}

std::string_view HttpParser::Part(size_t part) const {
  if (part >= ends_.size()) return {};
  const size_t begin = part == 0 ? 0 : ends_[part - 1];
  return std::string_view(head_).substr(begin, ends_[part] - begin);
}

v8::Local<v8::Value> HttpParser::TakeHeaders(size_t first) {
  js::Scope& scope = run_->scope;
  v8::LocalVector<v8::Value> items(scope.isolate());
  for (size_t i = first; i + 1 < ends_.size(); i += 2) {
    items.push_back(js::NewOneByteString(scope, Part(i)));
    items.push_back(
        js::NewOneByteString(scope, WithoutTrailingSpace(Part(i + 1))));
  }
  ForgetHead();
  return v8::Array::New(scope.isolate(), items.data(), items.size());
}

v8::MaybeLocal<v8::Value> HttpParser::CallOwner(
    uint32_t index, std::span<v8::Local<v8::Value>> args) {
  js::Scope& scope = run_->scope;
  v8::Local<v8::Value> callback;
  if (!run_->owner->Get(scope.context(), index).ToLocal(&callback)) return {};
  if (!callback->IsFunction()) return v8::Undefined(scope.isolate());
  return callback.As<v8::Function>()->Call(
      scope.context(), run_->owner, static_cast<int>(args.size()), args.data());
}

int HttpParser::OnHeadersComplete() {
  js::Scope& scope = run_->scope;
  v8::Isolate* isolate = scope.isolate();
  v8::HandleScope handles(isolate);
  headers_completed_ = true;
  head_size_ = 0;
  const bool request = type_ == 1;
  const v8::Local<v8::Value> none = v8::Undefined(isolate);
  const v8::Local<v8::Value> first = js::NewOneByteString(scope, Part(0));
  const v8::Local<v8::Value> code =
      v8::Integer::New(isolate, request ? llhttp_get_method(&llhttp_)
                                        : llhttp_get_status_code(&llhttp_));
  std::array<v8::Local<v8::Value>, 9> args = {
      v8::Integer::New(isolate, llhttp_get_http_major(&llhttp_)),
      v8::Integer::New(isolate, llhttp_get_http_minor(&llhttp_)),
      TakeHeaders(1),
      request ? code : none,
      request ? first : none,
      request ? none : code,
      request ? none : first,
      v8::Boolean::New(isolate, llhttp_get_upgrade(&llhttp_) != 0),
      v8::Boolean::New(isolate, llhttp_should_keep_alive(&llhttp_) != 0)};
  v8::Local<v8::Value> given;
  if (!CallOwner(kOnHeadersComplete, args).ToLocal(&given)) {
    run_->threw = true;
    return HPE_USER;
  }
  // Only the library's own numbers mean anything.
  const double answer = given->IsNumber() ? given.As<v8::Number>()->Value() : 0;
  return answer == 1 ? 1 : answer == 2 ? 2 : 0;
}

int HttpParser::OnBody(std::string_view piece) {
  if (piece.empty()) return 0;
  js::Scope& scope = run_->scope;
  v8::HandleScope handles(scope.isolate());
  const size_t at = run_->offset + (piece.data() - run_->piece);
  std::array<v8::Local<v8::Value>, 2> args = {
      v8::Number::New(scope.isolate(), static_cast<double>(at)),
      v8::Number::New(scope.isolate(), static_cast<double>(piece.size()))};
  if (!CallOwner(kOnBody, args).IsEmpty()) return 0;
  run_->threw = true;
  return HPE_USER;
}

int HttpParser::OnMessageComplete() {
  v8::HandleScope handles(run_->scope.isolate());
  started_at_ = 0;
  if (!ends_.empty()) {
    std::array<v8::Local<v8::Value>, 2> trailers = {
        TakeHeaders(0), v8::String::Empty(run_->scope.isolate())};
    if (CallOwner(kOnHeaders, trailers).IsEmpty()) {
      run_->threw = true;
      return HPE_USER;
    }
  }
  if (!CallOwner(kOnMessageComplete, {}).IsEmpty()) return 0;
  run_->threw = true;
  return HPE_USER;
}

std::unique_ptr<HttpParser> NodeHttpBinding::ParserNew(js::Scope& scope) {
  CARAVEL_CHECK(scope.state().memory != nullptr);
  return std::make_unique<HttpParser>(*scope.state().memory);
}

v8::Local<v8::Array> NodeHttpBinding::RawHeaders(js::Scope& scope,
                                                 InvocationId id) {
  const Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr) return v8::Array::New(scope.isolate());
  const net::RequestHead& head = *invocation->head;
  v8::LocalVector<v8::Value> flat(scope.isolate());
  constexpr size_t kAdded = std::size(kPlatformFields) + 1;
  flat.reserve(2 * (head.headers.size() + kAdded));
  VisitFields(head, [&](std::string_view name, std::string_view value) {
    flat.push_back(js::NewOneByteString(scope, name));
    flat.push_back(js::NewOneByteString(scope, value));
  });
  return v8::Array::New(scope.isolate(), flat.data(), flat.size());
}

}  // namespace caravel::runtime

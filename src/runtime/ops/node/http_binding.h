#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/inbox.h"
#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/memory_account.h"
#include "runtime/ops/node/llhttp.h"

namespace caravel::runtime {

// A parser of HTTP/1.1 for JS, over llhttp.
// runtime/node/bindings/http_parser.ts makes Node's class of it, whose instance
// is the `owner`: the functions under its indexes are called with what was
// found, on it.
//
//   owner[1](headers, url)   trailers: names and values, flat
//   owner[2](major, minor, headers, method, url, status, reason, upgrade,
//            keepAlive)      the head; gives 1 where no body follows
//   owner[3](offset, length) a piece of the body, where it lies in the bytes
//   owner[4]()               the message is whole
//
// They may do anything, but use the same parser.
//
// Source: Node's library, _http_common.js.
class HttpParser final : public js::Object {
 public:
  // What it holds of a head is counted to `memory`, which outlives it.
  explicit HttpParser(MemoryAccount& memory) : memory_(memory) {
    llhttp_.self = this;
  }
  ~HttpParser() override { memory_.Release(counted_); }
  size_t external_size() const override { return sizeof(HttpParser); }

  // Begins anew. `type`: 1 for requests, 2 for responses. A head has at most
  // `max_head` bytes. `lenient`: Node's HTTPParser.kLenient…, by bits.
  // TypeError for another type and inside of a callback.
  void Initialize(js::Scope& scope, uint32_t type, uint32_t max_head,
                  uint32_t lenient);

  // How many bytes were used, which is all but after an upgrade; or of a
  // failure [bytes, code, reason]. What a callback throws is passed on.
  js::Result<v8::Value> Execute(js::Scope& scope, v8::Local<v8::Object> owner,
                                v8::Local<v8::Value> bytes);
  // The connection ended. Undefined, or the same of a failure.
  js::Result<v8::Value> Finish(js::Scope& scope, v8::Local<v8::Object> owner);

  // Execute() fails with HPE_PAUSED until it goes on.
  void Pause(js::Scope& scope, bool paused);

  // In milliseconds of Date.now(), when the message began that is not whole
  // yet; 0 between messages. From Initialize() on a message is awaited.
  double StartedAt(js::Scope& scope);
  bool HeadersCompleted(js::Scope& scope);

  static constexpr auto Js() {
    return js::Class(
        "HttpParserState", js::Method("initialize", &HttpParser::Initialize),
        js::Method("execute", &HttpParser::Execute),
        js::Method("finish", &HttpParser::Finish),
        js::Method("pause", &HttpParser::Pause),
        js::Method("startedAt", &HttpParser::StartedAt),
        js::Method("headersCompleted", &HttpParser::HeadersCompleted));
  }

 private:
  // What stands on the stack while bytes are being parsed.
  struct Run {
    js::Scope& scope;
    v8::Local<v8::Object> owner;
    const char* piece;  // a copy of the bytes from `offset` on
    size_t offset;
    bool threw = false;
  };
  struct Llhttp : llhttp_t {
    HttpParser* self;
  };

  static const llhttp_settings_t& Settings();
  // llhttp's callbacks, each a member.
  template <auto kMember>
  static int Call(llhttp_t* llhttp);
  template <auto kMember>
  static int CallWith(llhttp_t* llhttp, const char* at, size_t length);
  int OnMessageBegin();
  int AddToHead(std::string_view piece);
  int EndPart();
  int OnChunkExtension(std::string_view piece);
  int OnHeadersComplete();
  int OnBody(std::string_view piece);
  int OnMessageComplete();
  int OnChunkHeader();
  int OnChunkComplete();

  std::string_view Part(size_t part) const;
  void ForgetHead();
  bool CountMemory();
  // Names and values in turn, from part number `first` on.
  v8::Local<v8::Value> TakeHeaders(size_t first);
  // Calls owner[index], if that is a function. Empty: V8 holds the exception.
  v8::MaybeLocal<v8::Value> CallOwner(uint32_t index,
                                      std::span<v8::Local<v8::Value>> args);
  js::Result<v8::Value> Failure(js::Scope& scope, int error, size_t used);
  js::Result<v8::Value> Feed(Run& run, v8::Local<v8::Value> bytes);

  MemoryAccount& memory_;
  Llhttp llhttp_{};
  Run* run_ = nullptr;
  uint32_t type_ = 0;  // 0: not initialized
  size_t max_head_ = 0;
  size_t head_size_ = 0;
  size_t extensions_size_ = 0;
  size_t counted_ = 0;
  double started_at_ = 0;
  bool headers_completed_ = false;
  bool pause_pending_ = false;
  // The parts of a head, one behind the other, and where each ends: URL or
  // reason phrase, then names and values in turn.
  std::string head_;
  std::vector<uint32_t> ends_;
};

// What Node's internal binding `http_parser` and the module "cloudflare:node"
// are made of.
struct NodeHttpBinding {
  static std::unique_ptr<HttpParser> ParserNew(js::Scope& scope);

  // Names, as they came, and values of the request's header fields, flat.
  static v8::Local<v8::Array> RawHeaders(js::Scope& scope, InvocationId id);

  static constexpr auto Js() {
    return js::Functions(js::Function("parserNew", &ParserNew),
                         js::Function("rawHeaders", &RawHeaders));
  }
};

}  // namespace caravel::runtime

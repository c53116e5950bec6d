#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/codec.h"
#include "base/fd.h"
#include "base/result.h"
#include "net/headers.h"

// Exchange: the seam between who received a request and who answers it.
//
// The *asker* is an HTTP/1.1 connection, an HTTP/2 stream, a service binding or
// a relay's far end; the *answerer* is an isolate on this shard, another shard,
// another process, or a file. Each sees the other only through the interfaces
// below, so every asker works with every answerer, and a relay (net/relay.h)
// can stand between them and carry the calls as values over a mailbox or a unix
// socket. tests: net/exchange_suite.h, one suite that runs over all of them.
//
// Flow: Answerer gets the head; body bytes of the request come only as far as
// the answerer has granted them, bytes of the response only as far as the asker
// has granted those. Granting is cumulative and starts at 0 on both sides; an
// asker may grant before it is asked, so the first credit can stand right
// behind Start().
//
// Upgrade: a request whose head names one asks to give the connection another
// protocol. Its body (of unknown size, as long as that) may come only behind an
// answer that begins with RespondStart() and status 101: from there on the two
// bodies are the bytes of that protocol, both ways, and credit goes as ever.
// RespondEnd() sends what was said and then closes; the asking side ends by
// OnCancel(), or by OnRequestEnd() when it has said all and waits for the end
// of the other. Any other answer is that of a plain request without a body.
//
// Rules for both sides:
// - Calls come from the thread that drives the shard, outside of turns of JS.
// - Neither side calls back from within a call that it receives: what it has to
//   say it says from its own next step. (So no reentrancy, and no lock.)
// - After RespondEnd/RespondAbort or OnCancel the exchange is over: neither
// side
//   touches the other again.
namespace caravel::net {

struct RequestHead {
  std::string method;     // as it came: a token, case matters
  std::string scheme;     // "http" or "https"
  std::string authority;  // host[:port] of the Host field or the target; empty
                          // only for a request of HTTP/1.0 that names none
  std::string target;     // origin form, "/path?query"; "*" for OPTIONS *
  Headers headers;        // without hop-by-hop fields and body framing
  std::string client;     // numeric address of the client, no port
  std::string tls;        // e.g. "TLSv1.3"; empty without TLS
  std::string http;       // "HTTP/1.1", "HTTP/2"
  int64_t body_size = 0;  // -1: not known in advance
  std::string upgrade;    // "websocket", where that is asked for; or empty
  uint64_t draw = 0;      // a random number, drawn by who took the request in:
                          // who routes it again chooses as that did, and what
                          // is told of the request bears it
  std::string place;      // where it was taken in, behind that number
  std::string proxy;      // numeric address of the peer that told of the client
                          // and is believed; empty: the client is the peer
  // Where another Worker asks: which, and for what (runtime/service_call.h);
  // empty for all others. Stays in the process: no socket carries it.
  std::string service;
  static constexpr auto Fields() {
    return base::Fields(
        &RequestHead::method, &RequestHead::scheme, &RequestHead::authority,
        &RequestHead::target, &RequestHead::headers, &RequestHead::client,
        &RequestHead::tls, &RequestHead::http, &RequestHead::body_size,
        &RequestHead::draw, &RequestHead::upgrade, &RequestHead::place,
        &RequestHead::proxy);
  }
};

struct ResponseHead {
  uint16_t status = 200;   // 200-599, the last status of the request, or 101
  std::string reason;      // empty: the usual phrase for the status
  Headers headers;         // without hop-by-hop fields and body framing
  int64_t body_size = -1;  // -1: not known in advance
  static constexpr auto Fields() {
    return base::Fields(&ResponseHead::status, &ResponseHead::reason,
                        &ResponseHead::headers, &ResponseHead::body_size);
  }
};

// Bytes of an open file that does not change.
struct FileRange {
  std::shared_ptr<const base::Fd> file;
  uint64_t begin = 0;
  uint64_t size = 0;
};

// The asking side, as the answerer sees it.
class Asker {
 public:
  virtual ~Asker() = default;

  // A whole answer at once, needing no credit; the exchange is over. The bytes
  // are read before the call returns. `head.body_size` is that of `body`,
  // except in an answer to HEAD, where it may tell the size of the body left
  // out.
  virtual void Respond(const ResponseHead& head, std::string_view body) = 0;

  // The same, with the range of a file as its body, which the asker reads by
  // itself. False, and nothing has been done, where this one takes no files: it
  // gets the bytes in pieces then. Requires: body.size is head.body_size.
  [[nodiscard]] virtual bool RespondFile(const ResponseHead& head,
                                         const FileRange& body) {
    (void)head;
    (void)body;
    return false;
  }

  // An answer in pieces: the head, then bytes within the credit that
  // OnResponseCredit() has granted, then the end. Where the head told the size
  // of the body, that many bytes; an asker cuts off what has more or fewer. To
  // HEAD, and with a status that has no body, bytes are dropped.
  virtual void RespondStart(const ResponseHead& head) = 0;
  virtual void RespondBody(std::string_view bytes) = 0;
  virtual void RespondEnd() = 0;

  // The answer cannot be (or not be wholly) given. Before the head the client
  // gets an error page, afterwards its connection is cut.
  virtual void RespondAbort(const Error& why) = 0;

  // The answerer takes `bytes` more of the request's body.
  virtual void GrantRequestBody(uint64_t bytes) = 0;
};

// The answering side, as the asker sees it.
class Answerer {
 public:
  virtual ~Answerer() = default;

  virtual void OnRequestBody(std::string_view bytes) = 0;
  virtual void OnRequestEnd() = 0;  // also for a request without a body

  // The asker takes `bytes` more of the response's body.
  virtual void OnResponseCredit(uint64_t bytes) = 0;

  // The asker is gone (the client closed, a limit was broken); nobody waits for
  // the answer. The exchange is over.
  virtual void OnCancel(const Error& why) = 0;
};

// Where an asker sends its requests.
class Target {
 public:
  virtual ~Target() = default;

  // Begins an exchange. `head` may be moved from: what it then holds is not
  // specified, and the asker sets every field anew for its next request. The
  // answerer belongs to the target and is valid until the exchange is over; so
  // is `asker` for it. Nothing is called on `asker` from within.
  virtual Answerer& Start(RequestHead& head, Asker& asker) = 0;
};

}  // namespace caravel::net

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/exchange.h"

namespace caravel::host {

// A request whose Worker failed, on its way to the origin behind it: the asker
// of that exchange, which tells the client what the origin says, and gives the
// origin the body as far as it takes it.
//
// Threads: the one that drives the shard. Owned by the invocation.
class OnwardRequest final : public net::Asker {
 public:
  // What it needs of the invocation.
  class Owner {
   public:
    virtual ~Owner() = default;
    // The client; nullptr once the exchange is over.
    virtual net::Asker* client() = 0;
    // The exchange is over: client() is no more to be touched.
    virtual void OnOver() = 0;
    // Has Flush() called in the shard's next step.
    virtual void FlushSoon() = 0;
  };

  // `body`: what has arrived of the request's body, `ends`: it is all of it.
  // `expected`: as many more bytes the client may send unasked.
  OnwardRequest(Owner& owner, std::string body, bool ends, uint64_t expected)
      : owner_(owner),
        body_(std::move(body)),
        ends_(ends),
        expected_(expected) {}
  ~OnwardRequest() override;

  // Begins. `credit`: what the client takes of the answer at once.
  void Begin(net::Target& origin, net::RequestHead& head, uint64_t credit);

  // ---- from the client ----
  void OnRequestBody(std::string_view bytes);
  void OnRequestEnd();
  void OnResponseCredit(uint64_t bytes);
  void OnCancel(const Error& why);
  void Flush();

  // ---- from the origin ----
  void Respond(const net::ResponseHead& head, std::string_view body) override;
  void RespondStart(const net::ResponseHead& head) override;
  void RespondBody(std::string_view bytes) override;
  void RespondEnd() override;
  void RespondAbort(const Error& why) override;
  void GrantRequestBody(uint64_t bytes) override;

 private:
  Owner& owner_;
  net::Answerer* origin_ = nullptr;  // nullptr: over
  std::string body_;                 // that waits
  bool ends_;                        // behind it
  bool told_end_ = false;
  uint64_t expected_;
  uint64_t credit_ = 0;  // that the origin has granted and we have not used
};

}  // namespace caravel::host

#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "net/client_pool.h"

namespace caravel::net {

// One exchange of a pool: stands between its asker and the connection that
// serves it, so that the connection can come late and be exchanged for another
// as long as nothing was answered. Owned by the pool until the exchange is
// over.
class ClientPool::Request final : public Answerer, public Asker {
 public:
  // `head` is moved from.
  Request(ClientPool& pool, uint64_t number, Origin origin, RequestHead& head,
          Asker& asker);
  ~Request() override;

  const Origin& origin() const { return origin_; }
  bool may_be_sent_twice() const { return may_be_sent_twice_; }

  // Goes over `connection`; `used_before`: it may turn out to be closed.
  void StartOn(ClientConnection& connection, bool used_before);
  // Tells the asker, and is destroyed.
  void Fail(const Error& why);
  // The same from the next step of the loop.
  void FailSoon(Error why);

  // Answerer, for the asker.
  void OnRequestBody(std::string_view bytes) override;
  void OnRequestEnd() override;
  void OnResponseCredit(uint64_t bytes) override;
  void OnCancel(const Error& why) override;

  // Asker, for the connection.
  void Respond(const ResponseHead& head, std::string_view body) override;
  void RespondStart(const ResponseHead& head) override;
  void RespondBody(std::string_view bytes) override;
  void RespondEnd() override;
  void RespondAbort(const Error& why) override;
  void GrantRequestBody(uint64_t bytes) override;

 private:
  void Leave();  // destroys *this

  ClientPool& pool_;
  const uint64_t number_;
  const Origin origin_;
  RequestHead head_;
  Asker& asker_;
  const bool may_be_sent_twice_;
  bool may_retry_ = false;
  ClientConnection* connection_ = nullptr;
  Answerer* answerer_ = nullptr;  // the connection's, once there is one
  uint64_t early_credit_ = 0;     // granted before
  bool early_end_ = false;        // of the request, before
  std::optional<Error> failure_;
  EventLoop::TimerId failure_timer_;
};

}  // namespace caravel::net

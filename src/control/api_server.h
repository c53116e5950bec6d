#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/log.h"
#include "control/account_turns.h"
#include "control/api_handler.h"
#include "control/thread_pool.h"
#include "net/byte_shares.h"
#include "net/event_loop.h"
#include "net/exchange.h"

namespace caravel::api {

// The API as a target of exchanges: it collects a request's body, has a thread
// of its pool answer it, and gives the answer back on the loop.
//
// A request is admitted (routed, authenticated) before the first byte of its
// body is taken: who has no token cannot fill the memory. All bodies together
// take at most `body_memory`, of which an account may have one wherever there
// is room, and more as long as it leaves as much to others (net/byte_shares.h);
// a request that would exceed that is told to come again, before its body
// begins where that says how large it is. A body that does not arrive in time
// gives its memory back.
//
// An upload takes seconds, in which a host starts its code, or contents of
// assets are coded. So uploads of either kind have threads of their own, on
// which accounts take turns, as they do with all other requests: neither do
// uploads hold up what else is asked, nor one account's requests those of
// another.
//
// Threads: everything on the loop's thread, the destructor too; it waits for
// handlers that run.
class ApiServer final : public net::Target {
 public:
  struct Options {
    size_t admission_threads = 2;
    // Several accounts whose requests all wait for a slow host leave threads to
    // others.
    size_t threads = 12;
    size_t at_once = 2;          // requests of an account that run
    size_t longest_queue = 256;  // that wait; to be admitted, or of an account
    // As many accounts' uploads are read and stored while one is checked.
    size_t upload_threads = 4;
    size_t longest_upload_queue = 64;  // of an account
    size_t asset_threads = 4;
    size_t assets_at_once = 3;  // of an account; wrangler sends as many
    // Bytes: room for the largest bodies of several accounts.
    size_t body_memory = 512 << 20;
    // For the largest body over a slow line.
    std::chrono::seconds body_patience{600};
  };

  // `handler`, `loop` and `log` outlive the server.
  ApiServer(const ApiHandler& handler, net::EventLoop& loop, base::Log& log,
            Options options);
  ~ApiServer() override;
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override;

  // From now on no handler begins but those that wait for a thread: who asks is
  // told that caraveld is stopping.
  void Close() { closed_ = true; }

  // Exchanges that are not over.
  size_t active() const { return calls_.size(); }
  // Handlers run or wait for a thread. Once false after Close(), what they had
  // to say is said.
  bool busy() const { return at_work_ > 0; }

 private:
  class Call;
  using CallId = uint64_t;

  // Runs on the loop, and only while the server and the call exist.
  void OnLoop(CallId id, std::function<void(Call&)> step);
  // Has `post` take a task with the work to a thread; answers 503 when it does
  // not, with `refusal`, or when the server is closed.
  using Post = std::function<bool(std::function<void()> task)>;
  void OnThread(CallId id, const Post& post, std::string_view refusal,
                std::function<void()> work);
  AccountTurns& TurnsOf(Lane lane);
  void Finish(CallId id, const Reply& reply);

  const ApiHandler& handler_;
  net::EventLoop& loop_;
  base::Log& log_;
  const Options options_;
  net::ByteShares body_memory_;
  bool closed_ = false;
  size_t at_work_ = 0;  // tasks of the pools that the loop has not seen end
  CallId last_id_ = 0;
  std::unordered_map<CallId, std::unique_ptr<Call>> calls_;
  std::shared_ptr<ApiServer*> self_;  // gone: tasks on the loop do nothing
  // Last: their threads use all above.
  ThreadPool admissions_;
  AccountTurns requests_;
  AccountTurns uploads_;
  AccountTurns assets_;
};

}  // namespace caravel::api

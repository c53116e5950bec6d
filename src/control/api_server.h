#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/log.h"
#include "control/account_turns.h"
#include "control/api_handler.h"
#include "control/thread_pool.h"
#include "net/event_loop.h"
#include "net/exchange.h"

namespace caravel::api {

// The API as a target of exchanges: it collects a request's body, has a thread
// of its pool answer it, and gives the answer back on the loop.
//
// A request is admitted (routed, authenticated) before the first byte of its
// body is taken: who has no token cannot fill the memory. All bodies together
// take at most `body_memory`; a request that would exceed it is told to come
// again.
//
// An upload takes seconds, in which a host starts its code, or contents of
// assets are coded. So uploads of either kind have threads of their own, on
// which accounts take turns: neither do they hold up what else is asked, nor
// one account's those of another.
//
// Threads: everything on the loop's thread, the destructor too; it waits for
// handlers that run.
class ApiServer final : public net::Target {
 public:
  struct Options {
    size_t threads = 4;
    size_t longest_queue = 256;  // requests that wait for a thread
    // As many accounts' uploads are read and stored while one is checked.
    size_t upload_threads = 4;
    size_t longest_upload_queue = 64;  // of an account
    size_t asset_threads = 4;
    size_t assets_at_once = 3;       // of an account; wrangler sends as many
    size_t body_memory = 256 << 20;  // bytes
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
  // Runs on a thread of the lane; answers 503 when the queue for it is full, or
  // the server closed. `account`: whose turn it takes.
  void OnPool(CallId id, Lane lane, const registry::AccountId& account,
              std::function<void()> work);
  void Finish(CallId id, const Reply& reply);

  const ApiHandler& handler_;
  net::EventLoop& loop_;
  base::Log& log_;
  const Options options_;
  std::atomic<size_t> body_memory_used_ = 0;
  bool closed_ = false;
  size_t at_work_ = 0;  // tasks of the pools that the loop has not seen end
  CallId last_id_ = 0;
  std::unordered_map<CallId, std::unique_ptr<Call>> calls_;
  std::shared_ptr<ApiServer*> self_;  // gone: tasks on the loop do nothing
  // Last: their threads use all above.
  ThreadPool pool_;
  AccountTurns uploads_;
  AccountTurns assets_;
};

}  // namespace caravel::api

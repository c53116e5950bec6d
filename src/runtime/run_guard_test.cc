// One thread runs calls while another ends them: run under the thread
// sanitizer.
#include "runtime/run_guard.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace caravel::runtime {
namespace {

// What a call runs: there only between Begin() and the return of End().
class Call final : public RunGuard::Subject {
 public:
  void Terminate() override { Use(); }
  void Examine() override { Use(); }
  registry::VersionId Version() const override {
    Use();
    return {"v"};
  }

  void Arrive() {
    plain_ = 1;
    is_there_ = true;
  }
  void Leave() {
    is_there_ = false;
    plain_ = 0;
  }

 private:
  void Use() const {
    EXPECT_TRUE(is_there_);
    EXPECT_EQ(plain_, 1);
  }

  std::atomic<bool> is_there_ = false;
  int plain_ = 0;  // the thread sanitizer sees who reads it too late
};

TEST(RunGuard, TellsWhetherACallWasKilledAndReachesNoLaterOne) {
  RunGuard guard;
  Call call;
  call.Arrive();
  guard.Begin(call, 10);
  const RunGuard::Call first = guard.Current();
  EXPECT_NE(first.token, 0U);
  EXPECT_EQ(first.budget_us, 10U);
  EXPECT_TRUE(guard.Kill(first.token));
  EXPECT_EQ(guard.Dying(), first.token);
  EXPECT_EQ(guard.VersionOfDying(first.token), registry::VersionId{"v"});
  EXPECT_TRUE(guard.End());

  guard.Begin(call, 10);
  EXPECT_FALSE(guard.Kill(first.token));
  EXPECT_FALSE(guard.VersionOfDying(first.token));
  EXPECT_FALSE(guard.End());
  EXPECT_EQ(guard.Current().token, 0U);
}

TEST(RunGuard, WaitsAtTheEndForWhoLooksAtTheCall) {
  constexpr int kCalls = 4'000;
  constexpr int kLooks = 1'000;
  std::atomic<RunGuard*> shared = nullptr;
  std::atomic<bool> done = false;
  int killed = 0;
  std::thread runner([&] {
    RunGuard guard;
    shared = &guard;
    Call call;
    for (int i = 0; i < kCalls; ++i) {
      call.Arrive();
      guard.Begin(call, 0);
      while (i % 2 == 0 && guard.Dying() == 0) std::this_thread::yield();
      killed += guard.End() ? 1 : 0;
      call.Leave();
    }
    done = true;
    while (shared != nullptr) std::this_thread::yield();
  });
  while (shared == nullptr) std::this_thread::yield();
  RunGuard& guard = *shared;
  while (!done) {
    const uint64_t token = guard.Current().token;
    if (token == 0) continue;
    guard.Examine(token);
    if (!guard.Kill(token)) continue;
    // Not for ever: it would keep the call from its end.
    for (int i = 0; i < kLooks && guard.VersionOfDying(token); ++i) {
    }
  }
  shared = nullptr;
  runner.join();
  EXPECT_GE(killed, kCalls / 2);
}

}  // namespace
}  // namespace caravel::runtime

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "net/exchange_world.h"

// For tests: the asking side of an exchange with any target, without a
// connection. It holds the answerer to the rules.
namespace caravel::net {

class ScriptedAsker final : public ExchangeCall, private Asker {
 public:
  ScriptedAsker(RequestHead request, Target& target)
      : is_head_request_(request.method == "HEAD") {
    const bool has_body = request.body_size != 0;
    answerer_ = &target.Start(request, *this);
    if (!has_body) answerer_->OnRequestEnd();
  }
  ~ScriptedAsker() override {
    if (answerer_ != nullptr) Cancel();
  }

  size_t SendBody(std::string_view bytes) override {
    if (answerer_ == nullptr) return 0;
    const size_t size = std::min<size_t>(granted_, bytes.size());
    if (size == 0) return 0;
    granted_ -= size;
    answerer_->OnRequestBody(bytes.substr(0, size));
    return size;
  }
  void EndBody() override {
    if (answerer_ != nullptr) answerer_->OnRequestEnd();
  }
  void Take(uint64_t bytes) override {
    if (answerer_ == nullptr) return;
    credit_ += bytes;
    answerer_->OnResponseCredit(bytes);
  }
  void Cancel() override {
    if (answerer_ == nullptr) return;
    std::exchange(answerer_, nullptr)
        ->OnCancel(Error(ErrorCode::kUnavailable, "nobody waits any more"));
  }

 private:
  void Respond(const ResponseHead& response, std::string_view bytes) override {
    ASSERT_FALSE(head.has_value());
    head = response;
    if (head->body_size < 0) {
      head->body_size = static_cast<int64_t>(bytes.size());
    }
    if (!is_head_request_) body = bytes;
    Finish();
  }
  void RespondStart(const ResponseHead& response) override {
    ASSERT_NE(answerer_, nullptr);
    ASSERT_FALSE(head.has_value());
    head = response;
  }
  void RespondBody(std::string_view bytes) override {
    ASSERT_NE(answerer_, nullptr);
    ASSERT_TRUE(head.has_value());
    ASSERT_FALSE(bytes.empty());
    ASSERT_LE(bytes.size(), credit_) << "more than was granted";
    credit_ -= bytes.size();
    body += bytes;
  }
  void RespondEnd() override {
    ASSERT_TRUE(head.has_value());
    Finish();
  }
  void RespondAbort(const Error& why) override {
    ASSERT_NE(answerer_, nullptr);
    answerer_ = nullptr;
    aborted = why.message();
  }
  void GrantRequestBody(uint64_t bytes) override {
    ASSERT_NE(answerer_, nullptr);
    ASSERT_GT(bytes, 0U);
    granted_ += bytes;
  }
  void Finish() {
    ASSERT_NE(answerer_, nullptr);
    answerer_ = nullptr;
    ended = true;
  }

  const bool is_head_request_;
  Answerer* answerer_ = nullptr;
  uint64_t granted_ = 0;
  uint64_t credit_ = 0;
};

}  // namespace caravel::net

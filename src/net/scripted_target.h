#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/exchange.h"

// For tests: a target that keeps what it is told, and whose answers the test
// gives by hand. It holds the asker to the rules of the exchange.
namespace caravel::net {

class ScriptedExchange final : public Answerer {
 public:
  ScriptedExchange(RequestHead request, Asker& asker)
      : head(std::move(request)), asker_(&asker) {}

  // What the asker has said.
  RequestHead head;
  std::string body;
  bool ended = false;
  std::string cancelled;  // why; empty: it was not
  uint64_t credit = 0;    // bytes of the response that may still be sent
  uint64_t granted = 0;   // bytes of the request that may still come

  bool over() const { return asker_ == nullptr; }

  // What the test answers. Nothing may be said once the exchange is over.
  void Grant(uint64_t bytes) {
    granted += bytes;
    asker_->GrantRequestBody(bytes);
  }
  void Respond(const ResponseHead& response, std::string_view bytes = "") {
    std::exchange(asker_, nullptr)->Respond(response, bytes);
  }
  // False: the asker takes none, and nothing was said.
  bool RespondFile(const ResponseHead& response, const FileRange& body) {
    if (!asker_->RespondFile(response, body)) return false;
    asker_ = nullptr;
    return true;
  }
  void Start(const ResponseHead& response) { asker_->RespondStart(response); }
  // As much as the credit allows; how much that was.
  size_t Send(std::string_view bytes) {
    const size_t size = std::min<size_t>(credit, bytes.size());
    if (size == 0) return 0;
    credit -= size;
    asker_->RespondBody(bytes.substr(0, size));
    return size;
  }
  void End() { std::exchange(asker_, nullptr)->RespondEnd(); }
  void Abort(const Error& why) {
    std::exchange(asker_, nullptr)->RespondAbort(why);
  }

 private:
  void OnRequestBody(std::string_view bytes) override {
    ASSERT_FALSE(over());
    ASSERT_FALSE(ended);
    ASSERT_FALSE(bytes.empty());
    ASSERT_LE(bytes.size(), granted) << "more than was granted";
    granted -= bytes.size();
    body += bytes;
  }
  void OnRequestEnd() override {
    ASSERT_FALSE(over());
    ASSERT_FALSE(ended);
    ended = true;
  }
  void OnResponseCredit(uint64_t bytes) override {
    ASSERT_FALSE(over());
    ASSERT_GT(bytes, 0U);
    credit += bytes;
  }
  void OnCancel(const Error& why) override {
    ASSERT_FALSE(over());
    asker_ = nullptr;
    cancelled = why.message();
  }

  Asker* asker_;
};

class ScriptedTarget final : public Target {
 public:
  Answerer& Start(RequestHead& head, Asker& asker) override {
    exchanges.push_back(
        std::make_unique<ScriptedExchange>(std::move(head), asker));
    return *exchanges.back();
  }

  std::vector<std::unique_ptr<ScriptedExchange>> exchanges;
};

// An answer's head with these fields: MakeHead(200, {{"A", "1"}}).
inline ResponseHead MakeHead(uint16_t status,
                             std::vector<Headers::Field> fields = {},
                             int64_t body_size = -1) {
  ResponseHead head;
  head.status = status;
  head.body_size = body_size;
  for (const Headers::Field& field : fields) {
    head.headers.Add(field.name, field.value);
  }
  return head;
}

}  // namespace caravel::net

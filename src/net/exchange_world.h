#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/exchange.h"
#include "net/scripted_target.h"

// For tests: a way from an asker to a target, as net/exchange_suite.h drives
// it.
namespace caravel::net {

// One request, on the asking side.
class ExchangeCall {
 public:
  virtual ~ExchangeCall() = default;

  // Sends what can be sent of the body now; how much that was.
  virtual size_t SendBody(std::string_view bytes) = 0;
  virtual void EndBody() = 0;
  // Lets that many more bytes of the response's body come.
  virtual void Take(uint64_t bytes) = 0;
  virtual void Cancel() = 0;

  // What has come back.
  std::optional<ResponseHead> head;
  std::string body;
  bool ended = false;
  std::string aborted;  // why; where only a cut can be seen, "cut"
};

class ExchangeWorld {
 public:
  virtual ~ExchangeWorld() = default;
  // Begins a request. One without a body is ended by this.
  virtual std::unique_ptr<ExchangeCall> Start(const RequestHead& head) = 0;
  // Lets both sides do what they have to do now.
  virtual void Round() = 0;
  // Bytes of a body that may stand between the sides, beside what was granted.
  virtual size_t MostUnderWay() const = 0;
  // Whether an abort before the head reaches the asker as a page.
  virtual bool AbortsByPage() const = 0;

  ScriptedTarget target;
};

}  // namespace caravel::net

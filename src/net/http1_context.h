#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "net/event_loop.h"
#include "net/exchange.h"
#include "net/http1_options.h"
#include "net/http1_parser.h"
#include "net/http1_response.h"

namespace caravel::net {

class Http1Connection;

// What the connections of one server share: above all the memory that a request
// needs only while it is read, so that an idle connection holds none.
struct Http1Context {
  static constexpr size_t kReceiveBytes = 64 * 1024;
  static constexpr size_t kSpareBuffers = 64;
  static constexpr size_t kLargestSpareBuffer = 512 * 1024;

  Http1Context(EventLoop& event_loop, const base::Clock& clock,
               Target& receiver, Http1Options settings)
      : loop(event_loop),
        target(receiver),
        options(std::move(settings)),
        date(clock),
        last_id(base::RandomNumber()),
        parser(options.limits),
        receive_buffer(std::make_unique<char[]>(kReceiveBytes)) {
    head.scheme = options.scheme;
  }

  // Never 0, and in no order that shows. Not for secrets. Source: splitmix64.
  uint64_t NextId() {
    uint64_t x = last_id += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    x ^= x >> 31;
    return x == 0 ? NextId() : x;
  }

  // Gives an empty string the memory of an earlier one, if there is any.
  void ProvideBuffer(std::string& buffer) {
    if (!buffer.empty() || buffer.capacity() > std::string().capacity() ||
        spare_buffers.empty()) {
      return;
    }
    buffer = std::move(spare_buffers.back());
    spare_buffers.pop_back();
  }
  void ReturnBuffer(std::string& buffer) {
    if (spare_buffers.size() < kSpareBuffers &&
        buffer.capacity() > std::string().capacity() &&
        buffer.capacity() <= kLargestSpareBuffer) {
      buffer.clear();
      spare_buffers.push_back(std::move(buffer));
    }
    buffer = std::string();
  }

  EventLoop& loop;
  Target& target;
  const Http1Options options;
  Http1Counters counters;
  DateLine date;
  uint64_t last_id;
  Http1HeadParser parser;
  RequestHead head;
  const std::unique_ptr<char[]> receive_buffer;
  std::vector<std::string> spare_buffers;
  bool draining = false;

  // Connections with something to do at the end of the round, each once; and
  // those that have closed, whose objects can be used again after it.
  std::vector<Http1Connection*> pending;
  std::vector<Http1Connection*> closed;
};

}  // namespace caravel::net

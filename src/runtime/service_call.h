#pragma once

#include <cstdint>
#include <string>

#include "base/codec.h"

// A call of one Worker by another of its account, over a service binding or
// ctx.exports or its custom domain, or a scheduled event. It stands encoded in
// the head of the exchange (net::RequestHead::service): the caller's isolate
// makes it, its shard adds who it may reach, the callee's isolate reads it.
// docs/rpc.md.
namespace caravel::runtime {

struct ServiceCall {
  // Workers in a chain of calls, the first one counted; as on Workers.
  static constexpr uint32_t kMostDepth = 32;

  std::string account;  // of both; set by the shard
  std::string worker;   // by name; empty: the very version that calls
  std::string version;  // of the caller where `worker` is empty, by the shard
  std::string entrypoint;   // empty: the default export
  std::string props;        // JSON, or V8's bytes (first byte 0xFF); empty: {}
  std::string cf;           // of the request, JSON; empty: none
  bool rpc = false;         // a session of RPC; else a request
  std::string method;       // that the session begins with, for the log
  std::string message;      // its first bytes
  uint32_t depth = 0;       // calls above this one, itself counted
  std::string cron;         // of a scheduled event; empty: it is a call
  double scheduled_ms = 0;  // the time that one was meant for
  // The isolate that calls, by a number that no other has, and its number for
  // the exchange: by these it knows a call of its own.
  uint64_t asker = 0;
  int32_t asked_by = 0;
  // By the host of the callee's custom domain: what fails is the page that a
  // client gets.
  bool as_client = false;
  std::string connect;  // "host:port", to the handler connect(); empty: a call
  // Of the request that all this belongs to (host/invocation_count.h), by the
  // shard; 0: none.
  uint64_t count = 0;
  static constexpr auto Fields() {
    return base::Fields(
        &ServiceCall::account, &ServiceCall::worker, &ServiceCall::version,
        &ServiceCall::entrypoint, &ServiceCall::props, &ServiceCall::cf,
        &ServiceCall::rpc, &ServiceCall::method, &ServiceCall::message,
        &ServiceCall::depth, &ServiceCall::cron, &ServiceCall::scheduled_ms,
        &ServiceCall::asker, &ServiceCall::asked_by, &ServiceCall::as_client,
        &ServiceCall::count, &ServiceCall::connect);
  }
};

}  // namespace caravel::runtime

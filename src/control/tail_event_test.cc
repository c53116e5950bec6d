#include "control/tail_event.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace caravel::api {
namespace {

boost::json::value Told(const registry::LogEvent& event) {
  return boost::json::parse(
      TailEventJson("hello", event, ReadTailedRequest(event)));
}

registry::LogEvent Event() {
  registry::LogEvent event;
  event.version = {"v1"};
  event.request_id = "0123456789abcdef";
  event.outcome = "exception";
  event.method = "GET";
  event.url = "http://hello.localhost/x";
  event.status = 500;
  event.time_ms = 1700000000000.7;
  event.cpu_us = 2500;
  event.wall_us = 7000;
  event.logs.push_back({"warn", R"(["a",{"b":1}])", 1700000000001});
  event.exceptions.push_back({"TypeError", "no", "TypeError: no\n    at x", 2});
  event.request =
      R"({"headers":{"accept":"*/*","authorization":"Bearer x",)"
      R"("x-api-key":"k","cookie":"c"},"cf":{"httpProtocol":"HTTP/1.1"}})";
  return event;
}

TEST(TailEventTest, ARequestIsTold) {
  EXPECT_EQ(Told(Event()),
            boost::json::parse(
                R"({"scriptName":"hello","scriptVersion":{"id":"v1"},
              "outcome":"exception","eventTimestamp":1700000000000,
              "requestId":"0123456789abcdef","cpuTime":2,"wallTime":7,
              "truncated":false,"executionModel":"stateless",
              "logs":[{"level":"warn","message":["a",{"b":1}],
                       "timestamp":1700000000001}],
              "exceptions":[{"name":"TypeError","message":"no",
                             "stack":"TypeError: no\n    at x","timestamp":2}],
              "diagnosticsChannelEvents":[],
              "event":{"request":{"url":"http://hello.localhost/x",
                "method":"GET","headers":{"accept":"*/*",
                "authorization":"REDACTED","x-api-key":"REDACTED",
                "cookie":"REDACTED"},"cf":{"httpProtocol":"HTTP/1.1"}},
                "response":{"status":500}}})"));
}

TEST(TailEventTest, ALineThatIsNoJsonIsToldAsItsText) {
  registry::LogEvent event = Event();
  event.logs = {{"log", "{broken", 1, "as printed"}, {"log", "[1", 1}};
  const boost::json::value told = Told(event);
  EXPECT_EQ(boost::json::serialize(told.at_pointer("/logs/0/message")),
            R"(["as printed"])");
  EXPECT_EQ(boost::json::serialize(told.at_pointer("/logs/1/message")),
            R"(["[1"])");
}

TEST(TailEventTest, WhatIsNoRequestHasNoEvent) {
  registry::LogEvent event;
  event.outcome = "eventsDropped";
  EXPECT_TRUE(Told(event).at("event").is_null());
}

TEST(TailEventTest, ACallIsToldByItsMethod) {
  registry::LogEvent event;
  event.outcome = "ok";
  event.kind = "rpc";
  event.entrypoint = "Sums";
  event.rpc_method = "add";
  const boost::json::value told = Told(event);
  EXPECT_EQ(boost::json::serialize(told.at("event")), R"({"rpcMethod":"add"})");
  EXPECT_EQ(told.at("entrypoint"), "Sums");
}

TEST(TailEventTest, LostEventsAreCounted) {
  const boost::json::value told = boost::json::parse(TailOverloadJson(7));
  EXPECT_EQ(told.at("type"), "overload");
  EXPECT_TRUE(
      told.at("message").as_string().starts_with("7 events were dropped"));
}

}  // namespace
}  // namespace caravel::api

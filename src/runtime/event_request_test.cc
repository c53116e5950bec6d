#include "runtime/event_request.h"

#include <gtest/gtest.h>

namespace caravel::runtime {
namespace {

TEST(SetRequest, TellsWhoAskedForWhat) {
  net::RequestHead head;
  head.method = "PUT";
  registry::LogEvent event;
  SetRequest(event, head, "http://a/b", nullptr);
  EXPECT_EQ(event.method, "PUT");
  EXPECT_EQ(event.url, "http://a/b");
  EXPECT_EQ(event.kind, registry::LogEvent().kind);

  ServiceCall call;
  call.rpc = true;
  call.method = "add";
  call.entrypoint = "Sums";
  SetRequest(event, head, "", &call);
  EXPECT_EQ(event.kind, "rpc");
  EXPECT_EQ(event.rpc_method, "add");
  EXPECT_EQ(event.entrypoint, "Sums");
}

TEST(SetRequest, TellsWhichScheduledEventItIs) {
  ServiceCall call;
  call.cron = "* * * * *";
  call.scheduled_ms = 5;
  registry::LogEvent event;
  SetRequest(event, {}, "", &call);
  EXPECT_EQ(event.kind, "scheduled");
  EXPECT_EQ(event.cron, "* * * * *");
  EXPECT_EQ(event.scheduled_ms, 5);
}

}  // namespace
}  // namespace caravel::runtime

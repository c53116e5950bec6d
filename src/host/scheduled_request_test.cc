#include "host/scheduled_request.h"

#include <gmock/gmock.h>

namespace caravel::host {
namespace {

ScheduledEvent EventOf(std::string_view query) {
  const auto event =
      ScheduledEventOf(fmt::format("/cdn-cgi/handler/scheduled{}", query));
  return event && *event ? **event : ScheduledEvent{.cron = "none"};
}

TEST(ScheduledRequest, NamesCronAndTime) {
  EXPECT_EQ(EventOf(""), ScheduledEvent());
  EXPECT_EQ(EventOf("?cron="), ScheduledEvent());
  EXPECT_EQ(
      EventOf("?cron=0+*%2f2+*+%2A%20MON&time=1745856238000"),
      (ScheduledEvent{.cron = "0 */2 * * MON", .time_ms = 1745856238000}));
  EXPECT_EQ(EventOf("?time=1.5&x&=&cron=%zz%2"),
            (ScheduledEvent{.cron = "%zz%2", .time_ms = 1}));
}

TEST(ScheduledRequest, IsOfThatPathAlone) {
  for (const char* target :
       {"/", "/cdn-cgi/handler", "/cdn-cgi/handler/scheduled/",
        "/cdn-cgi/handler/scheduledx?cron=a", "*", ""}) {
    EXPECT_FALSE(ScheduledEventOf(target)) << target;
  }
}

TEST(ScheduledRequest, RefusesATimeThatIsNone) {
  for (const char* time : {"soon", "1e300", "nan", "1x"}) {
    const auto event = ScheduledEventOf(
        fmt::format("/cdn-cgi/handler/scheduled?time={}", time));
    ASSERT_TRUE(event && !*event) << time;
    EXPECT_EQ(event->error().ToText(),
              fmt::format("time \"{}\": is no time\ngive milliseconds since "
                          "1970, as Date.now() does",
                          time));
  }
}

}  // namespace
}  // namespace caravel::host

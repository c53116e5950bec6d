#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace caravel::registry {

// A cron expression of Workers: minute, hour, day of the month, month and day
// of the week, 1 for Sunday, all in UTC. Where both days are restricted, one
// of them has to fit.
// Source: Workers documentation, "Cron Triggers", "Supported cron expressions".
class Cron {
 public:
  // kInvalid, naming the field, what is wrong with it, and what it takes:
  // `cron "61 * * * *": minute "61" is none of 0-59`.
  static Result<Cron> Parse(std::string_view text);

  // The first minute behind `time` that fits; nothing where none does within
  // nine years, as for a 30th of February.
  std::optional<base::WallTime> Next(base::WallTime time) const;

 private:
  using Day = std::chrono::year_month_day;

  bool FitsDay(const Day& day) const;
  bool FitsDayOfMonth(const Day& day) const;
  bool FitsWeekday(const Day& day) const;

  friend class CronParser;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<13> months_;  // from 1 on

  bool any_day_ = false;
  std::bitset<32> days_;              // from 1 on
  std::bitset<31> days_before_last_;  // "L" is 0, "L-3" is 3
  std::bitset<32> weekdays_near_;     // "15W"
  bool last_weekday_ = false;         // "LW": the last that is Monday to Friday

  bool any_weekday_ = false;
  std::bitset<8> weekdays_;  // 1 is Sunday
  std::bitset<8> last_;      // "6L": the last Friday
  // "6#2", the second Friday: by the day, of which week.
  std::bitset<8> nth_[6];
};

}  // namespace caravel::registry

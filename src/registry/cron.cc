#include "registry/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "base/lower_case.h"

namespace caravel::registry {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month_day_last;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year_month_day;
using std::chrono::year_month_day_last;

constexpr int kYearsAhead = 9;  // two leap days can be eight years apart

struct FieldKind {
  std::string_view name;
  unsigned first;
  unsigned last;
  std::string_view names;  // three letters each, of `first` on
  std::string_view takes;
};
constexpr FieldKind kMinute = {"minute", 0, 59, "", "0-59"};
constexpr FieldKind kHour = {"hour", 0, 23, "", "0-23"};
constexpr FieldKind kDay = {"day of the month", 1, 31, "", "1-31, L, W"};
constexpr FieldKind kMonth = {
    "month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec", "1-12, JAN-DEC"};
constexpr FieldKind kWeekday = {"day of the week", 1, 7,
                                "sunmontuewedthufrisat",
                                "1-7 (1 is Sunday), SUN-SAT, L, #"};

std::vector<std::string_view> Split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

year_month_day LastDay(const year_month_day& date) {
  return year_month_day(
      year_month_day_last(date.year(), month_day_last(date.month())));
}

unsigned WeekdayOf(const year_month_day& date) {
  return weekday(sys_days(date)).c_encoding() + 1;  // 1 is Sunday
}

bool IsWorkday(const year_month_day& date) {
  const unsigned of_week = WeekdayOf(date);
  return of_week != 1 && of_week != 7;
}

// The Monday to Friday next to `date` in its month.
year_month_day WorkdayNear(const year_month_day& date) {
  if (IsWorkday(date)) return date;
  const sys_days at(date);
  const bool is_sunday = WeekdayOf(date) == 1;
  for (const int step : is_sunday ? std::array{1, -2} : std::array{-1, 2}) {
    const year_month_day near(at + days(step));
    if (near.month() == date.month()) return near;
  }
  return date;
}

}  // namespace

class CronParser {
 public:
  explicit CronParser(std::string_view text) : text_(text) {}

  Result<Cron> Parse() {
    std::vector<std::string_view> fields;
    for (const std::string_view field : Split(text_, ' ')) {
      if (!field.empty()) fields.push_back(field);
    }
    if (fields.size() != 5) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("cron \"{}\": it has {} fields, and takes 5",
                               text_, fields.size()))
          .Remedy(
              "write minute, hour, day of the month, month and day of the "
              "week: \"*/5 * * * *\" is each five minutes");
    }
    CARAVEL_TRY(ReadSet(kMinute, fields[0], cron_.minutes_));
    CARAVEL_TRY(ReadSet(kHour, fields[1], cron_.hours_));
    CARAVEL_TRY(ReadDays(fields[2]));
    CARAVEL_TRY(ReadSet(kMonth, fields[3], cron_.months_));
    CARAVEL_TRY(ReadWeekdays(fields[4]));
    return cron_;
  }

 private:
  Error Wrong(const FieldKind& kind, std::string_view item) const {
    return Error(ErrorCode::kInvalid,
                 fmt::format("cron \"{}\": {} \"{}\" is none of {}", text_,
                             kind.name, item, kind.takes))
        .Remedy(
            "lists (1,2), ranges (1-5) and steps (*/10) of these are "
            "taken too");
  }

  // A number or a name of the field.
  std::optional<unsigned> ReadValue(const FieldKind& kind,
                                    std::string_view text) const {
    if (kind.names.size() >= 3 && text.size() == 3) {
      const size_t at = kind.names.find(base::LowerCase(text));
      if (at != std::string_view::npos && at % 3 == 0) {
        return kind.first + static_cast<unsigned>(at / 3);
      }
    }
    const std::optional<unsigned> number = ReadNumber(text);
    if (!number || *number < kind.first || *number > kind.last) return {};
    return number;
  }

  static std::optional<unsigned> ReadNumber(std::string_view text) {
    unsigned number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return {};
    return number;
  }

  // "*", "3", "1-5", "*/10", "5/10", "1-30/2".
  template <size_t kSize>
  Status ReadItem(const FieldKind& kind, std::string_view item,
                  std::bitset<kSize>& set) const {
    const size_t slash = item.find('/');
    const std::string_view range = item.substr(0, slash);
    unsigned step = 1;
    if (slash != std::string_view::npos) {
      const auto read = ReadNumber(item.substr(slash + 1));
      if (!read || *read == 0) return Wrong(kind, item);
      step = std::min(*read, kind.last + 1);
    }
    unsigned first = kind.first;
    unsigned last = kind.last;
    if (range != "*") {
      const size_t dash = range.find('-');
      const auto from = ReadValue(kind, range.substr(0, dash));
      const auto to =
          dash == std::string_view::npos
              ? (slash == std::string_view::npos ? from
                                                 : std::optional(kind.last))
              : ReadValue(kind, range.substr(dash + 1));
      if (!from || !to || *from > *to) return Wrong(kind, item);
      first = *from;
      last = *to;
    }
    for (unsigned value = first; value <= last; value += step) set.set(value);
    return {};
  }

  template <size_t kSize>
  Status ReadSet(const FieldKind& kind, std::string_view field,
                 std::bitset<kSize>& set) const {
    for (const std::string_view item : Split(field, ',')) {
      CARAVEL_TRY(ReadItem(kind, item, set));
    }
    return {};
  }

  Status ReadDays(std::string_view field) {
    cron_.any_day_ = field == "*";
    for (const std::string_view item : Split(field, ',')) {
      const std::string lower = base::LowerCase(item);
      const std::string_view text = lower;
      if (text == "lw") {
        cron_.last_weekday_ = true;
      } else if (text == "l") {
        cron_.days_before_last_.set(0);
      } else if (text.starts_with("l-")) {
        const auto before = ReadNumber(text.substr(2));
        if (!before || *before > 30) return Wrong(kDay, item);
        cron_.days_before_last_.set(*before);
      } else if (text.ends_with('w')) {
        const auto near = ReadValue(kDay, text.substr(0, text.size() - 1));
        if (!near) return Wrong(kDay, item);
        cron_.weekdays_near_.set(*near);
      } else {
        CARAVEL_TRY(ReadItem(kDay, item, cron_.days_));
      }
    }
    return {};
  }

  Status ReadWeekdays(std::string_view field) {
    cron_.any_weekday_ = field == "*";
    for (const std::string_view item : Split(field, ',')) {
      const size_t hash = item.find('#');
      if (hash != std::string_view::npos) {
        const auto value = ReadValue(kWeekday, item.substr(0, hash));
        const auto nth = ReadNumber(item.substr(hash + 1));
        if (!value || !nth || *nth < 1 || *nth > 5) {
          return Wrong(kWeekday, item);
        }
        cron_.nth_[*nth].set(*value);
      } else if (item.size() > 1 && base::LowerCase(item).ends_with('l')) {
        const auto value = ReadValue(kWeekday, item.substr(0, item.size() - 1));
        if (!value) return Wrong(kWeekday, item);
        cron_.last_.set(*value);
      } else if (base::LowerCase(item) == "l") {
        cron_.weekdays_.set(7);  // the last of the week
      } else {
        CARAVEL_TRY(ReadItem(kWeekday, item, cron_.weekdays_));
      }
    }
    return {};
  }

  const std::string_view text_;
  Cron cron_;
};

Result<Cron> Cron::Parse(std::string_view text) {
  return CronParser(text).Parse();
}

bool Cron::FitsDayOfMonth(const Day& date) const {
  const auto number = static_cast<unsigned>(date.day());
  if (days_.test(number)) return true;
  const Day last = LastDay(date);
  if (days_before_last_.test(static_cast<unsigned>(last.day()) - number)) {
    return true;
  }
  if (last_weekday_ && date == WorkdayNear(last)) return true;
  if (weekdays_near_.none()) return false;
  for (unsigned near = 1; near <= static_cast<unsigned>(last.day()); ++near) {
    if (weekdays_near_.test(near) &&
        WorkdayNear(Day(date.year(), date.month(), day(near))) == date) {
      return true;
    }
  }
  return false;
}

bool Cron::FitsWeekday(const Day& date) const {
  const unsigned of_week = WeekdayOf(date);
  if (weekdays_.test(of_week)) return true;
  const auto number = static_cast<unsigned>(date.day());
  if (nth_[(number + 6) / 7].test(of_week)) return true;
  return last_.test(of_week) &&
         number + 7 > static_cast<unsigned>(LastDay(date).day());
}

bool Cron::FitsDay(const Day& date) const {
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  if (any_day_ && any_weekday_) return true;
  if (any_day_) return FitsWeekday(date);
  if (any_weekday_) return FitsDayOfMonth(date);
  return FitsDayOfMonth(date) || FitsWeekday(date);
}

std::optional<base::WallTime> Cron::Next(base::WallTime time) const {
  const auto after =
      std::chrono::floor<std::chrono::minutes>(time) + std::chrono::minutes(1);
  const sys_days today = std::chrono::floor<days>(after);
  const sys_days end = today + days(366 * kYearsAhead);
  for (sys_days date = today; date < end; date += days(1)) {
    if (!FitsDay(Day(date))) continue;
    const auto from =
        date == today
            ? std::chrono::duration_cast<std::chrono::minutes>(after - date)
            : std::chrono::minutes(0);
    for (auto minute = from; minute < days(1);
         minute += std::chrono::minutes(1)) {
      const auto of_day = static_cast<size_t>(minute.count());
      if (hours_.test(of_day / 60) && minutes_.test(of_day % 60)) {
        return base::WallTime(date + minute);
      }
    }
  }
  return std::nullopt;
}

}  // namespace caravel::registry

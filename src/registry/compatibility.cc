#include "registry/compatibility.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/nearest_name.h"

// A flag is on when it is asked for, or when it is not refused and either its
// date has come or another flag that is on implies it. Implications chain, so
// the table is walked until nothing changes. Dates are compared as text: in the
// form YYYY-MM-DD that order is the order of days. Test: compatibility_test.cc.
namespace caravel::registry {
namespace {

bool IsDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [text](size_t from, size_t digits) {
    int value = 0;
    const auto* end = text.data() + from + digits;
    const auto [stop, error] = std::from_chars(text.data() + from, end, value);
    return error == std::errc() && stop == end && value >= 0 ? value : -1;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  return year >= 0 && month >= 0 && day >= 0 &&
         std::chrono::year_month_day(
             std::chrono::year(year),
             std::chrono::month(static_cast<unsigned>(month)),
             std::chrono::day(static_cast<unsigned>(day)))
             .ok();
}

Status CheckDate(std::string_view date, base::WallTime now) {
  if (!IsDate(date)) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("compatibility date \"{}\": not a date", date))
        .Remedy("write it as YYYY-MM-DD, for example 2026-01-31");
  }
  const std::string today = base::FormatTime(now).substr(0, 10);
  if (date > today) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("compatibility date \"{}\": lies in the future, "
                             "today is {} (UTC)",
                             date, today))
        .Remedy(fmt::format("use {} or an earlier date", today));
  }
  return {};
}

std::vector<std::string_view> AllNames() {
  std::vector<std::string_view> names;
  for (const CompatibilityFlag& flag : CompatibilityFlags()) {
    names.push_back(flag.enable);
    if (!flag.disable.empty()) names.push_back(flag.disable);
  }
  return names;
}

// One for each flag, in the order of the table: this is done at each cold
// start.
using Marks = std::vector<bool>;

// What a person asked for by name.
struct Wishes {
  Marks on = Marks(CompatibilityFlags().size());
  Marks off = Marks(CompatibilityFlags().size());
};

Status AddWish(std::string_view name, Wishes& wishes) {
  const auto flags = CompatibilityFlags();
  const auto flag = std::ranges::find_if(flags, [name](const auto& candidate) {
    return candidate.enable == name || candidate.disable == name;
  });
  if (name.starts_with("python_")) {
    return Error(
               ErrorCode::kInvalid,
               fmt::format("compatibility flag \"{}\": Python Workers are not "
                           "built in Caravel yet",
                           name))
        .Remedy("write the Worker in JavaScript or TypeScript");
  }
  if (name.empty() || flag == flags.end()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("compatibility flag \"{}\": no such flag{}", name,
                             base::DidYouMean(name, AllNames())))
        .Remedy("correct it in compatibility_flags, or remove it there");
  }
  if (flag->experimental) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("compatibility flag \"{}\": is experimental and "
                             "cannot be used in a deployed Worker",
                             name))
        .Remedy("remove it from compatibility_flags");
  }
  auto [mine, opposite] = name == flag->enable
                              ? std::tie(wishes.on, wishes.off)
                              : std::tie(wishes.off, wishes.on);
  const auto place = static_cast<size_t>(flag - flags.begin());
  if (opposite[place]) {
    return Error(
               ErrorCode::kInvalid,
               fmt::format("compatibility flags \"{}\" and \"{}\": contradict "
                           "each other",
                           flag->enable, flag->disable))
        .Remedy("remove one of them from compatibility_flags");
  }
  if (mine[place]) {
    return Error(
               ErrorCode::kInvalid,
               fmt::format("compatibility flag \"{}\": is written twice", name))
        .Remedy("remove one from compatibility_flags");
  }
  mine[place] = true;
  return {};
}

// By its enabling name. Requires: there is such a flag.
bool IsMarked(const Marks& marks, std::string_view enable) {
  const auto flags = CompatibilityFlags();
  const auto flag =
      std::ranges::lower_bound(flags, enable, {}, &CompatibilityFlag::enable);
  return marks[static_cast<size_t>(flag - flags.begin())];
}

Marks Resolve(std::string_view date, Wishes wishes) {
  const auto flags = CompatibilityFlags();
  Marks on = std::move(wishes.on);
  const auto come = [date](std::string_view from) {
    return !from.empty() && date >= from;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < flags.size(); ++i) {
      const CompatibilityFlag& flag = flags[i];
      if (on[i] || wishes.off[i]) continue;
      if (come(flag.on_from) ||
          (come(flag.implied_from) && IsMarked(on, flag.implied_by))) {
        on[i] = true;
        changed = true;
      }
    }
  }
  return on;
}

}  // namespace

Result<Compatibility> Compatibility::Parse(std::string_view date,
                                           std::span<const std::string> flags,
                                           base::WallTime now) {
  if (date.empty()) date = kOldestCompatibilityDate;
  CARAVEL_TRY(CheckDate(date, now));
  Wishes wishes;
  for (const std::string& flag : flags) CARAVEL_TRY(AddWish(flag, wishes));
  const Marks on = Resolve(date, std::move(wishes));
  Compatibility result;
  result.date_ = std::string(date);
  for (size_t i = 0; i < on.size(); ++i) {
    if (on[i]) result.on_.push_back(CompatibilityFlags()[i].enable);
  }
  return result;
}

Compatibility Compatibility::OfPublished(std::string_view date,
                                         std::span<const std::string> flags) {
  Result<Compatibility> parsed = Parse(date, flags, base::WallTime::max());
  return parsed ? *std::move(parsed) : Compatibility();
}

bool Compatibility::HasNode() const {
  return IsOn("nodejs_compat") || IsOn("nodejs_compat_v2");
}

bool Compatibility::IsOn(std::string_view enable) const {
  return std::ranges::binary_search(on_, enable);
}

}  // namespace caravel::registry

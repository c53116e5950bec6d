#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/lifetime.h"
#include "base/result.h"

// Compatibility dates and flags of Workers: a Worker states the day whose
// behaviour it was written for, and may switch single changes on or off by
// name. The table is in compatibility_flags.cc, one line a flag; names and
// dates are those of the Workers documentation ("Compatibility flags").
namespace caravel::registry {

struct CompatibilityFlag {
  std::string_view enable;
  std::string_view disable = {};  // empty: it cannot be switched off
  std::string_view on_from = {};  // on by default from this date; empty: never

  // From the date `implied_from` it is on where `implied_by` is on.
  std::string_view implied_by = {};
  std::string_view implied_from = {};

  // Workers refuse it in deployed code, and so do we.
  bool experimental = false;
};

// All that are known, by their enabling name in alphabetical order.
std::span<const CompatibilityFlag> CompatibilityFlags();

// What a Worker gets that states no date, as on Workers.
inline constexpr std::string_view kOldestCompatibilityDate = "2021-11-02";

// The behaviour that one date with its flags stands for. A value.
class Compatibility {
 public:
  // Checks what a person wrote. kInvalid, naming the remedy: `date` is none or
  // lies after `now` (UTC), a flag is unknown, is experimental, is written
  // twice or against its opposite. An empty date is the oldest.
  static Result<Compatibility> Parse(std::string_view date,
                                     std::span<const std::string> flags,
                                     base::WallTime now);
  // Of what was published, and checked then: a date that lies ahead of this
  // clock is no reason to refuse it now. Nothing is on where that is no more.
  static Compatibility OfPublished(std::string_view date,
                                   std::span<const std::string> flags);

  const std::string& date() const CARAVEL_LIFETIME_BOUND { return date_; }

  // Whether the change of this enabling name is on. False for unknown names.
  bool IsOn(std::string_view enable) const;
  // Whether a Worker has the modules of Node and its globals.
  bool HasNode() const;

  // The enabling names of all that is on, in alphabetical order.
  const std::vector<std::string_view>& on() const CARAVEL_LIFETIME_BOUND {
    return on_;
  }

 private:
  std::string date_;
  std::vector<std::string_view> on_;  // views of the table
};

}  // namespace caravel::registry

#include "base/parse_time.h"

#include <algorithm>
#include <charconv>

namespace caravel::base {
namespace {

// Takes what `text` begins with, from left to right; once something is not
// there, it has failed for good.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}

  bool done() const { return well_ && text_.empty(); }
  bool failed() const { return !well_; }

  // `digits` digits of a number within the bounds.
  int Number(size_t digits, int least, int most) {
    int number = 0;
    const char* end = text_.data() + std::min(digits, text_.size());
    if (text_.size() < digits || text_.front() == '-' ||
        std::from_chars(text_.data(), end, number).ptr != end ||
        number < least || number > most) {
      well_ = false;
      return least;
    }
    text_.remove_prefix(digits);
    return number;
  }

  // Whether one of `chars` stands next, in either case; takes it.
  bool Take(std::string_view chars) {
    if (text_.empty() || chars.find(text_.front()) == std::string_view::npos) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }
  void Expect(std::string_view chars) { well_ = Take(chars) && well_; }

  std::chrono::nanoseconds Fraction() {
    std::chrono::nanoseconds fraction{};
    std::chrono::nanoseconds unit = std::chrono::milliseconds(100);
    size_t digits = 0;
    for (; !text_.empty() && text_.front() >= '0' && text_.front() <= '9';
         ++digits) {
      fraction += unit * (text_.front() - '0');
      unit /= 10;
      text_.remove_prefix(1);
    }
    if (digits == 0) well_ = false;
    return fraction;
  }

 private:
  std::string_view text_;
  bool well_ = true;
};

std::chrono::minutes ReadOffset(TimeReader& reader) {
  if (reader.Take("Zz")) return {};
  const int sign = reader.Take("-") ? -1 : 1;
  if (sign == 1) reader.Expect("+");
  const std::chrono::hours hours(reader.Number(2, 0, 23));
  reader.Expect(":");
  return sign * (hours + std::chrono::minutes(reader.Number(2, 0, 59)));
}

}  // namespace

std::optional<WallTime> ParseTime(std::string_view text) {
  TimeReader reader(text);
  const std::chrono::year year(reader.Number(4, 1970, 2199));
  reader.Expect("-");
  const std::chrono::month month(
      static_cast<unsigned>(reader.Number(2, 1, 12)));
  reader.Expect("-");
  const std::chrono::day day(static_cast<unsigned>(reader.Number(2, 1, 31)));
  const std::chrono::year_month_day date(year, month, day);
  if (reader.failed() || !date.ok()) return std::nullopt;
  WallTime time{std::chrono::sys_days(date)};
  if (reader.done()) return time;
  reader.Expect("Tt ");
  time += std::chrono::hours(reader.Number(2, 0, 23));
  reader.Expect(":");
  time += std::chrono::minutes(reader.Number(2, 0, 59));
  reader.Expect(":");
  time += std::chrono::seconds(reader.Number(2, 0, 59));
  if (reader.Take(".")) {
    time += std::chrono::duration_cast<WallTime::duration>(reader.Fraction());
  }
  time -= ReadOffset(reader);
  if (!reader.done()) return std::nullopt;
  return time;
}

}  // namespace caravel::base

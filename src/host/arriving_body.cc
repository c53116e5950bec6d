#include "host/arriving_body.h"

#include <algorithm>

namespace caravel::host {

bool ArrivingBody::Hold(size_t bytes) {
  // Both are there while one is copied into the other.
  if (!bytes_.Add(bytes)) return false;
  std::string held;
  held.reserve(bytes);
  held.append(body_);
  const size_t before = held_;
  body_.swap(held);
  bytes_.Remove(before);
  held_ = bytes;
  return true;
}

bool ArrivingBody::Append(std::string_view bytes, uint64_t most) {
  // Twice as much as before each time.
  const uint64_t needed = body_.size() + bytes.size();
  if (needed > body_.capacity() &&
      !Hold(std::max(needed, std::min(most, 2 * needed)))) {
    return false;
  }
  body_ += bytes;
  return true;
}

std::string ArrivingBody::Take() {
  if (body_.capacity() > body_.size() + body_.size() / 4) {
    (void)Hold(body_.size());
  }
  std::string taken = std::exchange(body_, {});
  Clear();
  return taken;
}

void ArrivingBody::Clear() {
  std::string().swap(body_);
  held_ = 0;
  bytes_.Clear();
}

}  // namespace caravel::host

#include "host/kv_holds.h"

namespace caravel::host {

KvHolds::Hold KvHolds::TryHold(const std::string& account,
                               const Counter& isolate, size_t bytes) {
  Hold hold;
  if (isolate->fetch_add(bytes) + bytes <= limits_.isolate) {
    hold = accounts_.TryHold(account, bytes);
  }
  if (hold == nullptr) {
    isolate->fetch_sub(bytes);
    return nullptr;
  }
  return {isolate.get(),
          [hold, isolate, bytes](const void*) { isolate->fetch_sub(bytes); }};
}

}  // namespace caravel::host

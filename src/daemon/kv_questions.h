#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "registry/kv_messages.h"
#include "storage/kv_store.h"

// What hosts ask of KV, as far as a KvStore can tell, and in what words it
// fails.
namespace caravel::daemon {

registry::KvAnswer FailedKv(uint16_t status, std::string why);
// What a Worker may know of it: no path of the machine.
registry::KvAnswer FailedKvBy(const Error& error);
registry::KvAnswer TooManyKv();

// What isolates have checked already, and a host that is not ours has not.
Status CheckKvQuestion(const registry::KvQuestion& asks);

// Whether so many bytes may be held, which are then.
using MayHold = std::function<bool(size_t bytes)>;

// The answer to a question that reads. `may_hold` is asked once, with what the
// answer takes and before large values are read. Blocks.
Result<registry::KvAnswer> ReadKv(storage::KvStore& store,
                                  const std::string& space,
                                  const registry::KvQuestion& asks,
                                  const MayHold& may_hold);

}  // namespace caravel::daemon

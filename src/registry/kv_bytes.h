#pragma once

#include <cstddef>

#include "registry/kv_messages.h"

namespace caravel::registry {

// What a question takes of memory, all told: what it is charged.
inline size_t BytesOf(const KvQuestion& question) {
  size_t bytes = sizeof question + question.value.size();
  for (const std::string& key : question.keys) bytes += sizeof key + key.size();
  if (question.metadata) bytes += question.metadata->size();
  if (question.after) bytes += question.after->size();
  return bytes;
}

// The same of an answer.
inline size_t BytesOf(const KvAnswer& answer) {
  size_t bytes = sizeof answer + answer.error.size();
  for (const KvItem& item : answer.items) {
    bytes += sizeof item + item.key.size() + item.value.size();
    if (item.metadata) bytes += item.metadata->size();
  }
  return bytes;
}

}  // namespace caravel::registry

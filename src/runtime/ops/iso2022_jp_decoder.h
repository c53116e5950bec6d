#pragma once

#include <memory>

#include "runtime/ops/byte_decoder.h"

namespace caravel::runtime {

// Encoding Standard, section 12.2: the one encoding whose bytes mean what an
// escape sequence before them chose.
std::unique_ptr<ByteDecoder> NewIso2022JpDecoder();

}  // namespace caravel::runtime

#pragma once

#include <string>

namespace caravel::runtime {

// (module
//   (memory 1)
//   (func (export "grow") (param i32) (result i32)
//     local.get 0
//     memory.grow))
inline const std::string kWasmGrower(
    "\0asm\1\0\0\0"
    "\1\6\1\x60\1\x7F\1\x7F"
    "\3\2\1\0"
    "\5\3\1\0\1"
    "\7\10\1\4grow\0\0"
    "\12\10\1\6\0\40\0\100\0\13",
    8 + 8 + 4 + 5 + 10 + 10);

}  // namespace caravel::runtime

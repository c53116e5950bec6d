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

// Grows its memory as it starts, and fails; what it was given keeps it.
// (module
//   (import "a" "t" (table 1 funcref))
//   (memory 1)
//   (start 0)
//   (elem (i32.const 0) 0)
//   (func
//     (drop (memory.grow (i32.const 767)))
//     unreachable))
inline const std::string kWasmStarter(
    "\0asm\1\0\0\0"
    "\1\4\1\x60\0\0"
    "\2\11\1\1a\1t\1\x70\0\1"
    "\3\2\1\0"
    "\5\3\1\0\1"
    "\10\1\0"
    "\11\7\1\0\x41\0\13\1\0"
    "\12\13\1\11\0\x41\xFF\5\x40\0\x1A\0\13",
    8 + 6 + 11 + 4 + 5 + 3 + 9 + 13);

}  // namespace caravel::runtime

#!/bin/sh
# Compiles the C part for WebAssembly, without a C library. CC may name another
# clang; it needs wasm-ld of the same version.
set -eu
cd "$(dirname "$0")"
mkdir -p build
"${CC:-clang-19}" --target=wasm32 -O3 -ffreestanding -nostdlib -Wall -Wextra -Werror \
  -Wl,--no-entry -Wl,--export=unfilter -Wl,--export=shrink -Wl,--export=crc32 \
  -Wl,--export=__heap_base -Wl,--strip-all -o build/pixels.wasm src/pixels.c

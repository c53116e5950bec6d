#!/bin/sh
# Compiles the C part for WebAssembly, without a C library. CC may name another
# clang; it needs wasm-ld of the same version.
set -eu
cd "$(dirname "$0")"
mkdir -p build
"${CC:-clang-19}" --target=wasm32 -O2 -ffreestanding -nostdlib -Wall -Wextra -Werror \
  -Wl,--no-entry -Wl,--export=render -Wl,--export=picture -Wl,--strip-all \
  -o build/mandelbrot.wasm src/mandelbrot.c

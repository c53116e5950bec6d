#pragma once

#include <cstddef>

// The part of zstd that we call. zstd is in the Node binary that loads us and
// its symbols are exported there, but no header of it comes with the binary.
// These are C functions of its interface of version 1; those with
// ZSTD_customMem are of its part for static linking, which the one binary that
// we run on makes safe.
//
// Threads: one at a time for each context.
extern "C" {

struct ZSTD_CCtx;
struct ZSTD_DCtx;

// Both functions or neither; they give nullptr when there is no memory.
struct ZSTD_customMem {
  void* (*allocate)(void* opaque, size_t size);
  void (*free)(void* opaque, void* address);
  void* opaque;
};
ZSTD_CCtx* ZSTD_createCCtx_advanced(ZSTD_customMem memory);
size_t ZSTD_freeCCtx(ZSTD_CCtx* context);
ZSTD_DCtx* ZSTD_createDCtx_advanced(ZSTD_customMem memory);
size_t ZSTD_freeDCtx(ZSTD_DCtx* context);

// `position` is moved along by what was read or written.
struct ZSTD_inBuffer {
  const void* source;
  size_t size;
  size_t position;
};
struct ZSTD_outBuffer {
  void* target;
  size_t size;
  size_t position;
};

enum ZSTD_EndDirective : int {
  ZSTD_e_continue = 0,
  ZSTD_e_flush = 1,
  ZSTD_e_end = 2,
};

// Gives how much is left to be flushed, 0: none is; or an error.
size_t ZSTD_compressStream2(ZSTD_CCtx* context, ZSTD_outBuffer* output,
                            ZSTD_inBuffer* input, ZSTD_EndDirective operation);
// Gives 0 when a frame has ended and is written whole; or an error.
size_t ZSTD_decompressStream(ZSTD_DCtx* context, ZSTD_outBuffer* output,
                             ZSTD_inBuffer* input);

// Parameters by number. Those of threads are from the first to the last here.
constexpr size_t kZstdFirstThreadParameter = 400;
constexpr size_t kZstdLastThreadParameter = 402;
size_t ZSTD_CCtx_setParameter(ZSTD_CCtx* context, int parameter, int value);
size_t ZSTD_DCtx_setParameter(ZSTD_DCtx* context, int parameter, int value);
size_t ZSTD_CCtx_setPledgedSrcSize(ZSTD_CCtx* context, unsigned long long size);
// They copy the dictionary.
size_t ZSTD_CCtx_loadDictionary(ZSTD_CCtx* context, const void* dictionary,
                                size_t size);
size_t ZSTD_DCtx_loadDictionary(ZSTD_DCtx* context, const void* dictionary,
                                size_t size);

// What was set stays.
enum ZSTD_ResetDirective : int { ZSTD_reset_session_only = 1 };
size_t ZSTD_CCtx_reset(ZSTD_CCtx* context, ZSTD_ResetDirective directive);
size_t ZSTD_DCtx_reset(ZSTD_DCtx* context, ZSTD_ResetDirective directive);

// What the functions that give a size say of a failure.
unsigned ZSTD_isError(size_t result);
constexpr int kZstdErrorMemory = 64;
int ZSTD_getErrorCode(size_t result);
const char* ZSTD_getErrorString(int code);

}  // extern "C"

#pragma once

#include <cstddef>
#include <cstdint>

// The part of brotli that we call. brotli is in the Node binary that
// loads us and its symbols are exported there, but no header of it comes with
// the binary. These are C functions of brotli's stable interface, version 1.
//
// Threads: one at a time for each state.
extern "C" {

struct BrotliDecoderState;

using BrotliAllocate = void* (*)(void* opaque, size_t size);
using BrotliFree = void (*)(void* opaque, void* address);

// Both functions or neither; nullptr when there is no memory.
BrotliDecoderState* BrotliDecoderCreateInstance(BrotliAllocate allocate,
                                                BrotliFree free, void* opaque);
void BrotliDecoderDestroyInstance(BrotliDecoderState* state);

// Not 0 for yes.
int BrotliDecoderSetParameter(BrotliDecoderState* state, int parameter,
                              uint32_t value);
// `data` is not copied.
enum BrotliSharedDictionaryType : int { BROTLI_SHARED_DICTIONARY_RAW = 0 };
int BrotliDecoderAttachDictionary(BrotliDecoderState* state,
                                  BrotliSharedDictionaryType type, size_t size,
                                  const uint8_t* data);

enum BrotliDecoderResult : int {
  BROTLI_DECODER_RESULT_ERROR = 0,
  BROTLI_DECODER_RESULT_SUCCESS = 1,  // the stream has ended
  BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT = 2,
  BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT = 3,
};

// Moves the four along by what was read and written.
BrotliDecoderResult BrotliDecoderDecompressStream(
    BrotliDecoderState* state, size_t* available_in, const uint8_t** next_in,
    size_t* available_out, uint8_t** next_out, size_t* total_out);

// Of the last call; BROTLI_DECODER_ERROR_ALLOC_* lie from -30 to -21.
int BrotliDecoderGetErrorCode(const BrotliDecoderState* state);
const char* BrotliDecoderErrorString(int code);

struct BrotliEncoderState;

// As for the decoder, but that the encoder ends the process when an allocation
// fails (brotli's BROTLI_ENCODER_EXIT_ON_OOM, which is on by default).
BrotliEncoderState* BrotliEncoderCreateInstance(BrotliAllocate allocate,
                                                BrotliFree free, void* opaque);
void BrotliEncoderDestroyInstance(BrotliEncoderState* state);

// The functions that give an int mean 0 for no.
enum BrotliEncoderParameter : int {
  BROTLI_PARAM_QUALITY = 1,
  BROTLI_PARAM_LARGE_WINDOW = 6,
};
int BrotliEncoderSetParameter(BrotliEncoderState* state,
                              BrotliEncoderParameter parameter, uint32_t value);

enum BrotliEncoderOperation : int {
  BROTLI_OPERATION_PROCESS = 0,
  BROTLI_OPERATION_FLUSH = 1,
  BROTLI_OPERATION_FINISH = 2,
  BROTLI_OPERATION_EMIT_METADATA = 3,
};

// Moves the four along by what was read and written.
int BrotliEncoderCompressStream(BrotliEncoderState* state,
                                BrotliEncoderOperation operation,
                                size_t* available_in, const uint8_t** next_in,
                                size_t* available_out, uint8_t** next_out,
                                size_t* total_out);
int BrotliEncoderIsFinished(BrotliEncoderState* state);

struct BrotliEncoderPreparedDictionary;

// `data` is not copied; the encoder refers to what was prepared.
BrotliEncoderPreparedDictionary* BrotliEncoderPrepareDictionary(
    BrotliSharedDictionaryType type, size_t size, const uint8_t* data,
    int quality, BrotliAllocate allocate, BrotliFree free, void* opaque);
void BrotliEncoderDestroyPreparedDictionary(
    BrotliEncoderPreparedDictionary* prepared);
int BrotliEncoderAttachPreparedDictionary(
    BrotliEncoderState* state, const BrotliEncoderPreparedDictionary* prepared);

}  // extern "C"

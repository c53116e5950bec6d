#pragma once

#include <v8.h>

#include "runtime/js/function.h"

namespace caravel::runtime {

// Node's internal binding `buffer`: bytes as text in Node's encodings and back,
// search, comparison. runtime/node/bindings/text.ts adds what needs no native
// code. Offsets that JS gives are checked here again: an array's length may
// have changed since JS looked.
//
// Source: Node's documentation, "Buffer", "Buffers and character encodings".
struct NodeBufferBinding {
  using Value = v8::Local<v8::Value>;

  // ---- bytes [start, end) as text ----
  static v8::MaybeLocal<v8::String> AsciiSlice(js::Scope& scope, Value bytes,
                                               Value start, Value end);
  static v8::MaybeLocal<v8::String> Latin1Slice(js::Scope& scope, Value bytes,
                                                Value start, Value end);
  static v8::MaybeLocal<v8::String> Utf8Slice(js::Scope& scope, Value bytes,
                                              Value start, Value end);
  static v8::MaybeLocal<v8::String> Ucs2Slice(js::Scope& scope, Value bytes,
                                              Value start, Value end);
  static v8::MaybeLocal<v8::String> HexSlice(js::Scope& scope, Value bytes,
                                             Value start, Value end);
  static v8::MaybeLocal<v8::String> Base64Slice(js::Scope& scope, Value bytes,
                                                Value start, Value end);
  static v8::MaybeLocal<v8::String> Base64UrlSlice(js::Scope& scope,
                                                   Value bytes, Value start,
                                                   Value end);

  // ---- text into bytes at `offset`, at most `length` of them ----
  // They answer how many bytes were written; no character is cut.
  static v8::MaybeLocal<v8::Value> Latin1Write(js::Scope& scope, Value bytes,
                                               Value text, Value offset,
                                               Value length);
  static v8::MaybeLocal<v8::Value> Utf8Write(js::Scope& scope, Value bytes,
                                             Value text, Value offset,
                                             Value length);
  static v8::MaybeLocal<v8::Value> Ucs2Write(js::Scope& scope, Value bytes,
                                             Value text, Value offset,
                                             Value length);
  static v8::MaybeLocal<v8::Value> HexWrite(js::Scope& scope, Value bytes,
                                            Value text, Value offset,
                                            Value length);
  // Takes both alphabets, and skips what belongs to neither.
  static v8::MaybeLocal<v8::Value> Base64Write(js::Scope& scope, Value bytes,
                                               Value text, Value offset,
                                               Value length);

  static uint32_t ByteLengthUtf8(js::Scope& scope, v8::Local<v8::String> text);

  // ---- comparison ----
  static int32_t Compare(js::Scope& scope, Value a, Value b);
  static int32_t CompareOffset(js::Scope& scope, Value source, Value target,
                               double target_start, double source_start,
                               double target_end, double source_end);
  static v8::MaybeLocal<v8::Value> IsAscii(js::Scope& scope, Value bytes);
  static v8::MaybeLocal<v8::Value> IsUtf8(js::Scope& scope, Value bytes);

  // ---- search: the place, or -1 ----
  // From `offset` on, which counts from the end when it is negative; backwards
  // unless `forward`. Nothing at or behind `end` is looked at.
  static v8::MaybeLocal<v8::Value> IndexOfString(js::Scope& scope, Value bytes,
                                                 v8::Local<v8::String> text,
                                                 double offset,
                                                 int32_t encoding, bool forward,
                                                 Value end);
  static v8::MaybeLocal<v8::Value> IndexOfBuffer(js::Scope& scope, Value bytes,
                                                 Value needle, double offset,
                                                 int32_t encoding, bool forward,
                                                 Value end);
  static v8::MaybeLocal<v8::Value> IndexOfNumber(js::Scope& scope, Value bytes,
                                                 uint32_t byte, double offset,
                                                 bool forward, Value end);

  // ---- change in place ----
  // Bytes that were copied: all that both have room for.
  static uint32_t Copy(js::Scope& scope, Value source, Value target,
                       double target_start, double source_start, double count);
  // Repeats the text or the bytes over [start, end). -1: they are empty, -2:
  // the range is not inside.
  static v8::MaybeLocal<v8::Value> Fill(js::Scope& scope, Value bytes,
                                        Value value, double start, double end,
                                        Value encoding);
  static Value Swap16(js::Scope& scope, Value bytes);
  static Value Swap32(js::Scope& scope, Value bytes);
  static Value Swap64(js::Scope& scope, Value bytes);

  // ---- memory ----
  static void CopyArrayBuffer(js::Scope& scope, Value target,
                              double target_start, Value source,
                              double source_start, double count);
  static v8::MaybeLocal<v8::ArrayBuffer> CreateUnsafeArrayBuffer(
      js::Scope& scope, double size);
  static uint32_t ArrayBufferAlignedOffset(js::Scope& scope, Value buffer,
                                           uint32_t alignment);
  static void SetDetachKey(js::Scope& scope, Value buffer, Value key);

  static constexpr auto Js() {
    return js::Functions(
        js::Function("asciiSlice", &AsciiSlice),
        js::Function("latin1Slice", &Latin1Slice),
        js::Function("utf8Slice", &Utf8Slice),
        js::Function("ucs2Slice", &Ucs2Slice),
        js::Function("hexSlice", &HexSlice),
        js::Function("base64Slice", &Base64Slice),
        js::Function("base64urlSlice", &Base64UrlSlice),
        js::Function("asciiWriteStatic", &Latin1Write),
        js::Function("latin1WriteStatic", &Latin1Write),
        js::Function("utf8WriteStatic", &Utf8Write),
        js::Function("ucs2Write", &Ucs2Write),
        js::Function("hexWrite", &HexWrite),
        js::Function("base64Write", &Base64Write),
        js::Function("base64urlWrite", &Base64Write),
        js::Function("byteLengthUtf8", &ByteLengthUtf8),
        js::Function("compare", &Compare),
        js::Function("compareOffset", &CompareOffset),
        js::Function("isAscii", &IsAscii), js::Function("isUtf8", &IsUtf8),
        js::Function("indexOfString", &IndexOfString),
        js::Function("indexOfBuffer", &IndexOfBuffer),
        js::Function("indexOfNumber", &IndexOfNumber),
        js::Function("copy", &Copy), js::Function("fill", &Fill),
        js::Function("swap16", &Swap16), js::Function("swap32", &Swap32),
        js::Function("swap64", &Swap64),
        js::Function("copyArrayBuffer", &CopyArrayBuffer),
        js::Function("createUnsafeArrayBuffer", &CreateUnsafeArrayBuffer),
        js::Function("arrayBufferAlignedOffset", &ArrayBufferAlignedOffset),
        js::Function("setDetachKey", &SetDetachKey));
  }
};

}  // namespace caravel::runtime

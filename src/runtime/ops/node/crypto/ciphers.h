#pragma once

#include <v8.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/ops/crypto/openssl.h"
#include "runtime/ops/node/crypto/memory_share.h"

namespace caravel::runtime {

// A cipher that is fed piece by piece, for crypto.createCipheriv() and
// createDecipheriv(). What is not said here is as in Node's documentation,
// "Class: Cipheriv" and "Class: Decipheriv".
//
// Threads: the one that is in the isolate.
class NodeCipher final : public js::Object {
 public:
  struct Settings {
    bool encrypts = false;
    bool authenticates = false;      // has a tag
    bool is_ccm = false;             // one text, whose size comes first
    bool is_siv = false;             // one text
    bool is_wrap = false;            // makes nothing, when asked how much
    std::optional<size_t> tag_size;  // nothing: 16, or what is set
    size_t longest = 0;              // a text, in bytes
  };
  static constexpr size_t kWeight = 2048;  // with its object, roughly

  NodeCipher(MemoryShare share, CipherContext context, Settings settings)
      : share_(std::move(share)),
        context_(std::move(context)),
        settings_(settings) {}

  size_t external_size() const override { return share_.size(); }

  js::Result<v8::Value> Update(js::Scope& scope, js::BytesView bytes);
  js::Result<v8::Value> Finish(js::Scope& scope);
  // False where the state of the cipher does not allow it.
  bool SetAutoPadding(js::Scope& scope, bool pads);
  js::Result<v8::Value> SetTag(js::Scope& scope, js::BytesView tag);
  // `text_size` is below 0 where it was not given.
  js::Result<v8::Value> SetAdditional(js::Scope& scope, int32_t text_size,
                                      js::BytesView bytes);
  // undefined before the end, and of a cipher without one.
  js::Result<v8::Value> Tag(js::Scope& scope);

  static constexpr auto Js() {
    return js::Class("NodeCipher", js::Method("update", &NodeCipher::Update),
                     js::Method("finish", &NodeCipher::Finish),
                     js::Method("setAutoPadding", &NodeCipher::SetAutoPadding),
                     js::Method("setTag", &NodeCipher::SetTag),
                     js::Method("setAdditional", &NodeCipher::SetAdditional),
                     js::Method("tag", &NodeCipher::Tag));
  }

 private:
  bool PassTag();
  // False: the exception is thrown.
  bool CheckSize(js::Scope& scope, size_t size);

  const MemoryShare share_;
  CipherContext context_;  // empty once finished
  const Settings settings_;
  std::optional<std::string> tag_;
  bool tag_passed_ = false;
  bool began_ = false;  // update() was called
  // Of CCM and SIV: update() held the text to its tag, which finish() cannot
  // do.
  bool verified_ = false;
};

// Ciphers of Node's internal binding `crypto`.
struct NodeCiphers {
  // `tag_size` is below 0 where it was not given; `cts` and `xts` name a
  // variant of the mode.
  static js::Result<v8::Value> CipherNew(js::Scope& scope, bool encrypts,
                                         std::string name, int32_t tag_size,
                                         std::optional<std::string> cts,
                                         std::optional<std::string> xts,
                                         js::BytesView key,
                                         std::optional<js::BytesView> iv);
  // [name, mode, number, key's size, size of a block, IV's size], 0 for what it
  // has not got; undefined where there is none with these sizes, which are
  // below 0 where any will do. `number` stands for the name where that is
  // empty.
  static js::Result<v8::Value> CipherInfo(js::Scope& scope, std::string name,
                                          int32_t number, int32_t key_size,
                                          int32_t iv_size);

  static constexpr auto Js() {
    return js::Functions(js::Function("cipherNew", &CipherNew),
                         js::Function("cipherInfo", &CipherInfo));
  }
};

}  // namespace caravel::runtime

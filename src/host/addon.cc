// What Node loads: the functions that src/host/host.cjs and the build call, on
// Node's main thread.
#include <fcntl.h>
#include <node.h>
#include <unistd.h>
#include <v8.h>

#include <memory>
#include <string>

#include "base/fd.h"
#include "host/host.h"
#include "registry/host_launch.h"
#include "runtime/native_ops.h"
#include "runtime/snapshot_builder.h"

namespace caravel::host {
namespace {

using Arguments = v8::FunctionCallbackInfo<v8::Value>;

std::string TextArgument(const Arguments& info, int index) {
  const v8::String::Utf8Value text(info.GetIsolate(), info[index]);
  return *text == nullptr ? std::string() : std::string(*text, text.length());
}

void Throw(v8::Isolate* isolate, const Error& error) {
  isolate->ThrowException(v8::Exception::Error(
      v8::String::NewFromUtf8(isolate, error.ToText().c_str())
          .ToLocalChecked()));
}

node::MultiIsolatePlatform& PlatformOf(v8::Isolate* isolate) {
  return *node::GetMultiIsolatePlatform(
      node::GetCurrentEnvironment(isolate->GetCurrentContext()));
}

std::string ReadKey() {
  const base::Fd pipe(registry::kHostKeyFd);
  std::string key(256, '\0');
  size_t size = 0;
  while (size < key.size()) {
    const ssize_t got =
        ::read(pipe.get(), key.data() + size, key.size() - size);
    if (got <= 0) break;
    size += static_cast<size_t>(got);
  }
  key.resize(size);
  return key;
}

// start(snapshot, lazyFolder, shards, logLevel, logFormat, place,
// trustedProxies, "local" or ""): serves until the process ends; returns only
// by throwing.
void StartHost(const Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  Host::Settings settings;
  settings.snapshot = TextArgument(info, 0);
  settings.lazy = TextArgument(info, 1);
  settings.shards =
      info[2]->Uint32Value(isolate->GetCurrentContext()).FromMaybe(1);
  if (settings.shards == 0) settings.shards = 1;
  settings.log_level = base::LogLevelOf(TextArgument(info, 3));
  settings.log_format = base::LogFormatOf(TextArgument(info, 4));
  settings.edge = {.place = TextArgument(info, 5),
                   .trusted_proxies = TextArgument(info, 6),
                   .is_local = TextArgument(info, 7) == "local"};
  settings.key = ReadKey();
  ::fcntl(registry::kHostSocketFd, F_SETFD, FD_CLOEXEC);
  const int flags = ::fcntl(registry::kHostSocketFd, F_GETFL);
  ::fcntl(registry::kHostSocketFd, F_SETFL, flags | O_NONBLOCK);
  settings.socket = base::Fd(registry::kHostSocketFd);
  Result<std::unique_ptr<Host>> host =
      Host::Start(PlatformOf(isolate), std::move(settings));
  if (!host) return Throw(isolate, host.error());
  // The process ends by _exit or a signal: its threads would not outlive the
  // orderly destruction of what they use. Node's event loop never runs again;
  // it has lost its io_uring to the sandbox.
  for (;;) ::pause();
}

// buildSnapshot(script, lazyFolder, nodeFolder, webWarmUp, nodeWarmUp,
// snapshot)
void BuildSnapshotFile(const Arguments& info) {
  const Status status = runtime::BuildSnapshot(
      PlatformOf(info.GetIsolate()),
      {TextArgument(info, 0), TextArgument(info, 1), TextArgument(info, 2),
       TextArgument(info, 3), TextArgument(info, 4), TextArgument(info, 5)});
  if (!status) Throw(info.GetIsolate(), status.error());
}

// nativeDeclarations(): TypeScript, a line for each native op.
void Declarations(const Arguments& info) {
  info.GetReturnValue().Set(
      v8::String::NewFromUtf8(info.GetIsolate(),
                              runtime::NativeDeclarations().c_str())
          .ToLocalChecked());
}

}  // namespace
}  // namespace caravel::host

// The symbol by which Node finds the entry of an addon that may be loaded in
// any context; its name carries the version of Node's ABI.
extern "C" NODE_MODULE_EXPORT void NODE_MODULE_INITIALIZER(
    v8::Local<v8::Object> exports, v8::Local<v8::Value>,
    v8::Local<v8::Context>) {
  NODE_SET_METHOD(exports, "start", caravel::host::StartHost);
  NODE_SET_METHOD(exports, "buildSnapshot", caravel::host::BuildSnapshotFile);
  NODE_SET_METHOD(exports, "nativeDeclarations", caravel::host::Declarations);
}

#include "runtime/snapshot_builder.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <v8.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/fd.h"
#include "runtime/code_recorder.h"
#include "runtime/engine.h"
#include "runtime/js/convert.h"
#include "runtime/native_ops.h"
#include "runtime/node_library.h"
#include "runtime/ops/node/node_ops.h"
#include "runtime/ops/platform_ops.h"
#include "runtime/platform_snapshot.h"
#include "runtime/task_queue.h"
#include "runtime/warm_up.h"

namespace caravel::runtime {
namespace {

constexpr size_t kMaxInput = 16 << 20;
constexpr size_t kScratchElements = 16;

// Of runtime/web/warm_up.js and of runtime/node/warm_up.js.
constexpr WarmUpRequest kPlainRequests[] = {
    {"/"}, {"/plain?a=b"}, {"/json", R"({"name": "value"})"}};
constexpr WarmUpRequest kNodeRequests[] = {{"/server"}, {"/"}};

// V8 puts "WebAssembly.compile(): " in front. The first words are its own, by
// which Workers say it too.
constexpr std::string_view kNoWasmFromBytes =
    "Wasm code generation disallowed by embedder: import the .wasm file as a "
    "module instead (import module from './file.wasm')";

Result<std::string> ReadInput(const std::string& path) {
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open " + path, errno);
  return base::ReadWholeFile(fd, kMaxInput).In(path);
}

// Under the name when it is whole: a host that runs may have the file of that
// name mapped.
Status WriteWhole(const std::string& target, std::string_view bytes) {
  const std::string path = target + ".new";
  const base::Fd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd.valid()) return ErrnoError("create " + path, errno);
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0) return ErrnoError("write " + path, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (::rename(path.c_str(), target.c_str()) != 0) {
    return ErrnoError("rename " + path, errno);
  }
  return {};
}

Error Failed(js::Scope& scope, const v8::TryCatch& caught,
             std::string_view what) {
  const js::Exception exception =
      js::Describe(scope, caught.Exception(), caught.Message());
  return Error(ErrorCode::kInternal,
               fmt::format("{}: {} ({})\n{}", what, exception.message,
                           exception.where, exception.stack));
}

// Compiles the platform's script: with the functions at the places `called`,
// or, without, so that it keeps which functions are called.
v8::MaybeLocal<v8::Script> CompilePlatform(js::Scope& scope,
                                           v8::Local<v8::String> text,
                                           const std::vector<int>* called) {
  const v8::ScriptOrigin origin(js::NewString(scope, "caravel:platform"));
  if (called == nullptr) {
    v8::ScriptCompiler::Source source(text, origin);
    return v8::ScriptCompiler::Compile(
        scope.context(), &source, v8::ScriptCompiler::kProduceCompileHints);
  }
  std::set<int> places(called->begin(), called->end());
  const auto is_called = [](int place, void* given) {
    return static_cast<const std::set<int>*>(given)->contains(place);
  };
  v8::ScriptCompiler::Source source(text, origin, is_called, &places);
  return v8::ScriptCompiler::Compile(scope.context(), &source,
                                     v8::ScriptCompiler::kConsumeCompileHints);
}

// What the platform's script comes to.
struct Platform {
  v8::Local<v8::Script> script;
  v8::Local<v8::Object> dispatch;
  v8::Local<v8::Object> native;
};

Status RunPlatform(js::Scope& scope, PlatformSource& source,
                   const std::vector<int>* called, Platform& platform) {
  const v8::TryCatch caught(scope.isolate());
  platform.native = MakeNativeObject(scope);
  const auto memory = v8::ArrayBuffer::New(scope.isolate(),
                                           kScratchElements * sizeof(uint32_t));
  platform.native
      ->CreateDataProperty(scope.context(), scope.Name("scratch"),
                           v8::Uint32Array::New(memory, 0, kScratchElements))
      .Check();
  v8::Local<v8::Value> lazy;
  if (!platform.native->Get(scope.context(), scope.Name("loadLazy"))
           .ToLocal(&lazy)) {
    return Failed(scope, caught, "native.loadLazy");
  }
  v8::Local<v8::String> text;
  v8::Local<v8::Function> function;
  v8::Local<v8::Value> result;
  std::array<v8::Local<v8::Value>, 3> arguments = {
      platform.native, scope.context()->Global(), lazy};
  if (!v8::String::NewExternalOneByte(scope.isolate(), &source)
           .ToLocal(&text) ||
      !CompilePlatform(scope, text, called).ToLocal(&platform.script) ||
      !FunctionOf(scope, platform.script).ToLocal(&function) ||
      !function
           ->Call(scope.context(), v8::Undefined(scope.isolate()), 3,
                  arguments.data())
           .ToLocal(&result)) {
    return Failed(scope, caught, "the platform's script");
  }
  platform.dispatch = result.As<v8::Object>();
  return {};
}

// `called`: as CompilePlatform() has it.
Status WriteSnapshot(node::MultiIsolatePlatform& platform,
                     std::string_view script, const std::vector<int>* called,
                     const std::string& file) {
  if (std::any_of(script.begin(), script.end(), [](char c) {
        return static_cast<unsigned char>(c) > 0x7f;
      })) {
    return Error(ErrorCode::kInvalid,
                 "the platform's script has characters beyond ASCII")
        .Remedy("write them as escapes");
  }
  PlatformSource source(script);
  const std::vector<intptr_t> references = source.ExternalReferences();
  v8::Isolate* isolate = v8::Isolate::Allocate();
  const auto tasks = std::make_shared<TaskQueue>();
  platform.RegisterIsolate(isolate, tasks.get());
  const std::unique_ptr<v8::ArrayBuffer::Allocator> allocator(
      v8::ArrayBuffer::Allocator::NewDefaultAllocator());
  v8::Isolate::CreateParams params;
  params.external_references = references.data();
  params.array_buffer_allocator = allocator.get();
  Status status;
  std::string blob_bytes;
  {
    v8::SnapshotCreator creator(isolate, params);
    {
      const v8::HandleScope handles(isolate);
      const auto context = v8::Context::New(isolate);
      const v8::Context::Scope context_scope(context);
      js::Scope scope(isolate);
      context->SetErrorMessageForWasmCodeGeneration(
          js::NewString(scope, kNoWasmFromBytes));
      Platform made;
      status = RunPlatform(scope, source, called, made);
      if (status) {
        CARAVEL_CHECK(creator.AddData(context, made.dispatch) ==
                      kDispatchObject);
        CARAVEL_CHECK(creator.AddData(context, made.native) == kNativeObject);
      }
      if (status && called == nullptr) {
        CARAVEL_CHECK(creator.AddData(context, made.script) == kPlatformScript);
      }
      creator.SetDefaultContext(context);
    }
    const v8::StartupData blob =
        creator.CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kKeep);
    const std::unique_ptr<const char[]> owned(blob.data);
    blob_bytes.assign(blob.data, static_cast<size_t>(blob.raw_size));
  }
  platform.DisposeIsolate(isolate);
  CARAVEL_TRY(std::move(status));
  return WriteWhole(file, PlatformSnapshot::Pack(blob_bytes, script));
}

// Runs `work` in an isolate of the snapshot in `file`, without state of ours.
// V8 refuses a code cache that was made over another snapshot.
template <typename Work>
Status InIsolateOf(const std::string& file,
                   node::MultiIsolatePlatform& platform, Work work) {
  CARAVEL_TRY(std::string contents, ReadInput(file));
  CARAVEL_TRY(const std::unique_ptr<PlatformSnapshot> snapshot,
              PlatformSnapshot::Open(std::move(contents), file));
  v8::Isolate* isolate = v8::Isolate::Allocate();
  const auto tasks = std::make_shared<TaskQueue>();
  platform.RegisterIsolate(isolate, tasks.get());
  const std::unique_ptr<v8::ArrayBuffer::Allocator> allocator(
      v8::ArrayBuffer::Allocator::NewDefaultAllocator());
  v8::Isolate::CreateParams params;
  params.snapshot_blob = &snapshot->blob();
  params.external_references = snapshot->external_references();
  params.array_buffer_allocator = allocator.get();
  v8::Isolate::Initialize(isolate, params);
  const auto enter_and_work = [&]() -> Status {
    const v8::Isolate::Scope isolate_scope(isolate);
    const v8::HandleScope handles(isolate);
    const v8::Context::Scope context_scope(v8::Context::New(isolate));
    js::Scope scope(isolate);
    return work(scope);
  };
  Status status = enter_and_work();
  platform.DisposeIsolate(isolate);
  return status;
}

// The names of the modules in `folder`, in alphabetical order.
Result<std::vector<std::string>> LazyNames(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(folder.c_str()),
                                                    &::closedir);
  if (listing == nullptr) return ErrnoError("open " + folder, errno);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (name.ends_with(".js")) names.emplace_back(name, 0, name.size() - 3);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A module that the warm-up has loaded has the cache of what it ran. Those of
// the others hold all functions of the module, compiled here, so that none is
// compiled when it is first called.
Status WriteLazyCaches(js::Scope& scope, const std::string& folder,
                       const CodeCaches& warm) {
  v8::Isolate* isolate = scope.isolate();
  CARAVEL_TRY(const std::vector<std::string> names, LazyNames(folder));
  for (const std::string& name : names) {
    const std::string stem = folder + "/" + name;
    if (const auto known = warm.lazy.find(name); known != warm.lazy.end()) {
      CARAVEL_TRY(WriteWhole(stem + ".cache", known->second));
      continue;
    }
    CARAVEL_TRY(const std::string source, ReadInput(stem + ".js"));
    const v8::HandleScope handles(isolate);
    const v8::TryCatch caught(isolate);
    const v8::ScriptOrigin origin(
        js::NewString(scope, fmt::format("caravel:{}", name)));
    v8::ScriptCompiler::Source text(js::NewString(scope, source), origin);
    v8::Local<v8::UnboundScript> script;
    if (!v8::ScriptCompiler::CompileUnboundScript(
             isolate, &text, v8::ScriptCompiler::kEagerCompile)
             .ToLocal(&script)) {
      return Failed(scope, caught, stem + ".js");
    }
    const std::unique_ptr<v8::ScriptCompiler::CachedData> cache(
        v8::ScriptCompiler::CreateCodeCache(script));
    CARAVEL_TRY(WriteWhole(stem + ".cache", BytesOf(*cache)));
  }
  return {};
}

Result<std::vector<NodeLibrary::Input>> ReadNodeModules(
    const std::string& folder) {
  constexpr std::string_view kSuffix = ".js";
  std::vector<NodeLibrary::Input> modules;
  std::error_code failure;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder, failure)) {
    if (!entry.is_regular_file()) continue;
    NodeLibrary::Input& module = modules.emplace_back();
    module.id = entry.path().lexically_relative(folder).string();
    CARAVEL_CHECK(module.id.ends_with(kSuffix), module.id);
    module.id.resize(module.id.size() - kSuffix.size());
    CARAVEL_TRY(module.source, ReadInput(entry.path().string()));
  }
  if (failure) {
    return Error(ErrorCode::kInternal, folder + ": " + failure.message());
  }
  return modules;
}

// As WriteLazyCaches().
Status MakeNodeCaches(js::Scope& scope, CodeCaches& warm,
                      std::vector<NodeLibrary::Input>& modules) {
  for (NodeLibrary::Input& module : modules) {
    if (const auto known = warm.node.find(module.id);
        known != warm.node.end()) {
      module.code_cache = std::move(known->second);
      continue;
    }
    const v8::HandleScope handles(scope.isolate());
    const v8::TryCatch caught(scope.isolate());
    v8::Local<v8::Function> function;
    if (!CompileNodeModule(scope, module.id, {module.source, {}},
                           v8::ScriptCompiler::kEagerCompile)
             .ToLocal(&function)) {
      return Failed(scope, caught, module.id);
    }
    const std::unique_ptr<v8::ScriptCompiler::CachedData> cache(
        v8::ScriptCompiler::CreateCodeCacheForFunction(function));
    module.code_cache = BytesOf(*cache);
  }
  return {};
}

// What a Worker has called of the platform and of the modules, which run
// without code caches.
Result<CodeCaches> CachesOfWarmUp(node::MultiIsolatePlatform& platform,
                                  const SnapshotFiles& files,
                                  const std::string& worker,
                                  std::span<const WarmUpRequest> requests) {
  CARAVEL_TRY(const std::vector<std::string> names,
              LazyNames(files.lazy_folder));
  for (const std::string& name : names) {
    ::unlink((files.lazy_folder + "/" + name + ".cache").c_str());
  }
  CodeRecorder recorder;
  CARAVEL_TRY(
      const std::unique_ptr<Engine> engine,
      Engine::Create(platform, files.snapshot, files.lazy_folder, &recorder));
  CARAVEL_TRY(const std::string source, ReadInput(worker));
  return WarmUp(*engine, source, requests, recorder);
}

}  // namespace

Status BuildSnapshot(node::MultiIsolatePlatform& platform,
                     const SnapshotFiles& files) {
  CARAVEL_TRY(const std::string script, ReadInput(files.script));
  CARAVEL_TRY(std::vector<NodeLibrary::Input> modules,
              ReadNodeModules(files.node_folder));
  const std::string library =
      files.lazy_folder + "/" + std::string(kNodeLibraryFile);
  CARAVEL_TRY(WriteWhole(library, NodeLibrary::Pack(modules)));
  CARAVEL_TRY(WriteSnapshot(platform, script, nullptr, files.snapshot));
  CARAVEL_TRY(
      const CodeCaches plain,
      CachesOfWarmUp(platform, files, files.web_warm_up, kPlainRequests));
  if (plain.called.empty()) {
    return Error(ErrorCode::kInternal,
                 "V8 does not tell which functions plain requests call");
  }
  CARAVEL_TRY(WriteSnapshot(platform, script, &plain.called, files.snapshot));
  CARAVEL_TRY(
      CodeCaches warm,
      CachesOfWarmUp(platform, files, files.node_warm_up, kNodeRequests));
  CARAVEL_TRY(
      InIsolateOf(files.snapshot, platform, [&](js::Scope& scope) -> Status {
        CARAVEL_TRY(WriteLazyCaches(scope, files.lazy_folder, warm));
        return MakeNodeCaches(scope, warm, modules);
      }));
  return WriteWhole(library, NodeLibrary::Pack(modules));
}

}  // namespace caravel::runtime

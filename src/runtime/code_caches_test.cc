// The code caches that the build makes (runtime/snapshot_builder.h): V8
// compiles from source, and tells nobody, where one does not fit an isolate.
#include <gtest/gtest.h>

#include "runtime/engine.h"
#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

using Cache = v8::ScriptCompiler::CachedData;

class CodeCachesTest : public JsTest {
 protected:
  Cache::CompatibilityCheckResult Check(std::string_view bytes) const {
    const v8::Locker locker(isolate());
    const v8::Isolate::Scope isolate_scope(isolate());
    Cache cache(reinterpret_cast<const uint8_t*>(bytes.data()),
                static_cast<int>(bytes.size()), Cache::BufferNotOwned);
    return cache.CompatibilityCheck(isolate());
  }
};

TEST_F(CodeCachesTest, OfThePlatformsModulesFitAnIsolate) {
  const Engine& engine = EngineEnvironment::Shared();
  ASSERT_FALSE(engine.lazy_modules().empty());
  for (const auto& [name, module] : engine.lazy_modules()) {
    EXPECT_EQ(Check(module.code_cache), Cache::kSuccess) << name;
  }
}

TEST_F(CodeCachesTest, OfNodesModulesFitAnIsolate) {
  const NodeLibrary& library = EngineEnvironment::Shared().node_library();
  ASSERT_FALSE(library.Ids().empty());
  for (const std::string_view id : library.Ids()) {
    EXPECT_EQ(Check(library.Find(id)->code_cache), Cache::kSuccess) << id;
  }
}

}  // namespace
}  // namespace caravel::runtime

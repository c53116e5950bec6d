#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

// Requests that leave something behind when they end. Each holds 4 MB by it, so
// that forty of them only find room in an isolate that has forgotten those
// before.
class LeavingsTest : public IsolateFixture,
                     public testing::WithParamInterface<const char*> {
 protected:
  static constexpr int kRequests = 40;

  void ServeAll() {
    const std::string source = fmt::format(
        "export default {{ async fetch(request) {{"
        "  const bytes = new Uint8Array(4 << 20);"
        "  {}"
        "  return new Response(`${{bytes.length}}`);"
        "}} }}",
        GetParam());
    ASSERT_EQ(Load(source, {.cpu_ms = 60'000}), "");
    for (int i = 0; i < kRequests; ++i) {
      const InvocationId id = Arrive("/");
      Turn();
      ASSERT_EQ(Answer(id), "200 4194304") << "request " << i;
      ASSERT_EQ(Outcome(id), "ok");
    }
  }
};

TEST_P(LeavingsTest, AreForgottenWithTheirRequest) { ServeAll(); }

INSTANTIATE_TEST_SUITE_P(
    OfRequests, LeavingsTest,
    testing::Values(
        "void fetch('http://origin/', { method: 'POST', body: bytes });",
        "void fetch('http://origin/', { signal: AbortSignal.any([]) })"
        "  .then(() => bytes);",
        "void fetch('http://origin/', { headers: { upgrade: 'websocket' } })"
        "  .then(() => bytes);",
        "void caches.default.match('http://origin/').then(() => bytes);",
        "setTimeout(() => bytes, 60_000);", "setInterval(() => bytes, 60_000);",
        "request.signal.onabort = () => bytes;"));

// The same with Node's modules.
class NodeLeavingsTest : public LeavingsTest {
 protected:
  NodeLeavingsTest() { compatibility_date_ = "2026-08-04"; }
};

TEST_P(NodeLeavingsTest, AreForgottenWithTheirRequest) { ServeAll(); }

INSTANTIATE_TEST_SUITE_P(
    OfRequests, NodeLeavingsTest,
    testing::Values(
        "const timer = setTimeout(() => bytes, 60_000); +timer;",
        "const timer = process.getBuiltinModule('timers')"
        "  .setTimeout(() => bytes, 60_000); +timer; +timer.refresh();",
        "const timer = process.getBuiltinModule('timers')"
        "  .setInterval(() => bytes, 60_000); +timer;"));

// As above, but the request is ended by what it did.
class EndedLeavingsTest : public LeavingsTest {};

TEST_P(EndedLeavingsTest, AreForgottenWithTheirRequest) {
  const std::string source = fmt::format(
      "export default {{ async fetch(request) {{"
      "  const bytes = new Uint8Array(4 << 20);"
      "  {}"
      "}} }}",
      GetParam());
  ASSERT_EQ(Load(source, {.cpu_ms = 20}), "");
  for (int i = 0; i < kRequests; ++i) {
    const InvocationId id = Arrive("/");
    Turn();
    ASSERT_NE(Outcome(id), "ok");
    ASSERT_NE(Outcome(id), "exceededMemory") << "request " << i;
    ASSERT_FALSE(isolate_->condemned()) << "request " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    OfRequests, EndedLeavingsTest,
    testing::Values(
        "void fetch('http://origin/', { method: 'POST', body: bytes }); for "
        "(;;);",
        "setTimeout(() => bytes, 60_000); for (;;);",
        "request.signal.onabort = () => bytes; for (;;);",
        "request.signal.onabort = () => bytes; await new Promise(() => {});"));

}  // namespace
}  // namespace caravel::runtime

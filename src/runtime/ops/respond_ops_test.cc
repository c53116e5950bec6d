#include "runtime/ops/respond_ops.h"

#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

// The ops themselves, as the platform's script calls them: for what that never
// passes, as long as it is right.
class RespondOpsTest : public JsTest {
 protected:
  RespondOpsTest() {
    state().outbox = &outbox_;
    state().AddInvocation(kInvocation);
  }
  ~RespondOpsTest() override { state().outbox = nullptr; }

  // The value of Content-Type in the answer's head; "none" without one.
  template <typename Answer>
  std::string ContentTypeOf(const std::string& call) {
    Evaluate(call);
    if (outbox_.size() != 1) return "no answer";
    const auto* answer = std::get_if<Answer>(&outbox_[0].action);
    if (answer == nullptr) return "another answer";
    const net::ResponseHead& head = HeadOf(*answer);
    return std::string(head.headers.Find("content-type").value_or("none"));
  }

 private:
  static constexpr InvocationId kInvocation = 1;

  static const net::ResponseHead& HeadOf(const Respond& answer) {
    return answer.head;
  }
  static const net::ResponseHead& HeadOf(const RespondStart& answer) {
    return answer.head;
  }

  Outbox outbox_;
};

TEST_F(RespondOpsTest, ATypeOfTheBodyIsAHeader) {
  EXPECT_EQ(
      ContentTypeOf<Respond>("native.respond(1, 200, '', null, 'a/b', '')"),
      "a/b");
}

TEST_F(RespondOpsTest, OneThatWouldEndItsLineIsLeftOut) {
  EXPECT_EQ(ContentTypeOf<Respond>(
                "native.respond(1, 200, '', null, 'a/b\\r\\nX: y', '')"),
            "none");
}

TEST_F(RespondOpsTest, SoItIsOfAnAnswerInPieces) {
  EXPECT_EQ(ContentTypeOf<RespondStart>(
                "native.respondStart(1, 200, '', ['a', 'b'], 'a/b\\0', -1)"),
            "none");
}

}  // namespace
}  // namespace caravel::runtime

#include "base/landlock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

namespace caravel::base {
namespace {

// Runs `body` in a process of its own, since rules cannot be taken back.
int InChild(const std::function<bool()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

bool Opens(const std::string& path, int flags) {
  return Fd(::open(path.c_str(), flags | O_CLOEXEC, 0600)).valid();
}

class LandlockTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/landlock_test.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    ::unlink((folder_ + "/new").c_str());
    ::rmdir(folder_.c_str());
  }
  std::string folder_;
};

TEST_F(LandlockTest, OnlyWhatIsAllowedCanBeOpened) {
  EXPECT_EQ(InChild([&] {
              Landlock rules = std::move(Landlock::Create().value());
              rules.Allow("/usr", Landlock::kRead).value();
              rules.Allow(folder_, Landlock::kWrite).value();
              rules.Enforce().value();
              return Opens("/usr/bin/env", O_RDONLY) &&
                     Opens(folder_ + "/new", O_CREAT | O_WRONLY) &&
                     !Opens("/etc/passwd", O_RDONLY) && errno == EACCES &&
                     !Opens("/usr/new", O_CREAT | O_WRONLY);
            }),
            0);
}

TEST_F(LandlockTest, TcpConnectIsDenied) {
  EXPECT_EQ(InChild([&] {
              Landlock rules = std::move(Landlock::Create().value());
              rules.Enforce().value();
              const Fd socket(::socket(AF_INET, SOCK_STREAM, 0));
              sockaddr_in address = {};
              address.sin_family = AF_INET;
              address.sin_port = htons(9);
              address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
              return ::connect(socket.get(),
                               reinterpret_cast<const sockaddr*>(&address),
                               sizeof(address)) != 0 &&
                     errno == EACCES;
            }),
            0);
}

TEST_F(LandlockTest, APathThatIsNotThereIsNamed) {
  Landlock rules = std::move(Landlock::Create().value());
  const Status status = rules.Allow("/no/such/path", Landlock::kRead);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message(),
            "open /no/such/path: No such file or directory");
}

}  // namespace
}  // namespace caravel::base

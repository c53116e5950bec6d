// What a host can still do once the sandbox is closed, tried in a process of
// its own each: it cannot be opened again.
#include "host/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

namespace caravel::host {
namespace {

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/sandbox_test.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    ::unlink((folder_ + "/own").c_str());
    ::rmdir(folder_.c_str());
  }

  // True when `body` holds inside the sandbox, with our folder as data folder.
  bool Holds(bool (*body)()) {
    const pid_t child = ::fork();
    if (child == 0) {
      const bool entered =
          ::chdir(folder_.c_str()) == 0 && EnterSandbox().has_value();
      ::_exit(entered && body() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  std::string folder_;
};

TEST_F(SandboxTest, NoSocketCanBeOpened) {
  EXPECT_TRUE(Holds([] {
    return ::socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM &&
           ::socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == EPERM;
  }));
}

TEST_F(SandboxTest, NoProgramCanBeRunAndNoProcessBeMade) {
  EXPECT_TRUE(Holds([] {
    char* const arguments[] = {nullptr};
    return ::execve("/bin/true", arguments, arguments) < 0 && errno == EPERM &&
           ::fork() < 0;
  }));
}

TEST_F(SandboxTest, NoFileOutsideOfTheFolderCanBeOpened) {
  EXPECT_TRUE(Holds([] {
    return ::open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES &&
           ::open("/proc/self/environ", O_RDONLY) < 0 && errno == EACCES &&
           ::open("../outside", O_CREAT | O_WRONLY, 0600) < 0 &&
           errno == EACCES;
  }));
}

TEST_F(SandboxTest, TheFolderItselfCanBeUsed) {
  EXPECT_TRUE(Holds([] { return ::open("own", O_CREAT | O_RDWR, 0600) >= 0; }));
}

TEST_F(SandboxTest, NoOtherProcessCanBeReachedInto) {
  EXPECT_TRUE(Holds([] {
    return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr) < 0 &&
           errno == EPERM && ::syscall(SYS_pidfd_open, ::getppid(), 0) < 0 &&
           errno == EPERM;
  }));
}

TEST_F(SandboxTest, NoRingForSystemCallsCanBeMade) {
  EXPECT_TRUE(Holds([] {
    char parameters[256] = {};
    return ::syscall(SYS_io_uring_setup, 4, parameters) < 0 && errno == EPERM;
  }));
}

TEST_F(SandboxTest, ThreadsCanStillBeStarted) {
  EXPECT_TRUE(Holds([] {
    bool ran = false;
    std::thread([&ran] { ran = true; }).join();
    return ran;
  }));
}

}  // namespace
}  // namespace caravel::host

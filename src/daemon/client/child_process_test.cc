#include "daemon/client/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace caravel::daemon {
namespace {

using testing::HasSubstr;

struct Pipe {
  base::Fd read_end;
  base::Fd write_end;
};

Pipe MakePipe() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  return {base::Fd(ends[0]), base::Fd(ends[1])};
}

std::string ReadAll(const base::Fd& fd) {
  std::string text;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::read(fd.get(), buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<size_t>(size));
  }
  return text;
}

// What `script` prints under the shell.
std::string OutputOf(const std::string& script, ChildOptions options = {}) {
  Pipe output = MakePipe();
  options.command = {"/bin/sh", "-c", script};
  options.fds.emplace_back(1, output.write_end.get());
  Result<ChildProcess> child = StartChild(options);
  EXPECT_TRUE(child);
  output.write_end.Reset();
  std::string text = ReadAll(output.read_end);
  EXPECT_TRUE(AwaitChild(child->pidfd));
  return text;
}

TEST(ChildProcess, GetsItsEnvironmentAndNoOther) {
  ChildOptions options;
  options.environment = {"A=1"};
  ::setenv("CARAVEL_TEST_SECRET", "x", 1);
  EXPECT_EQ(OutputOf("echo \"$A,$CARAVEL_TEST_SECRET\"", options), "1,\n");
}

TEST(ChildProcess, GetsTheDescriptorsThatWereNamedAndNoOther) {
  // Numbers that cross: what is placed first must not overwrite what follows.
  const Pipe a = MakePipe();
  const Pipe b = MakePipe();
  ASSERT_EQ(::write(a.write_end.get(), "a", 1), 1);
  ASSERT_EQ(::write(b.write_end.get(), "b", 1), 1);
  const int low = std::min(a.read_end.get(), b.read_end.get());
  const int high = std::max(a.read_end.get(), b.read_end.get());
  ChildOptions options;
  options.fds = {{low, high}, {high, low}};
  const std::string listed = OutputOf(
      "ls /proc/self/fd | wc -l; head -c1 <&" + std::to_string(low), options);
  // 0, 1, 2, the two, and the folder that ls reads.
  EXPECT_EQ(listed, low == a.read_end.get() ? "6\nb" : "6\na");
}

TEST(ChildProcess, RunsInItsFolder) {
  ChildOptions options;
  options.folder = "/";
  EXPECT_EQ(OutputOf("pwd", options), "/\n");
}

TEST(ChildProcess, CannotGainPrivilegesWhenAskedSo) {
  ChildOptions options;
  options.no_new_privileges = true;
  EXPECT_THAT(OutputOf("cat /proc/self/status", options),
              HasSubstr("NoNewPrivs:\t1"));
}

TEST(ChildProcess, TellsThatAProgramDoesNotExist) {
  ChildOptions options;
  options.command = {"/nowhere/program"};
  const Result<ChildProcess> child = StartChild(options);
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().message(),
            "start /nowhere/program: No such file or directory");
}

TEST(ChildProcess, TellsHowItEnded) {
  ChildOptions options;
  options.command = {"/bin/sh", "-c", "exit 3"};
  const Result<ChildProcess> exited = StartChild(options);
  ASSERT_TRUE(exited);
  EXPECT_EQ(AwaitChild(exited->pidfd)->ToText(), "exit code 3");

  options.command = {"/bin/sleep", "100"};
  const Result<ChildProcess> killed = StartChild(options);
  ASSERT_TRUE(killed);
  EXPECT_FALSE(BuryChild(killed->pidfd).has_value());
  SignalProcess(killed->pidfd, SIGKILL);
  EXPECT_EQ(AwaitChild(killed->pidfd)->ToText(), "signal 9 (Killed)");
}

TEST(FindProcess, FindsAProcessByNumberAndStartAndNoOther) {
  const Result<uint64_t> started = ProcessStartTime(::getpid());
  ASSERT_TRUE(started);
  EXPECT_TRUE(FindProcess(::getpid(), *started));
  const Result<base::Fd> another = FindProcess(::getpid(), *started + 1);
  ASSERT_FALSE(another);
  EXPECT_EQ(another.error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace caravel::daemon

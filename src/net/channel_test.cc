#include "net/channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/random.h"

namespace caravel::net {
namespace {

using ::testing::HasSubstr;

size_t OpenFds() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

// Keeps what arrives.
class Inbox final : public Channel::Handler {
 public:
  void OnPacket(Packet packet) override {
    packets.push_back(std::move(packet));
    if (drop_on_packet != nullptr) drop_on_packet->reset();
  }
  void OnClosed(const Error& why) override {
    ++times_closed;
    closed = why.message();
    if (drop_on_close != nullptr) drop_on_close->reset();
  }

  std::vector<Packet> packets;
  std::string closed;
  int times_closed = 0;
  std::unique_ptr<Channel>* drop_on_packet = nullptr;
  std::unique_ptr<Channel>* drop_on_close = nullptr;
};

class ChannelTest : public ::testing::Test {
 protected:
  ChannelTest() {
    auto pair = ChannelPair().value();
    near_fd_ = std::move(pair.first);
    far_fd_ = std::move(pair.second);
  }

  void OpenNear() {
    near_ = Channel::Create(*loop_, std::move(near_fd_), near_inbox_).value();
  }
  void OpenFar() {
    far_ = Channel::Create(*loop_, std::move(far_fd_), far_inbox_).value();
  }

  template <typename Condition>
  void PollUntil(Condition condition) {
    while (!condition()) loop_->Poll(std::chrono::seconds(10));
  }
  void PollUntilNearCloses() {
    PollUntil([this] { return near_inbox_.times_closed > 0; });
  }

  static Packet Text(std::string bytes) { return Packet{std::move(bytes), {}}; }

  // Sends from the bare far end what a Channel would never send.
  void SendRaw(std::string bytes, const std::vector<int>& fds) {
    std::string control(CMSG_SPACE(sizeof(int) * fds.size()), '\0');
    iovec vector = {bytes.data(), bytes.size()};
    msghdr message = {};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    std::memcpy(CMSG_DATA(header), fds.data(), sizeof(int) * fds.size());
    ASSERT_GT(::sendmsg(far_fd_.get(), &message, 0), 0);
  }

  base::SystemClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::Create(clock_).value();
  base::Fd near_fd_;
  base::Fd far_fd_;
  Inbox near_inbox_;
  Inbox far_inbox_;
  std::unique_ptr<Channel> near_;
  std::unique_ptr<Channel> far_;
};

TEST_F(ChannelTest, CarriesPacketsWholeAndInOrder) {
  OpenNear();
  OpenFar();
  near_->Send(Text("one"));
  near_->Send(Text(std::string(kMaxPacketBytes, 'x')));
  near_->Send(Text("three"));
  PollUntil([&] { return far_inbox_.packets.size() == 3; });
  EXPECT_EQ(far_inbox_.packets[0].bytes, "one");
  EXPECT_EQ(far_inbox_.packets[1].bytes, std::string(kMaxPacketBytes, 'x'));
  EXPECT_EQ(far_inbox_.packets[2].bytes, "three");
}

TEST_F(ChannelTest, CarriesDescriptorsThatWorkAndCloseOnExec) {
  OpenNear();
  OpenFar();
  Packet packet = Text("files");
  packet.fds.push_back(base::SealedMemoryFile("a", "first").value());
  packet.fds.push_back(base::SealedMemoryFile("b", "second").value());
  near_->Send(std::move(packet));
  PollUntil([&] { return far_inbox_.packets.size() == 1; });
  const auto& fds = far_inbox_.packets[0].fds;
  ASSERT_EQ(fds.size(), 2U);
  EXPECT_EQ(base::ReadWholeFile(fds[0], 100).value(), "first");
  EXPECT_EQ(base::ReadWholeFile(fds[1], 100).value(), "second");
  EXPECT_NE(::fcntl(fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ChannelTest, CarriesAsManyDescriptorsAsAPacketMayHave) {
  OpenNear();
  OpenFar();
  const base::Fd file = base::SealedMemoryFile("a", "x").value();
  Packet packet = Text("many");
  for (size_t i = 0; i < kMaxPacketFds; ++i) {
    packet.fds.push_back(file.Duplicate().value());
  }
  near_->Send(std::move(packet));
  PollUntil([&] { return far_inbox_.packets.size() == 1; });
  EXPECT_EQ(far_inbox_.packets[0].fds.size(), kMaxPacketFds);
}

TEST_F(ChannelTest, KeepsTheOrderOfWhatHadToWaitForTheSocket) {
  OpenNear();
  constexpr int kPackets = 2000;  // more than a socket buffer holds
  for (int i = 0; i < kPackets; ++i) {
    near_->Send(Text(std::to_string(i) + std::string(1000, '.')));
  }
  OpenFar();
  PollUntil([&] { return far_inbox_.packets.size() == kPackets; });
  for (int i = 0; i < kPackets; ++i) {
    EXPECT_THAT(far_inbox_.packets[static_cast<size_t>(i)].bytes,
                ::testing::StartsWith(std::to_string(i) + "."));
  }
  EXPECT_EQ(near_inbox_.times_closed, 0);
}

TEST_F(ChannelTest, LosesAPeerThatDoesNotReadAndClosesWhatWaitedForIt) {
  const base::Fd file = base::SealedMemoryFile("a", "x").value();
  const size_t fds_before = OpenFds();
  OpenNear();
  for (size_t i = 0; i < kMaxChannelBacklog / (16 * 1024) + 1000; ++i) {
    Packet packet = Text(std::string(16 * 1024, 'x'));
    if (i % 100 == 0) packet.fds.push_back(file.Duplicate().value());
    near_->Send(std::move(packet));
  }
  EXPECT_EQ(near_inbox_.times_closed, 0) << "reported from within Send()";
  PollUntilNearCloses();
  EXPECT_EQ(near_inbox_.closed,
            "the peer does not read: more than 8388608 bytes wait");
  near_->Send(Text("dropped"));
  near_.reset();
  EXPECT_EQ(OpenFds(), fds_before - 1);
}

TEST_F(ChannelTest, SaysOnceThatThePeerClosedBehindItsLastPacket) {
  OpenNear();
  OpenFar();
  far_->Send(Text("last words"));
  near_->Send(Text("never read, so the kernel reports a reset"));
  far_.reset();
  PollUntilNearCloses();
  loop_->Poll(std::chrono::nanoseconds(0));
  ASSERT_EQ(near_inbox_.packets.size(), 1U);
  EXPECT_EQ(near_inbox_.packets[0].bytes, "last words");
  EXPECT_EQ(near_inbox_.closed, "the peer closed the channel");
  EXPECT_EQ(near_inbox_.times_closed, 1);
}

TEST_F(ChannelTest, SendingToADeadPeerStillDeliversItsLastPacket) {
  OpenNear();
  ASSERT_EQ(::send(far_fd_.get(), "bye", 3, 0), 3);
  far_fd_.Reset();
  near_->Send(Text("hello?"));
  PollUntilNearCloses();
  ASSERT_EQ(near_inbox_.packets.size(), 1U);
  EXPECT_EQ(near_inbox_.packets[0].bytes, "bye");
}

TEST_F(ChannelTest, FinishesBehindWhatHadToWaitAndHearsThatAllWasRead) {
  OpenNear();
  constexpr size_t kPackets = 2000;  // more than a socket buffer holds
  for (size_t i = 0; i < kPackets; ++i) near_->Send(Text("words"));
  near_->Finish();
  near_->Send(Text("too late"));
  loop_->Poll(std::chrono::nanoseconds(0));
  EXPECT_EQ(near_inbox_.times_closed, 0) << "nobody has read it yet";
  OpenFar();
  far_->Send(Text("still heard"));
  PollUntilNearCloses();
  ASSERT_EQ(far_inbox_.packets.size(), kPackets);
  EXPECT_EQ(far_inbox_.packets.back().bytes, "words");
  EXPECT_EQ(far_inbox_.times_closed, 1);
  ASSERT_EQ(near_inbox_.packets.size(), 1U);
  EXPECT_EQ(near_inbox_.packets[0].bytes, "still heard");
}

TEST_F(ChannelTest, FinishesAtOnceWhenNothingWaits) {
  OpenNear();
  OpenFar();
  near_->Finish();
  PollUntilNearCloses();
  EXPECT_EQ(far_inbox_.times_closed, 1);
  EXPECT_TRUE(far_inbox_.packets.empty());
}

TEST_F(ChannelTest, GivesWhatFollowsToANewHandler) {
  class Usher final : public Channel::Handler {
   public:
    Usher(std::unique_ptr<Channel>& channel, Handler& next)
        : channel_(channel), next_(next) {}
    void OnPacket(Packet) override {
      ++packets;
      channel_->SetHandler(next_);
    }
    void OnClosed(const Error&) override { ADD_FAILURE(); }
    int packets = 0;

   private:
    std::unique_ptr<Channel>& channel_;
    Handler& next_;
  };
  Usher usher(near_, near_inbox_);
  near_ = Channel::Create(*loop_, std::move(near_fd_), usher).value();
  OpenFar();
  far_->Send(Text("ticket"));
  far_->Send(Text("words"));
  far_.reset();
  PollUntilNearCloses();
  EXPECT_EQ(usher.packets, 1);
  ASSERT_EQ(near_inbox_.packets.size(), 1U);
  EXPECT_EQ(near_inbox_.packets[0].bytes, "words");
}

TEST_F(ChannelTest, NoticesThatThePeerProcessDied) {
  OpenNear();
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  far_fd_.Reset();  // the child's copy is the last
  ::kill(child, SIGKILL);
  PollUntilNearCloses();
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(near_inbox_.closed, "the peer closed the channel");
}

TEST_F(ChannelTest, RefusesAPacketThatIsTooLargeAndClosesItsDescriptors) {
  OpenNear();
  const base::Fd file = base::SealedMemoryFile("a", "x").value();
  const size_t fds_before = OpenFds();
  SendRaw(std::string(kMaxPacketBytes + 1, 'x'), {file.get()});
  PollUntilNearCloses();
  EXPECT_EQ(near_inbox_.closed,
            "the peer sent a packet of more than 65536 bytes");
  EXPECT_TRUE(near_inbox_.packets.empty());
  EXPECT_EQ(OpenFds(), fds_before - 1) << "only the channel's socket closed";
}

TEST_F(ChannelTest, RefusesAPacketWithTooManyDescriptorsAndClosesThem) {
  OpenNear();
  const base::Fd file = base::SealedMemoryFile("a", "x").value();
  const size_t fds_before = OpenFds();
  SendRaw("x", std::vector<int>(kMaxPacketFds + 1, file.get()));
  PollUntilNearCloses();
  EXPECT_THAT(near_inbox_.closed, HasSubstr("more than 128 descriptors"));
  EXPECT_TRUE(near_inbox_.packets.empty());
  EXPECT_EQ(OpenFds(), fds_before - 1) << "only the channel's socket closed";
}

TEST_F(ChannelTest, TakesAnEmptyPacketForTheEnd) {
  OpenNear();
  ASSERT_EQ(::send(far_fd_.get(), "", 0, 0), 0);
  PollUntilNearCloses();
  EXPECT_EQ(near_inbox_.closed, "the peer closed the channel");
}

TEST_F(ChannelTest, MayBeDestroyedFromWithinItsHandler) {
  OpenNear();
  OpenFar();
  near_inbox_.drop_on_packet = &near_;
  far_inbox_.drop_on_close = &far_;
  far_->Send(Text("one"));
  far_->Send(Text("two"));
  PollUntil([&] { return far_ == nullptr; });
  EXPECT_EQ(near_, nullptr);
  EXPECT_EQ(near_inbox_.packets.size(), 1U);
  EXPECT_EQ(near_inbox_.times_closed, 0);
}

TEST_F(ChannelTest, KnowsWhoThePeerIs) {
  OpenNear();
  const Channel::Peer peer = near_->GetPeer().value();
  EXPECT_EQ(peer.pid, ::getpid());
  EXPECT_EQ(peer.uid, ::getuid());
}

TEST_F(ChannelTest, RefusesASocketOfAnotherType) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const base::Fd other(ends[1]);
  const auto channel = Channel::Create(*loop_, base::Fd(ends[0]), near_inbox_);
  ASSERT_FALSE(channel);
  EXPECT_THAT(channel.error().message(), HasSubstr("SOCK_SEQPACKET"));
}

class UnixSocketTest : public ::testing::Test {
 protected:
  UnixSocketTest() { std::filesystem::create_directories(folder_); }
  ~UnixSocketTest() override { std::filesystem::remove_all(folder_); }

  const std::string folder_ =
      std::filesystem::temp_directory_path() / ("channel" + base::RandomHex(8));
  const std::string path_ = folder_ + "/socket";
};

TEST_F(UnixSocketTest, IsOpenForItsOwnerOnlyAndTakesConnections) {
  const base::Fd listener = ListenUnix(path_).value();
  struct stat status = {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const base::Fd near = ConnectUnix(path_).value();
  const base::Fd far(::accept(listener.get(), nullptr, nullptr));
  ASSERT_TRUE(far.valid());
  ASSERT_EQ(::send(near.get(), "hi", 2, 0), 2);
  std::array<char, 8> bytes;
  EXPECT_EQ(::recv(far.get(), bytes.data(), bytes.size(), 0), 2);
}

TEST_F(UnixSocketTest, ReplacesADeadSocketButNotALivingOneNorAFile) {
  ASSERT_TRUE(ListenUnix(path_));  // closed at once: dead
  const Result<base::Fd> living = ListenUnix(path_);
  ASSERT_TRUE(living) << living.error().message();
  const Result<base::Fd> second = ListenUnix(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kConflict);
  EXPECT_THAT(second.error().message(), HasSubstr("another process listens"));

  const std::string file = folder_ + "/file";
  base::Fd(::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)).Reset();
  const Result<base::Fd> on_file = ListenUnix(file);
  ASSERT_FALSE(on_file);
  EXPECT_THAT(on_file.error().message(), HasSubstr("another kind of file"));
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(UnixSocketTest, MayLieDeeperThanTheKernelsLimit) {
  const std::string deep = folder_ + "/" + std::string(150, 'd');
  std::filesystem::create_directories(deep);
  const base::Fd listener = ListenUnix(deep + "/socket").value();
  const Result<base::Fd> near = ConnectUnix(deep + "/socket");
  EXPECT_TRUE(near);
}

TEST_F(UnixSocketTest, SaysThatNobodyAnswers) {
  const Result<base::Fd> missing = ConnectUnix(path_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(missing.error().message(),
            "connect to " + path_ + ": No such file or directory");
  ASSERT_TRUE(ListenUnix(path_));
  EXPECT_EQ(ConnectUnix(path_).error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace caravel::net

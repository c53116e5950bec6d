#include "cli/plain_output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace caravel::cli {
namespace {

constexpr std::string_view kBegin = "\033[";

void WriteWhole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // the reader has left: nobody to tell
    text.remove_prefix(static_cast<size_t>(written));
  }
}

// Brings what is there; false: nothing more will come.
bool Copy(const base::Fd& from, int to, ColourFilter& filter) {
  char buffer[16 * 1024];
  while (true) {
    const ssize_t size = ::read(from.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN;
    if (size == 0) return false;
    WriteWhole(to, filter.Pass({buffer, static_cast<size_t>(size)}));
  }
}

}  // namespace

std::string ColourFilter::Pass(std::string_view piece) {
  const std::string text = std::exchange(waiting_, {}) + std::string(piece);
  std::string plain;
  size_t done = 0;
  for (size_t at = text.find('\033'); at != std::string::npos;
       at = text.find('\033', at + 1)) {
    if (at < done) continue;
    const std::string_view rest = std::string_view(text).substr(at);
    const size_t end = rest.find_first_not_of("0123456789;:", kBegin.size());
    const bool may_be = rest.size() < kBegin.size() || rest.starts_with(kBegin);
    if (!may_be) continue;
    if (rest.size() < kBegin.size() || end == std::string_view::npos) {
      waiting_ = rest;
      return plain += text.substr(done, at - done);
    }
    if (rest[end] != 'm') continue;
    plain += text.substr(done, at - done);
    done = at + end + 1;
  }
  return plain += text.substr(done);
}

Result<PlainErrors> PlainErrors::Make() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoError("pipe", errno);
  PlainErrors errors;
  errors.read_end = base::Fd(ends[0]);
  errors.write_end = base::Fd(ends[1]);
  // The program's own end stays blocking.
  if (::fcntl(errors.read_end.get(), F_SETFL, O_NONBLOCK) != 0) {
    return ErrnoError("fcntl", errno);
  }
  return errors;
}

Result<daemon::Ending> PlainErrors::CopyUntilEnd(
    const daemon::ChildProcess& child, int to) {
  write_end.Reset();
  ColourFilter filter;
  bool open = true;
  while (true) {
    pollfd waits[] = {{child.pidfd.get(), POLLIN, 0},
                      {open ? read_end.get() : -1, POLLIN, 0}};
    if (::poll(waits, 2, -1) < 0 && errno != EINTR) {
      return ErrnoError("poll", errno);
    }
    // A process that it left behind may keep the pipe: its end counts.
    const bool ended = waits[0].revents != 0;
    if (open) open = Copy(read_end, to, filter);
    if (!ended) continue;
    WriteWhole(to, filter.Rest());
    return daemon::AwaitChild(child.pidfd);
  }
}

}  // namespace caravel::cli

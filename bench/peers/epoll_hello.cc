// The least that a server of hello can do: one epoll loop, no parser. It takes
// each read that ends in an empty line for a request. What is slower than this
// by so much is what a real server costs.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\n"
    "content-length: 12\r\n"
    "content-type: text/plain;charset=UTF-8\r\n"
    "date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n"
    "Hello World!";

int Listen(uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) <
          0 ||
      listen(listener, 511) < 0) {
    perror("epoll_hello");
    exit(1);
  }
  return listener;
}

void Watch(int epoll, int fd) {
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void Answer(int connection) {
  std::array<char, 16384> buffer;
  const ssize_t bytes = read(connection, buffer.data(), buffer.size());
  if (bytes <= 0) {
    close(connection);
  } else if (std::string_view(buffer.data(), bytes).ends_with("\r\n\r\n")) {
    if (write(connection, kAnswer.data(), kAnswer.size()) < 0)
      close(connection);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int listener = Listen(static_cast<uint16_t>(atoi(argv[1])));
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  Watch(epoll, listener);
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd != listener) {
        Answer(events[i].data.fd);
        continue;
      }
      const int connection = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
      const int one = 1;
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
      Watch(epoll, connection);
    }
  }
}

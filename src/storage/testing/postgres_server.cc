#include "storage/testing/postgres_server.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/postgres_connection.h"

namespace caravel::storage {
namespace {

constexpr std::string_view kPrograms = "/usr/lib/postgresql/15/bin/";

std::string ProgramPath(std::string_view name) {
  return std::string(kPrograms) + std::string(name);
}

const passwd* ServerUser() {
  return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
}

// Starts a program with its output in `log`, as the server's user.
pid_t Spawn(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : command) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  const passwd* user = ServerUser();
  const std::string folder = std::filesystem::path(log).parent_path();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  // Only what is safe behind fork() of a process with threads.
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  if (user != nullptr &&
      (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) {
    ::_exit(126);
  }
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::ifstream list("/proc/" + std::to_string(pid) + "/task/" +
                     std::to_string(pid) + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

std::string LogText(const std::string& path) {
  std::ifstream log(path);
  return {std::istreambuf_iterator<char>(log), {}};
}

}  // namespace

bool PostgresServer::IsInstalled() {
  return ::access(ProgramPath("initdb").c_str(), X_OK) == 0 &&
         (::geteuid() != 0 || ServerUser() != nullptr);
}

Result<std::unique_ptr<PostgresServer>> PostgresServer::Start() {
  std::unique_ptr<PostgresServer> server(new PostgresServer());
  const std::string folder = server->folder_.path();
  if (const passwd* user = ServerUser()) {
    CARAVEL_CHECK(::chown(folder.c_str(), user->pw_uid, user->pw_gid) == 0);
  }
  const std::string log = server->folder_ / "log";
  const pid_t initdb =
      Spawn({ProgramPath("initdb"), "-D", server->folder_ / "data", "-U",
             "caravel", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"},
            log);
  int status = 0;
  ::waitpid(initdb, &status, 0);
  if (status != 0) return Error(ErrorCode::kInternal, LogText(log));
  CARAVEL_TRY(server->StartAgain());
  return server;
}

PostgresServer::~PostgresServer() {
  if (pid_ > 0) Kill();
}

std::string PostgresServer::AddressOf(const std::string& database) const {
  return fmt::format("host={} user=caravel dbname={}", folder_.path(),
                     database);
}

Status PostgresServer::StartAgain() {
  const std::string log = folder_ / "log";
  // A killed server's sessions may hold its shared memory a moment longer, and
  // then the new one gives up: start until one stays.
  for (;;) {
    std::filesystem::resize_file(log, 0);
    // Without fsync a killed server loses nothing, only a machine would.
    pid_ = Spawn({ProgramPath("postgres"), "-D", folder_ / "data", "-k",
                  folder_.path(), "-c", "listen_addresses=", "-c",
                  "shared_buffers=16MB", "-c", "fsync=off"},
                 log);
    if (WaitUntilReady()) return {};
    const std::string text = LogText(log);
    if (text.find("shared memory block") == std::string::npos) {
      return Error(ErrorCode::kInternal, text);
    }
  }
}

Status PostgresServer::WaitUntilReady() {
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (PostgresConnection::Open(AddressOf("postgres"))) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  pid_ = -1;
  return Error(ErrorCode::kUnavailable, "the server ended");
}

Result<std::string> PostgresServer::MakeDatabase(const std::string& name) {
  CARAVEL_TRY(const auto connection,
              PostgresConnection::Open(AddressOf("postgres")));
  CARAVEL_TRY(connection->ExecuteScript("CREATE DATABASE " + name));
  return AddressOf(name);
}

void PostgresServer::Kill() {
  const std::vector<pid_t> sessions = ChildrenOf(pid_);
  ::kill(pid_, SIGKILL);
  for (const pid_t session : sessions) ::kill(session, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace caravel::storage

#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/project.h"
#include "cli/project_watch.h"
#include "cli/serve_session.h"

namespace caravel::cli {

// One project of `serve` as it is on disk, brought to the session again and
// again. Until its first version answers, an unstarted Worker does, with the
// error that was told last (cli/unstarted_worker.h).
//
// Threads: one.
class ServedProject {
 public:
  // In the order in which they were named: the first answers under any host,
  // and has the state of all.
  using All = std::vector<std::unique_ptr<ServedProject>>;

  // All outlive it; it is going to be one of `all`.
  static Result<std::unique_ptr<ServedProject>> Make(Context& context,
                                                     ServeSession& session,
                                                     const All& all,
                                                     std::string path,
                                                     std::string environment);

  // What its configuration says of itself, as far as it can be read: so that
  // others know of it before it is served. kConflict: another has its name.
  Status ReadName();

  // Brings its first version. An error is of what no edit mends; others are
  // told.
  Status Start();

  // Something may have been written: descriptors that are readable then.
  std::vector<int> watched() const;
  void PublishChanges();

  // What became of a version; false: it is none of this project's.
  bool OnServed(std::string_view version);
  bool OnRefused(std::string_view version, const Error& error);

  // Something answers, if only with an error.
  bool answers() const { return is_ready_ || is_unstarted_; }
  // Says so once. `at`: what the first project answers under. Requires:
  // answers().
  void TellAnswering(const std::string& at);

 private:
  ServedProject(Context& context, ServeSession& session, const All& all,
                std::string path, std::string environment,
                std::unique_ptr<ProjectWatch> watch,
                std::unique_ptr<ProjectWatch> build_watch);

  bool is_first() const { return all_.front().get() == this; }
  // `build`: the project's own build command is run first.
  Status Publish(bool build);
  Status PublishUnstarted(std::string_view why);
  void Watch(const std::vector<std::string>& files);
  Status TakeName(const Project& project);
  void Warn(const Project& project);
  // Its command may take long, and print nothing.
  void TellBuild(const Project& project);
  // Takes that version, and those before it, from versions_; false: it is not
  // there.
  bool TakeVersion(std::string_view version);
  std::string StateFolder() const;
  std::string UrlOf(const std::string& at) const;
  // The error of a Publish(), or of what it brought.
  void TellFailure(const Error& error);

  Context& context_;
  ServeSession& session_;
  const All& all_;
  const std::string path_;
  const std::string environment_;
  const std::unique_ptr<ProjectWatch>
      watch_;  // what is served is made of these
  // What the build command makes them of.
  const std::unique_ptr<ProjectWatch> build_watch_;
  const registry::WorkerId id_;
  std::string name_;
  std::string folder_;  // empty: not known yet
  std::vector<Callee> callees_;
  std::string secrets_file_;
  std::vector<std::string> warnings_;
  std::string esbuild_told_;          // of the last bundle
  std::string content_;               // handed over last
  std::deque<std::string> versions_;  // of which nothing was heard yet
  std::string unstarted_version_;     // the last one
  bool is_named_ = false;             // by its configuration
  bool is_watched_ = false;           // an edit may mend what failed
  bool is_ready_ = false;             // a version has started
  bool is_unstarted_ = false;         // what answers says why none has
  bool is_told_ = false;              // what answers() says
  bool is_published_ = false;         // the newest edit was handed over
  bool failed_ = false;
  bool build_failed_ = false;
};

}  // namespace caravel::cli

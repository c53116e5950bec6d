// What becomes of blobs when versions, uploads and failures come and go.
#include "registry/blob_sweep.h"

#include <utility>

#include "registry/asset_manifest.h"
#include "registry/asset_uploads.h"
#include "registry/kv_namespaces.h"
#include "registry/registry_fixture.h"
#include "storage/digest.h"
#include "storage/disk_blobs.h"
#include "storage/faulty_files.h"
#include "storage/kv_store.h"
#include "storage/testing/faulty_database.h"
#include "storage/testing/new_postgres.h"
#include "storage/testing/temp_folder.h"

namespace caravel::registry {
namespace {

using storage::Sha256Hex;
using ::testing::HasSubstr;

// Contents of a site's files.
using Site = std::vector<std::string>;

// As the API does it, in one process.
struct Uploader {
  Uploader(storage::Database& database, storage::Blobs& blobs,
           const base::Clock& clock)
      : kept(database, blobs, clock), uploads(database, clock) {}

  static std::string NameOf(const std::string& content) {
    return Sha256Hex("name of " + content).substr(0, 32);
  }
  static std::string CodedOf(const std::string& content) {
    return "coded: " + content;
  }

  static std::string ManifestOf(const Site& site) {
    AssetManifest manifest;
    for (const std::string& content : site) {
      manifest.files.push_back(
          {"/" + content, NameOf(content), content.size()});
    }
    return base::Encode(manifest);
  }

  Result<std::string> Begin(const AccountId& account, const Site& site) {
    return uploads.Begin(account, ManifestOf(site));
  }
  // What is not here already.
  Status Bring(const AccountId& account, const Site& site) {
    for (const std::string& content : site) {
      const std::vector<std::string> names = {NameOf(content)};
      CARAVEL_TRY(const auto known, uploads.Find(account, names));
      if (!known.empty()) continue;
      const std::string coded = CodedOf(content);
      const std::vector<std::string_view> forms = {content, coded};
      CARAVEL_TRY(const auto stored, kept.Put(forms, BlobKind::kPlain));
      AssetFile file = {.name = names[0], .type = "text/plain", .forms = {}};
      file.forms[0] = {stored.digests[0], content.size()};
      file.forms[1] = {stored.digests[1], coded.size()};
      CARAVEL_TRY(uploads.Keep(account, {file}));
    }
    return {};
  }
  // Of what the session has brought; the list is held as long as this.
  Result<NewVersion> Version(const AccountId& account, const Site& site,
                             const std::string& session) {
    CARAVEL_TRY(uploads.Manifest(account, session));
    std::vector<Asset> assets;
    for (const std::string& content : site) {
      const std::vector<std::string> names = {NameOf(content)};
      CARAVEL_TRY(const auto found, uploads.Find(account, names));
      if (found.empty()) {
        return Error(ErrorCode::kNotFound, content + " has not arrived");
      }
      assets.push_back({"/" + content, found[0].type, found[0].forms});
    }
    CARAVEL_TRY(const std::string list, WriteAssetList({}, assets));
    const std::string_view bytes = list;
    CARAVEL_TRY(KeptBlobs::Stored stored,
                kept.Put(std::span(&bytes, 1), BlobKind::kAssetList));
    hold = std::move(stored.hold);
    CARAVEL_TRY(uploads.End(account, session));
    NewVersion version = CodeOf("");
    version.assets_digest = stored.digests[0];
    return version;
  }

  KeptBlobs kept;
  AssetUploads uploads;
  KeptBlobs::Hold hold;
};

class BlobSweepTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    if (registry_ == nullptr) return;
    blobs_ = storage::DiskBlobs::Open(folder_ / "blobs", files_).value();
    uploader_.emplace(*ground_.database, *blobs_, clock_);
    sweep_.emplace(*ground_.database, uploader_->kept, clock_, Options());
  }

  BlobSweep::Options Options() const {
    BlobSweep::Options options;
    options.limits = {.rows = 2, .blobs = 2};
    return options;
  }
  BlobSweep NewSweep(storage::Database& database, KeptBlobs& kept) {
    return BlobSweep(database, kept, clock_, Options());
  }

  Status TryDeploy(Registry& registry, Uploader& uploader,
                   std::string_view worker, const Site& site,
                   const AccountId& account) {
    CARAVEL_TRY(const std::string session, uploader.Begin(account, site));
    CARAVEL_TRY(uploader.Bring(account, site));
    return TryPublish(registry, uploader, worker, site, session, account);
  }
  Status TryPublish(Registry& registry, Uploader& uploader,
                    std::string_view worker, const Site& site,
                    const std::string& session, const AccountId& account) {
    auto version = uploader.Version(account, site, session);
    if (!version) return std::move(version).error();
    auto published = registry.Publish(account, worker, *version, ByWrangler());
    uploader.hold.reset();
    return published ? Status() : Status(std::move(published).error());
  }
  void Deploy(std::string_view worker, const Site& site,
              const std::optional<AccountId>& account = {}) {
    const Status deployed = TryDeploy(*registry_, *uploader_, worker, site,
                                      account.value_or(account_.id));
    ASSERT_TRUE(deployed) << deployed.error().ToText();
  }
  void Delete(std::string_view worker) {
    ASSERT_TRUE(registry_->DeleteWorker(account_.id, worker));
  }

  void Later(std::chrono::minutes span) { clock_.Advance(span); }
  void Sweep(BlobSweep& sweep) {
    for (;;) {
      const auto more = sweep.Step();
      ASSERT_TRUE(more) << more.error().ToText();
      if (!*more) return;
    }
  }
  void Sweep() { Sweep(*sweep_); }

  bool IsThere(const std::string& blob) {
    return blobs_->Exists(Sha256Hex(blob)).value();
  }
  // Contents that are there, each with its coded form.
  std::string There(const Site& site) {
    std::string there;
    for (const std::string& content : site) {
      const bool is_there = IsThere(content);
      EXPECT_EQ(IsThere(Uploader::CodedOf(content)), is_there) << content;
      if (is_there) there += content;
    }
    return there;
  }
  bool Knows(const std::string& content) {
    const std::vector<std::string> names = {Uploader::NameOf(content)};
    return !uploader_->uploads.Find(account_.id, names).value().empty();
  }
  size_t Notes() {
    return ground_.database
        ->Read([](storage::Transaction& transaction) {
          return transaction.Query("SELECT digest FROM loose_blobs");
        })
        .value()
        .size();
  }
  // Whether each content of the Worker's newest list is there.
  void ExpectWhole(std::string_view worker) {
    const auto newest = registry_->ListVersions(account_.id, worker, 1).value();
    const auto file = blobs_->Open(newest[0].version.assets_digest);
    ASSERT_TRUE(file) << file.error().ToText();
    const AssetList list = AssetList::Map(*file).value();
    for (uint32_t i = 0; i < list.size(); ++i) {
      EXPECT_EQ(There({std::string(list.At(i).path.substr(1))}),
                list.At(i).path.substr(1));
    }
  }

  static constexpr std::chrono::minutes kGrace{11};
  static constexpr std::chrono::minutes kSession{4 * 60};

  const storage::TempFolder folder_;
  storage::SystemFiles files_;
  std::unique_ptr<storage::DiskBlobs> blobs_;
  std::optional<Uploader> uploader_;
  std::optional<BlobSweep> sweep_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, BlobSweepTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Registry"; });
INSTANTIATE_TEST_SUITE_P(Postgres, BlobSweepTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Registry"; });

TEST_P(BlobSweepTest, WhatOnlyADeletedWorkerHadGoesAfterAWhile) {
  Deploy("a", {"x", "y"});
  Deploy("b", {"y", "z"});
  const std::string list = registry_->ListVersions(account_.id, "a", 1)
                               .value()[0]
                               .version.assets_digest;
  Later(kSession);  // the upload sessions are over
  Delete("a");
  Sweep();
  EXPECT_EQ(There({"x", "y", "z"}), "xyz");
  EXPECT_EQ(sweep_->loose(), 1U);

  Later(kGrace);
  for (uint64_t before = 0;;) {
    const bool more = sweep_->Step().value();
    EXPECT_LE(sweep_->removed() - before, 2U);
    before = sweep_->removed();
    if (!more) break;
  }
  EXPECT_EQ(There({"x", "y", "z"}), "yz");
  EXPECT_FALSE(blobs_->Exists(list).value());
  EXPECT_FALSE(Knows("x"));
  EXPECT_TRUE(Knows("y"));
  EXPECT_EQ(sweep_->removed(), 3U);  // in two codings, and the list
  EXPECT_EQ(Notes(), 0U);
}

TEST_P(BlobSweepTest, BundlesGoWithTheirSideFilesUnlessAnotherWorkerHasThem) {
  const auto keep = [&](std::string_view bytes) {
    return uploader_->kept.Put(std::span(&bytes, 1), BlobKind::kPlain)
        .value()
        .digests[0];
  };
  const std::string shared = keep("shared");
  const std::string own = keep("own");
  ASSERT_TRUE(blobs_->PutBeside(own, "code_cache", "cached"));
  Publish("a", shared).value();
  Publish("a", own).value();
  Publish("b", shared).value();
  EXPECT_EQ(Notes(), 0U);
  Delete("a");
  Later(kGrace);
  Sweep();
  EXPECT_FALSE(IsThere("own"));
  EXPECT_FALSE(blobs_->OpenBeside(own, "code_cache"));
  EXPECT_TRUE(IsThere("shared"));
  EXPECT_EQ(Notes(), 0U);
}

TEST_P(BlobSweepTest, AccountsThatShareAContentKeepItForEachOther) {
  const AccountId other = registry_->accounts().Create("Other", {}).value().id;
  Deploy("a", {"x", "y"});
  Deploy("b", {"x"}, other);
  Later(kSession);
  Delete("a");
  Later(kGrace);
  Sweep();
  EXPECT_EQ(There({"x", "y"}), "x");
}

TEST_P(BlobSweepTest, AListThatIsSomebodysContentTooIsTakenApart) {
  Deploy("a", {"x"});
  const std::string digest = registry_->ListVersions(account_.id, "a", 1)
                                 .value()[0]
                                 .version.assets_digest;
  const std::string list =
      base::ReadWholeFile(blobs_->Open(digest).value(), 1 << 20).value();
  Later(kSession);
  Delete("a");
  const AccountId other = registry_->accounts().Create("Other", {}).value().id;
  Deploy("b", {list}, other);
  Later(kSession);
  Sweep();
  EXPECT_EQ(There({"x", list}), list);
  EXPECT_EQ(Notes(), 0U);
}

TEST_P(BlobSweepTest, AnAccountThatIsRemovedLeavesNothing) {
  const AccountId other = registry_->accounts().Create("Other", {}).value().id;
  Deploy("a", {"x", "y"});
  Deploy("b", {"x", "z"}, other);
  ASSERT_TRUE(uploader_->Begin(other, {"v"}));
  ASSERT_TRUE(uploader_->Bring(other, {"v"}));
  ASSERT_TRUE(registry_->DeleteWorker(other, "b"));
  // Removing an account looks for those that it has left.
  const auto kv = storage::KvStore::Open(*ground_.database, *ground_.database,
                                         *blobs_, clock_)
                      .value();
  ASSERT_TRUE(KvNamespaces::Open(*ground_.database, *kv, clock_));
  ASSERT_TRUE(registry_->accounts().Remove(other));
  Later(kGrace);
  Sweep();
  EXPECT_EQ(There({"v", "x", "y", "z"}), "xy");
  EXPECT_EQ(Notes(), 0U);
}

TEST_P(BlobSweepTest, AnUploadSessionKeepsWhatItBroughtForItsTime) {
  ASSERT_TRUE(uploader_->Begin(account_.id, {"x"}));
  ASSERT_TRUE(uploader_->Bring(account_.id, {"x"}));
  Later(std::chrono::hours(2));
  Sweep();
  EXPECT_EQ(There({"x"}), "x");
  Later(std::chrono::hours(2));
  Sweep();
  EXPECT_EQ(There({"x"}), "");
  EXPECT_FALSE(Knows("x"));
  EXPECT_EQ(Notes(), 0U);
}

TEST_P(BlobSweepTest, ASessionKeepsWhatADeletedWorkerHad) {
  Deploy("a", {"x", "y"});
  Later(kSession);
  Delete("a");
  const std::string session = uploader_->Begin(account_.id, {"x"}).value();
  Later(kGrace);
  Sweep();
  EXPECT_EQ(There({"x", "y"}), "x");
  ASSERT_TRUE(
      TryPublish(*registry_, *uploader_, "b", {"x"}, session, account_.id));
  Later(kSession);
  Sweep();
  EXPECT_EQ(There({"x"}), "x");
  Delete("b");
  Later(kGrace);
  Sweep();
  EXPECT_EQ(There({"x"}), "");
  EXPECT_EQ(Notes(), 0U);
}

TEST_P(BlobSweepTest, ASessionThatGoesOnIsKeptForLonger) {
  const std::string session = uploader_->Begin(account_.id, {"x"}).value();
  ASSERT_TRUE(uploader_->Bring(account_.id, {"x"}));
  Later(std::chrono::hours(2));
  EXPECT_TRUE(uploader_->uploads.Manifest(account_.id, session));
  Later(std::chrono::hours(2));
  Sweep();
  EXPECT_EQ(There({"x"}), "x");
  Later(kSession);
  Sweep();
  const auto gone = uploader_->uploads.Manifest(account_.id, session);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().ToText(),
            "the upload session has ended\nbegin the upload anew");
}

TEST_P(BlobSweepTest, AListThatAnUploadHoldsStaysWithAllThatItNames) {
  const std::string session = uploader_->Begin(account_.id, {"x"}).value();
  ASSERT_TRUE(uploader_->Bring(account_.id, {"x"}));
  const NewVersion version =
      uploader_->Version(account_.id, {"x"}, session).value();
  Later(kSession);  // a clock that is set
  Sweep();
  Later(kGrace);
  Sweep();
  Publish("a", version).value();
  uploader_->hold.reset();
  Later(kSession);
  Sweep();
  ExpectWhole("a");
}

TEST_P(BlobSweepTest, NothingGoesWhileAListOfAVersionIsDamaged) {
  Deploy("a", {"x"});
  Deploy("b", {"y"});
  const std::string list = registry_->ListVersions(account_.id, "b", 1)
                               .value()[0]
                               .version.assets_digest;
  ASSERT_TRUE(blobs_->Remove(list));
  Later(kSession);
  Delete("a");
  Later(kGrace);
  Result<bool> more = true;
  while (more && *more) more = sweep_->Step();
  ASSERT_FALSE(more);
  EXPECT_THAT(more.error().ToText(), HasSubstr(list));
  EXPECT_EQ(There({"x", "y"}), "xy");
  Delete("b");
  Later(kGrace);
  Sweep();
  EXPECT_EQ(There({"x"}), "");
}

TEST_P(BlobSweepTest, WhatTheDatabaseHasNeverHeardOfStays) {
  const std::string stray = blobs_->Put("of a newer database").value();
  Deploy("a", {"x"});
  Later(kSession);
  Delete("a");
  Later(kGrace);
  Sweep();
  EXPECT_TRUE(blobs_->Exists(stray).value());
}

// Walks many paths, each with many syncs: on one engine.
class BlobSweepPathsTest : public BlobSweepTest {
 protected:
  // Contents that nothing needs any more, and that a sweep takes away.
  void LeaveBehind(const Site& site) {
    Deploy("a", site);
    Later(kSession);
    Delete("a");
    Later(kGrace);
  }

  void PublishAs(std::string_view worker, const Site& site,
                 const std::string& session) {
    ASSERT_TRUE(uploader_->Bring(account_.id, site));
    ASSERT_TRUE(
        TryPublish(*registry_, *uploader_, worker, site, session, account_.id));
  }
};

INSTANTIATE_TEST_SUITE_P(Sqlite, BlobSweepPathsTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Registry"; });

// Whenever a session begins and whenever its version is published while the
// sweep takes away what it is made of, the version is whole.
TEST_P(BlobSweepPathsTest, ASiteThatIsDeployedAnewAtAnyMomentIsWhole) {
  const Site site = {"x", "y"};
  constexpr int kMostSteps = 60;
  int steps = kMostSteps;
  for (int begin = 0; begin < steps; begin += 2) {
    for (int publish : {begin, begin + 1, begin + 5, kMostSteps}) {
      SCOPED_TRACE(fmt::format("begin {} publish {}", begin, publish));
      LeaveBehind(site);
      std::string session;
      int done = 0;
      for (bool more = true; more; ++done) {
        if (done == begin) {
          session = uploader_->Begin(account_.id, site).value();
        }
        if (done == publish) {
          PublishAs("b", site, session);
        }
        more = sweep_->Step().value();
      }
      if (begin == 0) steps = done;
      if (session.empty()) continue;
      if (publish >= done) {
        PublishAs("b", site, session);
      }
      ExpectWhole("b");
      Later(kSession);
      Sweep();
      ExpectWhole("b");
      Delete("b");
      Later(kGrace);
      Sweep();
      ASSERT_EQ(There(site), "");
      ASSERT_EQ(Notes(), 0U);
    }
  }
  EXPECT_LT(steps, kMostSteps);
  EXPECT_GT(steps, 8);
}

// Whenever a session begins, ends and makes room for another while the sweep
// takes away what it is made of.
TEST_P(BlobSweepPathsTest, ASessionThatMakesRoomAtAnyMomentLeavesItsSiteWhole) {
  const Site site = {"x", "y"};
  AssetUploads full(*ground_.database, clock_, {.sessions = 1});
  constexpr int kMostSteps = 60;
  int steps = kMostSteps;
  for (int begin = 0; begin < steps; ++begin) {
    for (int publish : {begin, begin + 1}) {
      SCOPED_TRACE(fmt::format("begin {} publish {}", begin, publish));
      LeaveBehind(site);
      std::string session;
      bool is_published = false;
      int done = 0;
      for (bool more = true; more; ++done) {
        if (done == begin) {
          session = uploader_->Begin(account_.id, site).value();
        }
        if (done == publish) {
          PublishAs("b", site, session);
          is_published = true;
          Later(kEndedSessionStay);
          ASSERT_TRUE(
              full.Begin(account_.id, Uploader::ManifestOf({"another"})));
          ASSERT_FALSE(full.Manifest(account_.id, session));
        }
        more = sweep_->Step().value();
      }
      if (begin == 0) steps = done;
      if (is_published) {
        ExpectWhole("b");
        Delete("b");
      }
      Later(kSession);
      Sweep();
      Later(kGrace);
      Sweep();
      ASSERT_EQ(There(site), "");
      ASSERT_EQ(Notes(), 0U);
    }
  }
  EXPECT_LT(steps, kMostSteps);
  EXPECT_GT(steps, 8);
}

TEST_P(BlobSweepPathsTest, AnUploadThatFailsAnywhereLeavesNothing) {
  for (int fail_at = 1;; ++fail_at) {
    storage::FaultyDatabase faulty(*ground_.database, fail_at);
    auto registry = Registry::Open(faulty, *log_, box_, clock_, {""});
    if (!registry) continue;
    Uploader uploader(faulty, *blobs_, clock_);
    const bool done =
        TryDeploy(**registry, uploader, "a", {"x", "y"}, account_.id)
            .has_value();
    uploader.hold.reset();
    Later(kSession);
    Sweep();
    Later(kGrace);
    Sweep();
    const bool is_published =
        registry_->ListVersions(account_.id, "a", 1).has_value();
    ASSERT_EQ(There({"x", "y"}), is_published ? "xy" : "") << fail_at;
    ASSERT_EQ(Notes(), 0U) << fail_at;
    if (is_published) Delete("a");
    Later(kGrace);
    Sweep();
    ASSERT_EQ(There({"x", "y"}), "");
    if (!faulty.failed()) {
      EXPECT_TRUE(done);
      return;
    }
  }
}

// As a kill in the middle does, and a database that is away for a moment.
TEST_P(BlobSweepPathsTest, ASweepThatEndsAnywhereIsGoneOnWith) {
  for (int fail_at = 1;; ++fail_at) {
    Deploy("a", {"x", "y"});
    if (fail_at == 1) Deploy("b", {"y"});
    ASSERT_TRUE(uploader_->Begin(account_.id, {"v", "y"}));
    ASSERT_TRUE(uploader_->Bring(account_.id, {"v"}));
    Later(kSession);
    Delete("a");
    Later(kGrace);
    storage::FaultyDatabase faulty(*ground_.database, fail_at);
    KeptBlobs kept(faulty, *blobs_, clock_);
    BlobSweep ended = NewSweep(faulty, kept);
    Result<bool> more = true;
    while (more && *more) more = ended.Step();
    EXPECT_EQ(more.has_value(), !faulty.failed());
    EXPECT_EQ(There({"y"}), "y") << fail_at;
    Sweep();
    ASSERT_EQ(There({"v", "x", "y"}), "y") << fail_at;
    ASSERT_FALSE(Knows("v") || Knows("x")) << fail_at;
    ASSERT_EQ(Notes(), 0U) << fail_at;
    if (!faulty.failed()) return;
  }
}

TEST_P(BlobSweepPathsTest, ADiskThatFailsAnywhereLosesNothingThatIsNeeded) {
  for (int fail_at = 1;; ++fail_at) {
    Deploy("a", {"x", "y"});
    if (fail_at == 1) Deploy("b", {"y"});
    Later(kSession);
    Delete("a");
    Later(kGrace);
    storage::FaultyFiles faulty(files_, fail_at,
                                storage::FaultyFiles::After::kStop);
    const auto disk = storage::DiskBlobs::Open(folder_ / "blobs", faulty);
    if (disk) {
      KeptBlobs kept(*ground_.database, **disk, clock_);
      BlobSweep stopped = NewSweep(*ground_.database, kept);
      Result<bool> more = true;
      while (more && *more) more = stopped.Step();
      EXPECT_EQ(more.has_value(), !faulty.failed());
    }
    Sweep();
    ASSERT_EQ(There({"x", "y"}), "y") << fail_at;
    ASSERT_EQ(Notes(), 0U) << fail_at;
    ExpectWhole("b");
    if (!faulty.failed()) return;
  }
}

}  // namespace
}  // namespace caravel::registry

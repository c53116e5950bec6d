#pragma once

#include <span>
#include <string>
#include <string_view>

#include "registry/published.h"

// What an author is told who uses a part of Workers that Caravel does not have
// yet: V8's own words for it would send them looking in their code.
namespace caravel::runtime {

struct AbsentGlobal {
  std::string_view name;
  std::string_view note;  // that it is not built, and what there is instead
};

// Globals of Workers that are undefined here, so that a Worker can look for
// them with `typeof`. No getters that throw: those would have to lie to it.
std::span<const AbsentGlobal> AbsentGlobals();

// Adds to an uncaught exception that it comes from an absent global, or from a
// method of the platform's objects that is not built, in the message and in the
// first line of `stack`; others stay as they are.
void ExplainAbsence(std::string_view name, std::string& message,
                    std::string& stack);

// Whether `specifier` may mean a module of Node: "node:fs", "fs".
bool MayBeNodeModule(std::string_view specifier);

// Why a Worker may import modules of Node that its author never wrote, and what
// to do; empty where the version has no flag that makes wrangler add them.
// Source: Workers documentation, "Node.js compatibility".
std::string NodeCompatNote(const registry::Version& version);

}  // namespace caravel::runtime

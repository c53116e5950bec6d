#pragma once

// Marks a parameter (or, behind a member function, `this`) whose storage the
// returned view points into: the view is dead once that storage is.
#define CARAVEL_LIFETIME_BOUND [[clang::lifetimebound]]

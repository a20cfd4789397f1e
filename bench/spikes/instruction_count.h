#pragma once
// Counts the instructions of a piece of work by stepping through it, one after another.

#include <functional>
#include <vector>

namespace spikes {

/// Instructions of each of `calls` calls of `work`, in a process of its own, with `before` (not counted) run in front of each.
/// Empty where the machine cannot step through a process (not Linux on x86-64, or forbidden by a sandbox); `why` then says so.
std::vector<long> count_instructions(int calls, const std::function<void(int call)>& before, const std::function<void()>& work,
                                     const char*& why);

}  // namespace spikes

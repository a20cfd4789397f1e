#include "schedule/parts.h"

#include <algorithm>

#include "base/index.h"
#include "ir/touched.h"

namespace dgen::schedule {

namespace {

constexpr std::size_t most_kernels = 512;  ///< of a module: all their pairs are looked at

/// Which kernel waits for which, and how they group.
class Grouping {
 public:
  explicit Grouping(const ir::Module& module) : module_(module) {
    for (std::size_t k = 0; k < module.kernels.size(); ++k) {
      if (module.kernels[k].when != ir::When::block) continue;
      kernels_.push_back(static_cast<int>(k));
      touched_.push_back(ir::touched_by(module.kernels[k]));
    }
    const std::size_t n = kernels_.size();
    before_.assign(n, std::vector<bool>(n));
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = a + 1; b < n; ++b) relate(a, b);
    }
    reaches_ = before_;
    for (std::size_t via = 0; via < n; ++via) {
      for (std::size_t a = 0; a < n; ++a) {
        if (!reaches_[a][via]) continue;
        for (std::size_t b = 0; b < n; ++b) reaches_[a][b] = reaches_[a][b] || reaches_[via][b];
      }
    }
  }

  std::vector<Part> parts() {
    std::vector<bool> placed(kernels_.size());
    std::vector<std::vector<std::size_t>> groups;
    while (std::ranges::find(placed, false) != placed.end()) groups.push_back(next_group(placed));
    std::vector<Part> made;
    for (const auto& group : groups) made.push_back(part_of(group, groups));
    return made;
  }

 private:
  const ir::Buffer& buffer(int k) const { return module_.buffers[at(k)]; }

  /// Scratch buffers may share bytes.
  bool overlap(int a, int b) const {
    if (a == b) return true;
    const ir::Buffer &x = buffer(a), &y = buffer(b);
    if (x.space != ir::Space::scratch || y.space != ir::Space::scratch) return false;
    const auto end = [](const ir::Buffer& z) { return z.offset + (z.size + ir::padding) * ir::bytes(z.scalar); };
    return x.offset < end(y) && y.offset < end(x);
  }

  void relate(std::size_t a, std::size_t b) {
    const auto meet = [&](const std::set<int>& xs, const std::set<int>& ys) {
      for (const int x : xs) {
        for (const int y : ys) {
          if (!overlap(x, y)) continue;
          before_[a][b] = true;
          if (buffer(x).space != ir::Space::scratch) before_[b][a] = true;
        }
      }
    };
    meet(touched_[a].written, touched_[b].read);
    meet(touched_[a].written, touched_[b].written);
    meet(touched_[a].read, touched_[b].written);
  }

  bool together(std::size_t a, std::size_t b) const { return a == b || (reaches_[a][b] && reaches_[b][a]); }

  /// The first kernel that waits for none that is left, with those of its group.
  std::vector<std::size_t> next_group(std::vector<bool>& placed) const {
    for (std::size_t k = 0; k < kernels_.size(); ++k) {
      if (placed[k]) continue;
      bool waits = false;
      for (std::size_t other = 0; other < kernels_.size(); ++other)
        waits = waits || (!placed[other] && reaches_[other][k] && !together(other, k));
      if (waits) continue;
      std::vector<std::size_t> group;
      for (std::size_t other = 0; other < kernels_.size(); ++other) {
        if (!together(other, k)) continue;
        group.push_back(other);
        placed[other] = true;
      }
      return group;
    }
    return {};
  }

  Part part_of(const std::vector<std::size_t>& group, const std::vector<std::vector<std::size_t>>& groups) const {
    Part part;
    for (const std::size_t k : group) {
      part.kernels.push_back(kernels_[k]);
      for (const int read : touched_[k].read) {
        if (buffer(read).space == ir::Space::input) part.inputs.insert(buffer(read).channel);
      }
      for (const int written : touched_[k].written) {
        const ir::Buffer& to = buffer(written);
        if (to.space == ir::Space::output) part.outputs.insert(to.channel);
        // A vector that reaches behind the last of rows of one element is written over by the next sub-block.
        part.remembers = part.remembers || to.space == ir::Space::state ||
                         (to.space == ir::Space::output && to.hop > 0 && to.stride < ir::padding);
      }
    }
    for (std::size_t g = 0; g < groups.size() && &groups[g] != &group; ++g) {
      const bool needed = std::ranges::any_of(groups[g], [&](std::size_t other) {
        return std::ranges::any_of(group, [&](std::size_t own) { return before_[other][own]; });
      });
      if (needed) part.needs.push_back(static_cast<int>(g));
    }
    return part;
  }

  const ir::Module& module_;
  std::vector<int> kernels_;                ///< those of sub-blocks
  std::vector<ir::Touched> touched_;        ///< of each
  std::vector<std::vector<bool>> before_;   ///< [a][b]: b waits for a, of this sub-block or of the one before
  std::vector<std::vector<bool>> reaches_;  ///< the same over any number of kernels
};

}  // namespace

std::vector<Part> parts_of(const ir::Module& module) {
  if (module.kernels.size() > most_kernels || module.latest >= 0) return {};
  return Grouping(module).parts();
}

std::vector<std::string> explain_parts(const ir::Module& module, const std::vector<Part>& parts) {
  if (module.kernels.size() > most_kernels)
    return {"one part, as a patch of more than " + std::to_string(most_kernels) + " stages is not looked at for more"};
  if (module.latest >= 0) return {"one part, as times of delays cut all sub-blocks on the way"};
  std::vector<std::string> lines;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const Part& part = parts[p];
    std::string line = "part " + std::to_string(p) + ": ";
    for (const int kernel : part.kernels)
      line +=
          (kernel == part.kernels[0] ? "stage " : ", stage ") + std::to_string(kernel) + " " + module.kernels[at(kernel)].name;
    if (part.kernels.size() > 1) line += ", which keep states together";
    line += part.remembers ? "; remembers the past, so one sub-block after another"
                           : "; knows no past, so several sub-blocks at once";
    for (const int need : part.needs) line += (need == part.needs[0] ? "; behind part " : ", ") + std::to_string(need);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace dgen::schedule

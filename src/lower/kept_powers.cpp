#include "lower/kept_powers.h"

namespace dgen::lower {

namespace {

constexpr std::size_t most_kept = 20;  ///< vectors: those of one loop of two states; AVX-512 has 32 registers
constexpr int least_in_turn = 4;       ///< scans that fill each other's waiting: a step waits 8 cycles, and there are 4

std::size_t vectors_of(const ScanBuffers& scan) { return scan.state.size() * scan.state.size() * (scan_steps + 1); }

}  // namespace

KeptPowers::KeptPowers(const Graph& g, const schedule::Stage& stage, const Buffers& buffers, ir::Builder& builder)
    : buffers_(buffers), b_(builder) {
  std::map<int, int> users;  // by buffer of powers
  int loops = 0;
  for (const int id : stage.nodes) {
    if (g[id].op->kind != Kind::recur) continue;
    ++loops;
    const auto scan = buffers.scan.find(id);
    if (scan == buffers.scan.end() || scan->second.blocks < 0) continue;
    ++users[scan->second.blocks];
    if (scan->second.state.size() == 1) ++scans_;
  }
  std::size_t vectors = 0;
  for (const auto& [recur, scan] : buffers.scan) {
    const auto found = users.find(scan.blocks);
    if (found == users.end() || kept_.contains(scan.blocks)) continue;
    const bool pays = loops == 1 || found->second > 1;
    if (!pays || vectors + vectors_of(scan) > most_kept) continue;
    vectors += vectors_of(scan);
    kept_.insert(scan.blocks);
  }
}

const ScanPowers* KeptPowers::of(int recur) {
  const ScanBuffers& scan = buffers_.scan.at(recur);
  if (!kept_.contains(scan.blocks)) return nullptr;
  const auto [known, fresh] = read_.try_emplace(scan.blocks);
  if (fresh) known->second = read_powers(b_, scan.blocks, scan.state.size() * scan.state.size());
  return &known->second;
}

bool KeptPowers::joins_carry(int recur) const {
  const ScanBuffers& scan = buffers_.scan.at(recur);
  return scan.blocks >= 0 && scan.state.size() == 1 && scans_ >= least_in_turn;
}

}  // namespace dgen::lower

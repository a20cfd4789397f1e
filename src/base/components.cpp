#include "base/components.h"

#include <algorithm>

namespace dgen {

namespace {

class Search {
 public:
  Search(int count, const std::function<const std::vector<int>&(int)>& edges)
      : edges_(edges), index_(static_cast<std::size_t>(count), -1), low_(index_),
        on_stack_(static_cast<std::size_t>(count), false) {}

  void visit(int root) {
    if (index_[at(root)] >= 0) return;
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const std::vector<int>& next = edges_(frame.node);
      if (frame.edge < next.size()) {
        follow(frame.node, next[frame.edge++]);
      } else {
        leave(frame.node);
      }
    }
  }

  std::vector<std::vector<int>> found;

 private:
  struct Frame {
    int node;
    std::size_t edge = 0;
  };
  static std::size_t at(int node) { return static_cast<std::size_t>(node); }

  void enter(int node) {
    index_[at(node)] = low_[at(node)] = counter_++;
    stack_.push_back(node);
    on_stack_[at(node)] = true;
    frames_.push_back({node});
  }

  void follow(int from, int to) {
    if (index_[at(to)] < 0) {
      enter(to);
    } else if (on_stack_[at(to)]) {
      low_[at(from)] = std::min(low_[at(from)], index_[at(to)]);
    }
  }

  void leave(int node) {
    frames_.pop_back();
    if (!frames_.empty()) low_[at(frames_.back().node)] = std::min(low_[at(frames_.back().node)], low_[at(node)]);
    if (low_[at(node)] != index_[at(node)]) return;
    std::vector<int> component;
    do {
      component.push_back(stack_.back());
      on_stack_[at(stack_.back())] = false;
      stack_.pop_back();
    } while (component.back() != node);
    std::sort(component.begin(), component.end());
    found.push_back(std::move(component));
  }

  const std::function<const std::vector<int>&(int)>& edges_;
  std::vector<int> index_, low_;
  std::vector<bool> on_stack_;
  std::vector<int> stack_;
  std::vector<Frame> frames_;
  int counter_ = 0;
};

}  // namespace

std::vector<std::vector<int>> strong_components(int count, const std::vector<int>& roots,
                                                const std::function<const std::vector<int>&(int)>& edges) {
  Search search(count, edges);
  for (const int root : roots) search.visit(root);
  return std::move(search.found);
}

}  // namespace dgen

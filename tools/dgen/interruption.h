#pragma once
// Ctrl-C in the middle of long work.

namespace dgen::tool {

/// While it lives, Ctrl-C and termination ask for an end after the step at hand; the second one ends the program. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  bool asked() const;

 private:
  void (*before_int_)(int);
  void (*before_term_)(int);
};

}  // namespace dgen::tool

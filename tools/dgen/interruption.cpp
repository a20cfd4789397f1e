#include "dgen/interruption.h"

#include <csignal>

namespace dgen::tool {

namespace {

volatile std::sig_atomic_t stop_asked = 0;

void ask(int signal) {
  stop_asked = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

Interruption::Interruption() {
  stop_asked = 0;
  before_int_ = std::signal(SIGINT, ask);
  before_term_ = std::signal(SIGTERM, ask);
}

Interruption::~Interruption() {
  std::signal(SIGINT, before_int_);
  std::signal(SIGTERM, before_term_);
}

bool Interruption::asked() const { return stop_asked != 0; }

}  // namespace dgen::tool

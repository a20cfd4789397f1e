// Loops over values with shapes in which elements do not meet: a work item takes one element through the frames.

#include "base/index.h"
#include "lower/access.h"
#include "lower/device_element_loop.h"
#include "lower/device_kernel.h"

namespace dgen::lower {

using ir::Value;

void DeviceKernel::write_row_loops() {
  each_loop([this](int recur) {
    element_ = item_;
    const auto given = [&](int k) { return of(g_[recur].inputs[at(k)]); };
    prepare(recur);
    go_to(whole(builder_, 0));
    ElementLoop loop(g_, recur, buffers_, builder_, item_);
    loop.begin(position_, backward_, given);
    builder_.loop(whole(builder_, 0), frames_, false, [&](Value i) {
      go_to(i);
      set_results(recur, loop.tick(given));
      store_tick();
    });
    loop.end();
  });
}

}  // namespace dgen::lower

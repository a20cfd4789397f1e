#pragma once
// Short rows of control clock are computed in double, as numbers are: phases and coefficients of voices are made of them.

#include "schedule/schedule.h"

namespace dgen::schedule {

/// Whether a stage of control rows is only pointwise work on rows of one length, short enough to take element after element.
bool runs_in_double(const Graph& graph, const Stage& stage);

}  // namespace dgen::schedule

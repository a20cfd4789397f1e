#pragma once
// What the gen~ names with states, and those that work on tables, expand into. gen_names.cpp says which name is which.

#include "lang/gen_names.h"

namespace dgen::lang {

using Values = std::vector<Signal>;

// gen_states.cpp
Values change_of(GenCall& c);
Values delta_of(GenCall& c);
Values dc_block(GenCall& c);
Values latch_of(GenCall& c);
Values sample_and_hold(GenCall& c);
Values slide_to(GenCall& c);
Values running_sum(GenCall& c);
Values running_product(GenCall& c);
Values counter_of(GenCall& c);
Values phasor_of(GenCall& c);
Values cycle_of(GenCall& c);
Values triangle_of(GenCall& c);
Values train_of(GenCall& c);
Values rate_of(GenCall& c);
Values phase_wrap(GenCall& c);
Values delay_of(GenCall& c);

// gen_tables.cpp
Values peek_at(GenCall& c);
Values nearest_to(GenCall& c);
Values sample_at(GenCall& c);
Values lookup_of(GenCall& c);
Values wave_of(GenCall& c);
Values poke_at(GenCall& c);
Values splat_at(GenCall& c);

}  // namespace dgen::lang

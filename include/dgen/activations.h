#pragma once
// Functions between the layers of networks. Records in src/ops/activations.cpp (of single numbers) and
// src/dsp/activations.cpp (made of other ops).

#include "dgen/declare.h"

#define DGEN_ACTIVATION_OPS(op) op(sigmoid) op(softplus)
#define DGEN_NETWORK_OPS(op) op(relu) op(gelu) op(softmax) op(log_softmax) op(layer_norm)

namespace dgen {

DGEN_ACTIVATION_OPS(DGEN_DECLARE_OP)
DGEN_NETWORK_OPS(DGEN_DECLARE_OP)

}  // namespace dgen

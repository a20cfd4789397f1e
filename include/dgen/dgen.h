#pragma once
// All of DGen's compiler: graphs, ops, patch text, compilation, running. Sound files are in dgen/audio.h.

#include "dgen/compare.h"
#include "dgen/dsp.h"
#include "dgen/error.h"
#include "dgen/export_c.h"
#include "dgen/gradient.h"
#include "dgen/graph.h"
#include "dgen/inspect.h"
#include "dgen/interpreter.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/op.h"
#include "dgen/patch.h"
#include "dgen/program.h"
#include "dgen/segment.h"
#include "dgen/time.h"
#include "dgen/train.h"

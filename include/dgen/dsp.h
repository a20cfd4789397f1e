#pragma once
// The composites: functions that build graph out of primitives. Records and expansions in src/dsp/.

#include "dgen/conversions.h"
#include "dgen/shapes.h"

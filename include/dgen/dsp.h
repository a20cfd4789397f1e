#pragma once
// The composites: functions that build graph out of primitives. Records and expansions in src/dsp/.

#include "dgen/control.h"
#include "dgen/conversions.h"
#include "dgen/delays.h"
#include "dgen/dynamics.h"
#include "dgen/filters.h"
#include "dgen/memory.h"
#include "dgen/oscillators.h"
#include "dgen/shapes.h"

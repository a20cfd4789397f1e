#pragma once
// Programs whose host work runs on the device, too: by one work item, in double.

#include "lower/device.h"

namespace dgen::lower {

/// Whether the device can do what the host does: it is in scalars, or can be, and no block's length depends on a parameter.
bool can_be_resident(const DeviceLowered& lowered);

/// Makes the host's launches the device's. The host writes only the buffers in `uniforms`: parameters, sample rate, origins.
/// Before memory is planned.
void make_resident(DeviceLowered& lowered);

/// Whether `resident_numbers` can be made of it: none of its code moves elements of vectors to other places.
bool can_be_resident(const Lowered& numbers);

/// A program of control values alone, as `lower` makes it, all of whose kernels run when a parameter changed.
DeviceLowered resident_numbers(const Lowered& lowered);

}  // namespace dgen::lower

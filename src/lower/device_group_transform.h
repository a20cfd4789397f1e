#pragma once
// Fourier transforms whose passes stay in the memory of a group: numbers go from memory of the device into registers, through the
// group's memory from pass to pass, and back. Real numbers are transformed as half as many complex ones. Source: Govindaraju et
// al. 2008, High performance discrete Fourier transforms on graphics processors, 4.1.

#include "lower/device_transform.h"
#include "lower/group_transform.h"

namespace dgen::lower {

/// The kernel of a stage of one transform.
class DeviceGroupTransformKernel : public DeviceTransformKernel {
 public:
  DeviceGroupTransformKernel(const schedule::DeviceSchedule& schedule, const schedule::DeviceStage& stage, DeviceBuffers& buffers,
                             ir::Module& module, std::string name);
  /// Some work items a transform, one transform or several a group.
  void write();

 private:
  using Numbers = std::vector<Complex>;
  /// The butterflies of a pass that a work item has, one every `threads`: which, and whether there is such a one.
  struct Mine {
    ir::Value number;
    ir::Value exists;  ///< a mask; no builder: always
  };
  void go_to_transform();
  std::vector<Mine> mine(std::int64_t all);
  void if_exists(const Mine& one, const std::function<void()>& body);
  void if_wanted(const Mine& one, const std::function<void()>& body);
  void write_pass(std::size_t pass, std::int64_t run);
  void write_one();
  Numbers read(std::size_t pass, std::int64_t run, ir::Value butterfly);
  Complex first_number(ir::Value k);
  Complex bin(ir::Value k, ir::Value real);
  ir::Value place(ir::Value k);
  Complex shared(ir::Value k);
  void share(ir::Value k, const Complex& z);
  void last_number(ir::Value k, const Complex& z);
  void write_bins();

  const int fft_;
  const std::int64_t n_;
  const Transform kind_;
  const GroupTransform plan_;
  int re_ = -1, im_ = -1;  ///< of the group
  ir::Value thread_{};     ///< among those of its transform
  ir::Value first_{};      ///< of its transform, in the memory of the group
  ir::Value transform_{};  ///< of the tick
  ir::Value wanted_{};     ///< a mask: the group's transforms may be more than there are
};

}  // namespace dgen::lower

#pragma once
// Matrix products by tiles in the memory of a group. Every sum goes through the inner axis in order. Source: Kirk, Hwu,
// Programming Massively Parallel Processors, 2010, chapter 6.

#include "lower/device.h"
#include "lower/device_kernel.h"
#include "schedule/product_tiles.h"

namespace dgen::lower {

/// The kernel of a stage of one product. Items of a group are the elements of a tile of the result; rows are its columns of tiles
/// and, where the rows of ticks stand below each other, its matrices.
class DeviceProductKernel : public DeviceKernel {
 public:
  DeviceProductKernel(const schedule::DeviceSchedule& schedule, const schedule::DeviceStage& stage, DeviceBuffers& buffers,
                      ir::Module& module, std::string name);
  void write();
  /// How it is launched, but for the kernel.
  static Launch launch(const schedule::Product& product, std::int32_t hop);

 private:
  /// A place in a tile: of this work item, as it lies in memory or turned.
  struct Place {
    ir::Value row, column;
  };
  void go_to_tile();
  Place place(bool turned) const { return turned ? Place{x_, y_} : Place{y_, x_}; }
  ir::Value rows();
  ir::Value go_to_row(ir::Value row);
  ir::Value tile_element(ir::Value row, ir::Value column);
  ir::Value matrix_place(const std::vector<std::int64_t>& which, std::int64_t elements);
  void share(int tile, const Place& at, ir::Value inside, int operand, ir::Value place);
  void store(ir::Value row, ir::Value exists, ir::Value sum);

  const int product_;
  const schedule::Product plan_;
  int left_ = -1, right_ = -1;  ///< tiles of the group
  ir::Value x_{}, y_{};         ///< column and row of this work item in the tile
  ir::Value first_row_{}, first_column_{}, matrix_{};
};

}  // namespace dgen::lower

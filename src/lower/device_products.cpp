#include "lower/device_products.h"

#include "base/index.h"
#include "lower/access.h"
#include "lower/divided.h"

namespace dgen::lower {

using ir::Value;
using schedule::Product;

DeviceProductKernel::DeviceProductKernel(const schedule::DeviceSchedule& schedule, const schedule::DeviceStage& stage,
                                         DeviceBuffers& buffers, ir::Module& module, std::string name)
    : DeviceKernel(schedule, stage, buffers, module, std::move(name),
                   schedule::tiled_product(*schedule.control.graph, stage.nodes.back(), schedule.group)->group()),
      product_(stage.nodes.back()), plan_(*schedule::tiled_product(g_, product_, schedule.group)) {
  left_ = buffers.add_shared("left_tile" + std::to_string(product_), plan_.tile_elements());
  right_ = buffers.add_shared("right_tile" + std::to_string(product_), plan_.tile_elements());
  const std::string side = std::to_string(plan_.side);
  function_.why = "a matrix product by tiles of " + side + " by " + side + " in the memory of a group" +
                  (plan_.ticks_together ? ", the rows of all ticks below each other" : "");
}

Launch DeviceProductKernel::launch(const Product& p, std::int32_t hop) {
  const auto columns = static_cast<int>(p.tiles(p.columns));
  Launch made{.grid = Grid::ticks, .rows = columns, .hop = hop, .group = p.group()};
  if (p.ticks_together)
    made.rows *= static_cast<int>(p.matrices), made.elements = p.rows, made.each = p.side;
  else
    made.elements = p.matrices * p.tiles(p.rows);
  return made;
}

void DeviceProductKernel::write() {
  go_to_tile();
  const Value all = rows(), to = first_row_ + y_;
  const Place left = place(plan_.left_turned), right = place(plan_.right_turned);
  const Value row = first_row_ + left.row, column = first_column_ + right.column;
  const Value row_exists = row < all, column_exists = column < whole(builder_, plan_.columns);
  const Value i = go_to_row(ir::select(row_exists, row, whole(builder_, 0)));
  const Value from_left = matrix_place(plan_.left, plan_.rows * plan_.inner);
  const Value from_right = matrix_place(plan_.right, plan_.inner * plan_.columns);
  const Value inner = whole(builder_, plan_.inner);
  const ir::Local sum = builder_.local("sum", number(0));
  builder_.loop(whole(builder_, 0), whole(builder_, plan_.tiles(plan_.inner)), false, [&](Value tile) {
    const Value first = tile * whole(builder_, plan_.side);
    const Value left_k = first + left.column, right_k = first + right.row;
    const Value in_left = plan_.left_turned ? left_k * whole(builder_, plan_.rows) + i : i * inner + left_k;
    const Value in_right = plan_.right_turned ? column * inner + right_k : right_k * whole(builder_, plan_.columns) + column;
    share(left_, left, row_exists & (left_k < inner), g_[product_].inputs[0], from_left + in_left);
    share(right_, right, column_exists & (right_k < inner), g_[product_].inputs[1], from_right + in_right);
    builder_.barrier();
    Value total = sum.get();
    for (std::int64_t k = 0; k < plan_.side; ++k) {
      const Value at_k = whole(builder_, k);
      total = total + builder_.load(left_, tile_element(y_, at_k), false) * builder_.load(right_, tile_element(at_k, x_), false);
    }
    sum.set(total);
    builder_.barrier();
  });
  store(to, to < all, sum.get());
}

void DeviceProductKernel::go_to_tile() {
  const Value side = whole(builder_, plan_.side);
  const std::int64_t columns = plan_.tiles(plan_.columns);
  y_ = divided(builder_, thread(), plan_.side), x_ = thread() - y_ * side;
  if (plan_.ticks_together) {
    matrix_ = divided(builder_, row_, columns);
    first_column_ = (row_ - matrix_ * whole(builder_, columns)) * side;
    first_row_ = group() * side;
    return;
  }
  const std::int64_t of_matrix = plan_.tiles(plan_.rows);
  const Value tick = divided(builder_, group(), plan_.matrices * of_matrix);
  const Value tile = group() - tick * whole(builder_, plan_.matrices * of_matrix);
  matrix_ = divided(builder_, tile, of_matrix);
  first_column_ = row_ * side;
  first_row_ = (tile - matrix_ * whole(builder_, of_matrix)) * side;
  go_to_tick(tick);
}

Value DeviceProductKernel::rows() {
  return plan_.ticks_together ? tick_count() * whole(builder_, plan_.rows) : whole(builder_, plan_.rows);
}

/// The row of a tick that a row of the tiles is; goes to the tick where those of many stand below each other.
Value DeviceProductKernel::go_to_row(Value row) {
  if (!plan_.ticks_together) return row;
  const Value tick = divided(builder_, row, plan_.rows);
  go_to_tick(tick);
  return row - tick * whole(builder_, plan_.rows);
}

Value DeviceProductKernel::tile_element(Value row, Value column) { return row * whole(builder_, plan_.side + 1) + column; }

Value DeviceProductKernel::matrix_place(const std::vector<std::int64_t>& which, std::int64_t elements) {
  if (which.size() == 1) return whole(builder_, which[0] * elements);
  std::vector<std::int64_t> places;
  for (const std::int64_t k : which) places.push_back(k * elements);
  return builder_.load(buffers_.index_table(places), matrix_, false);
}

/// Behind the edges of a matrix there are zeros.
void DeviceProductKernel::share(int tile, const Place& at, Value inside, int operand, Value place) {
  const Value read = element(operand, ir::select(inside, place, whole(builder_, 0)));
  builder_.store(tile, tile_element(at.row, at.column), select(inside, read, 0.0));
}

void DeviceProductKernel::store(Value row, Value exists, Value sum) {
  const Value column = first_column_ + x_;
  builder_.branch(exists & (column < whole(builder_, plan_.columns)), [&] {
    const Value i = go_to_row(row);
    const Value matrix = matrix_ * whole(builder_, plan_.rows * plan_.columns);
    store_element(product_, matrix + i * whole(builder_, plan_.columns) + column, sum);
  });
}

}  // namespace dgen::lower

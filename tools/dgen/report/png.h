#pragma once
// Pictures as PNG files, through libpng.

#include <cstdint>
#include <string>
#include <vector>

namespace dgen::report {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
};

/// A picture of up to 256 colours.
struct Picture {
  int width = 0;   ///< pixels
  int height = 0;  ///< pixels
  std::vector<Colour> colours{};
  std::vector<std::uint8_t> pixels{};  ///< [row][column], from the upper left: which colour
};

/// The bytes of a PNG file. Throws `Error` bad_value where libpng refuses the picture.
std::string png_bytes(const Picture& picture);

}  // namespace dgen::report

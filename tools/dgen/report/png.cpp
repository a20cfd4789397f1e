#include "dgen/report/png.h"

#include <png.h>

#include "dgen/error.h"

namespace dgen::report {

std::string png_bytes(const Picture& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_RGB_COLORMAP;
  image.colormap_entries = static_cast<png_uint_32>(picture.colours.size());
  std::vector<png_byte> colours;
  for (const Colour& colour : picture.colours) colours.insert(colours.end(), {colour.red, colour.green, colour.blue});
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t size = bytes.size();
  if (!png_image_write_to_memory(&image, bytes.data(), &size, 0, picture.pixels.data(), 0, colours.data()))
    throw Error(ErrorCode::bad_value, std::string("cannot make a picture: ") + image.message);
  bytes.resize(size);
  return bytes;
}

}  // namespace dgen::report

#pragma once
// A file in memory that libsndfile reads and writes, so that the disk is touched in one place with its own errors.

#include <sndfile.h>

#include <string>

namespace dgen::audio {

struct MemoryFile {
  std::string bytes{};
  sf_count_t position = 0;
};

/// libsndfile's door to a `MemoryFile`, its user data.
SF_VIRTUAL_IO memory_io();

}  // namespace dgen::audio

#include "audio/memory_file.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace dgen::audio {

namespace {

MemoryFile& memory(void* user) { return *static_cast<MemoryFile*>(user); }

sf_count_t length(void* user) { return static_cast<sf_count_t>(memory(user).bytes.size()); }

sf_count_t tell(void* user) { return memory(user).position; }

sf_count_t seek(sf_count_t offset, int whence, void* user) {
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? tell(user) : length(user);
  if (offset > 0 && base > SF_COUNT_MAX - offset) return -1;
  if (base + offset < 0) return -1;
  return memory(user).position = base + offset;
}

sf_count_t read(void* to, sf_count_t count, void* user) {
  MemoryFile& file = memory(user);
  const sf_count_t given = std::clamp<sf_count_t>(length(user) - file.position, 0, std::max<sf_count_t>(count, 0));
  if (given == 0) return 0;
  std::memcpy(to, file.bytes.data() + file.position, static_cast<std::size_t>(given));
  file.position += given;
  return given;
}

sf_count_t write(const void* from, sf_count_t count, void* user) {
  MemoryFile& file = memory(user);
  if (count <= 0) return 0;
  const std::size_t end = static_cast<std::size_t>(file.position + count);
  if (file.bytes.size() < end) file.bytes.resize(end);
  std::memcpy(file.bytes.data() + file.position, from, static_cast<std::size_t>(count));
  file.position += count;
  return count;
}

}  // namespace

SF_VIRTUAL_IO memory_io() { return {.get_filelen = length, .seek = seek, .read = read, .write = write, .tell = tell}; }

}  // namespace dgen::audio

#include "engine/cpu_cache.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <vector>

#include "base/hash.h"
#include "base/private_folder.h"
#include "dgen/error.h"

namespace dgen::engine {

namespace fs = std::filesystem;

namespace {

// A seal behind the library's own bytes tells a whole file from a truncated or damaged one; loading such a file could
// end the process. Loaders ignore what stands behind the sections they map.
constexpr std::string_view seal_mark = "\ndgen seal 1 ";

std::string seal_of(std::string_view contents) { return std::string(seal_mark) + base::to_hex(base::hash(contents)) + "\n"; }

std::optional<std::string> read_all(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

bool is_whole(std::string_view contents) {
  const std::size_t seal_size = seal_of({}).size();
  if (contents.size() <= seal_size) return false;
  const std::size_t body = contents.size() - seal_size;
  return contents.substr(body) == seal_of(contents.substr(0, body));
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

fs::path default_folder() {
  if (const std::string named = environment("DGEN_CACHE"); !named.empty()) return named;
  if (const std::string base = environment("XDG_CACHE_HOME"); !base.empty()) return fs::path(base) / "dgen";
  if (const std::string home = environment("HOME"); !home.empty()) return fs::path(home) / ".cache" / "dgen";
  return {};
}

fs::path entry(const fs::path& folder, const std::string& key) { return folder / (key + ".so"); }

}  // namespace

CpuCache::CpuCache(const std::string& wanted) : folder_(wanted.empty() ? default_folder() : fs::path(wanted)) {
  if (!folder_.empty()) {
    std::error_code ignored;
    folder_ = fs::absolute(folder_, ignored);
    switch (base::make_private_folder(folder_)) {
      case base::Privacy::usable: return;
      case base::Privacy::unwritable: break;
      case base::Privacy::foreign:
        throw Error(ErrorCode::file_unwritable, "the cache folder " + folder_.string() +
                                                    " belongs to another user, or others may write to it. Compiled code in "
                                                    "it is not to be trusted: chmod 700 it, or choose another with DGEN_CACHE.");
    }
  }
  folder_ = base::make_temporary_folder("dgen");
  temporary_ = true;
}

CpuCache::~CpuCache() {
  std::error_code ignored;
  if (!temporary_) return;
  for (const fs::directory_entry& file : fs::directory_iterator(folder_, ignored)) {
    if (file.path().extension() != ".c") fs::remove(file.path(), ignored);  // a source that failed is kept to be read
  }
  fs::remove(folder_, ignored);  // stays where it holds such a source
}

std::unique_ptr<base::DynamicLibrary> CpuCache::find(const std::string& key) const {
  const fs::path file = entry(folder_, key);
  const std::optional<std::string> contents = read_all(file);
  if (!contents) return nullptr;
  std::error_code ignored;
  if (is_whole(*contents)) {
    try {
      auto library = std::make_unique<base::DynamicLibrary>(file);
      fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);  // for `trim`
      return library;
    } catch (const Error&) {
      // Whole, but not for this machine's loader: made again like a damaged one.
    }
  }
  fs::remove(file, ignored);
  return nullptr;
}

fs::path CpuCache::fresh_file(const std::string& key) const {
  static std::atomic<unsigned> count{0};
  std::random_device random;
  return folder_ / ("making-" + key.substr(0, 16) + "-" + std::to_string(random()) + "-" + std::to_string(count++) + ".tmp");
}

std::unique_ptr<base::DynamicLibrary> CpuCache::keep(const std::string& key, const fs::path& file) const {
  const std::optional<std::string> contents = read_all(file);
  if (!contents) throw Error(ErrorCode::file_unreadable, "cannot read " + file.string() + ", which the C compiler wrote");
  std::ofstream(file, std::ios::binary | std::ios::app) << seal_of(*contents);
  auto library = std::make_unique<base::DynamicLibrary>(file);
  std::error_code failed;
  fs::rename(file, entry(folder_, key), failed);
  if (failed) fs::remove(file, failed);
  return library;
}

void CpuCache::trim(std::uint64_t bytes) const {
  struct File {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t size;
  };
  std::vector<File> files;
  std::uint64_t total = 0;
  const auto now = fs::file_time_type::clock::now();
  std::error_code failed;
  for (const fs::directory_entry& found : fs::directory_iterator(folder_, failed)) {
    const File file{found.path(), found.last_write_time(failed), found.file_size(failed)};
    if (failed) continue;
    const std::string kind = file.path.extension().string();
    if (kind == ".tmp" && now - file.used > std::chrono::hours(1)) fs::remove(file.path, failed);
    if (kind != ".so" && kind != ".c") continue;
    files.push_back(file);
    total += file.size;
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.used < b.used; });
  for (const File& file : files) {
    if (total <= bytes) return;
    if (fs::remove(file.path, failed)) total -= file.size;
  }
}

std::uint64_t cache_limit_bytes() {
  const std::string text = environment("DGEN_CACHE_MB");
  char* end = nullptr;
  const unsigned long long megabytes = std::strtoull(text.c_str(), &end, 10);
  const bool given = !text.empty() && *end == '\0';
  return (given ? megabytes : 1024ull) << 20;
}

}  // namespace dgen::engine

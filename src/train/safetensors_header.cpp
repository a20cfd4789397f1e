#include "train/safetensors_header.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "dgen/error.h"

namespace dgen::train {

namespace {

void append_utf8(std::uint32_t code, std::string& text) {
  const auto byte = [&](std::uint32_t value) { text += static_cast<char>(value); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) return byte(0xc0 | code >> 6), byte(0x80 | (code & 63));
  if (code < 0x10000) return byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 63)), byte(0x80 | (code & 63));
  byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 63)), byte(0x80 | (code >> 6 & 63)), byte(0x80 | (code & 63));
}

/// As much of JSON as such headers hold.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<StoredTensor> header() {
    std::vector<StoredTensor> tensors;
    members([&](std::string name) {
      if (name == "__metadata__") return members([this](const std::string&) { string(); });
      const auto same = [&](const StoredTensor& t) { return t.name == name; };
      if (std::any_of(tensors.begin(), tensors.end(), same)) refuse("there are two tensors '" + name + "'");
      tensors.push_back(tensor(std::move(name)));
    });
    space();
    if (at_ != text_.size()) refuse("there is more behind the header's last brace");
    return tensors;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::file_malformed, what + " (byte " + std::to_string(at_) + " of its header)");
  }

  void space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(char c) {
    space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) refuse(std::string("a '") + c + "' is missing");
  }

  void members(const std::function<void(std::string)>& member) {
    expect('{');
    if (take('}')) return;
    do {
      std::string name = string();
      expect(':');
      member(std::move(name));
    } while (take(','));
    expect('}');
  }

  StoredTensor tensor(std::string name) {
    StoredTensor made{.name = std::move(name)};
    std::array<bool, 3> seen{};
    const auto once = [&](std::size_t k, const std::string& key) {
      if (std::exchange(seen[k], true)) refuse("tensor '" + made.name + "' has '" + key + "' twice");
    };
    members([&](const std::string& key) {
      if (key == "dtype") return once(0, key), void(made.type = string());
      if (key == "shape") return once(1, key), void(made.shape = numbers());
      if (key != "data_offsets") refuse("tensor '" + made.name + "' has a member '" + key + "'");
      once(2, key);
      const std::vector<std::uint64_t> offsets = numbers();
      if (offsets.size() != 2) refuse("the data_offsets of tensor '" + made.name + "' are not two numbers");
      made.begin = offsets[0], made.end = offsets[1];
    });
    if (!seen[0] || !seen[1] || !seen[2]) refuse("tensor '" + made.name + "' lacks its dtype, shape or data_offsets");
    return made;
  }

  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> list;
    expect('[');
    if (take(']')) return list;
    do list.push_back(number());
    while (take(','));
    expect(']');
    return list;
  }

  std::uint64_t number() {
    space();
    const std::size_t first = at_;
    std::uint64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (value > (std::uint64_t{1} << 59)) refuse("a number is too large");
      value = value * 10 + static_cast<std::uint64_t>(text_[at_] - '0');
    }
    if (at_ == first) refuse("a whole number from 0 on is missing");
    return value;
  }

  std::string string() {
    expect('"');
    std::string made;
    for (;;) {
      if (at_ >= text_.size()) refuse("a text does not end");
      const char c = text_[at_++];
      if (c == '"') return made;
      if (static_cast<unsigned char>(c) < 0x20) refuse("a text holds a control character");
      if (c == '\\') {
        escape(made);
      } else {
        made += c;
      }
    }
  }

  void escape(std::string& text) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (at_ >= text_.size()) refuse("a text does not end");
    const char c = text_[at_++];
    if (const std::size_t k = letters.find(c); k != std::string_view::npos) return void(text += meanings[k]);
    if (c != 'u') refuse(std::string("'\\") + c + "' means nothing in a text");
    std::uint32_t code = unit();
    if (code >= 0xd800 && code < 0xdc00) {  // the first half of a character outside the basic plane
      if (text_.substr(at_, 2) != "\\u") refuse("half a character in a text");
      at_ += 2;
      const std::uint32_t low = unit();
      if (low < 0xdc00 || low > 0xdfff) refuse("half a character in a text");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
      refuse("half a character in a text");
    }
    append_utf8(code, text);
  }

  std::uint32_t unit() {
    std::uint32_t code = 0;
    for (int digit = 0; digit < 4; ++digit) {
      const char c = at_ < text_.size() ? text_[at_++] : ' ';
      const bool number = c >= '0' && c <= '9', lower = c >= 'a' && c <= 'f', upper = c >= 'A' && c <= 'F';
      if (!number && !lower && !upper) refuse("four hexadecimal digits are missing");
      code = code * 16 + static_cast<std::uint32_t>(number ? c - '0' : lower ? c - 'a' + 10 : c - 'A' + 10);
    }
    return code;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string made = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      made += {'\\', c};
    } else if (code < 0x20) {
      made += std::string("\\u00") + digits[code >> 4] + digits[code & 15];
    } else {
      made += c;
    }
  }
  return made + "\"";
}

}  // namespace

std::vector<StoredTensor> parse_safetensors_header(std::string_view json) { return Reader(json).header(); }

std::string safetensors_header(const std::vector<StoredTensor>& tensors) {
  std::string text = "{";
  for (const StoredTensor& t : tensors) {
    std::string shape;
    for (const std::uint64_t extent : t.shape) shape += (shape.empty() ? "" : ",") + std::to_string(extent);
    text += (text.size() > 1 ? "," : "") + quoted(t.name) + ":{\"dtype\":" + quoted(t.type) + ",\"shape\":[" + shape +
            "],\"data_offsets\":[" + std::to_string(t.begin) + "," + std::to_string(t.end) + "]}";
  }
  text += "}";
  return text.append((8 - text.size() % 8) % 8, ' ');  // data begin at a multiple of 8 bytes
}

}  // namespace dgen::train

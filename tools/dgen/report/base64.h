#pragma once
// Bytes as text, for data URIs.

#include <string>
#include <string_view>

namespace dgen::report {

/// Source: RFC 4648, section 4.
std::string base64(std::string_view bytes);

}  // namespace dgen::report

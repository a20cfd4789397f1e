#include "render/prelude.h"

#include <map>
#include <set>

#include "dgen/error.h"
#include "render/text.h"

namespace dgen::render {

namespace {

using ir::Scalar;

struct Instance {
  const Helper* helper = nullptr;
  ir::Type type{};
};

std::string helper_word(const Dialect& dialect, ir::Type type, std::string_view name) {
  const Scalar s = type.scalar;
  const bool eight = ir::bytes(s) == 8;
  const auto twin = [&](Scalar other) { return std::string(type_name(dialect, {other, type.wide})); };
  if (name == "t") return std::string(type_code(dialect, type));
  if (name == "type") return std::string(type_name(dialect, type));
  if (name == "element") return std::string(dialect.types[static_cast<std::size_t>(s)].memory);
  if (name == "mask") return twin(mask_twin(s));
  if (name == "signed") return twin(signed_twin(s));
  if (name == "unsigned") return twin(unsigned_twin(s));
  if (name == "sign") return eight ? "0x8000000000000000u" : "0x80000000u";
  if (name == "exact") return eight ? "0x1p52" : "0x1p23f";
  if (name == "f") return eight ? "" : "f";
  if (name == "packed") return eight ? "pd" : "ps";
  if (name == "every") return eight ? "(char)-1" : "(short)-1";
  if (name == "everyu") return eight ? "(uint8_t)-1" : "(short)-1";
  if (name == "bytes") return std::to_string(ir::bytes(s));
  throw InternalError("internal error: a helper of the dialect asks for $" + std::string(name));
}

class Prelude {
 public:
  Prelude(const Dialect& dialect, int lanes) : dialect_(dialect), lanes_(lanes) {
    for (const Helper& helper : dialect.helpers) {
      for (int s = 0; s < 8; ++s) {
        const auto scalar = static_cast<Scalar>(s);
        if (!(helper.scalars & set_of(scalar))) continue;
        const bool any = helper.width == Width::any;
        if (any || helper.width == Width::scalar) add(helper, {scalar, false});
        if (any || helper.width == Width::wide) add(helper, {scalar, true});
        if (helper.width == Width::octet) add(helper, {scalar, false, true});
      }
    }
  }

  void need(std::string_view text) {
    each_identifier(text, [&](std::string_view word) {
      const auto found = instances_.find(word);
      if (found == instances_.end() || !done_.insert(found->first).second) return;
      const Instance instance = found->second;
      const std::string body = expand(instance.helper->text, lanes_, [&](std::string_view name) {
        if (name == "name") return std::string(instance.helper->name);
        if (name == "op") return std::string(instance.helper->op);
        return helper_word(dialect_, instance.type, name);
      });
      need(body);
      text_ += body;
    });
  }

  const std::string& text() const { return text_; }

 private:
  void add(const Helper& helper, ir::Type type) {
    const std::string code(type_code(dialect_, type));
    instances_.try_emplace(helper.name.empty() ? code : std::string(helper.name) + "_" + code, Instance{&helper, type});
  }

  const Dialect& dialect_;
  int lanes_;
  std::map<std::string, Instance, std::less<>> instances_;
  std::set<std::string, std::less<>> done_;
  std::string text_;
};

}  // namespace

std::string prelude(const Dialect& dialect, std::string_view text, int lanes) {
  Prelude needed(dialect, lanes);
  needed.need(text);
  return needed.text();
}

std::string_view type_name(const Dialect& dialect, ir::Type type) {
  const TypeNames& names = dialect.types[static_cast<std::size_t>(type.scalar)];
  return type.octet ? names.octet : type.wide ? names.wide : names.scalar;
}

std::string_view type_code(const Dialect& dialect, ir::Type type) {
  const TypeNames& names = dialect.types[static_cast<std::size_t>(type.scalar)];
  return type.octet ? names.octet : type.wide ? names.wide : names.code;
}

ir::Scalar unsigned_twin(ir::Scalar scalar) { return ir::bytes(scalar) == 8 ? Scalar::u64 : Scalar::u32; }
ir::Scalar signed_twin(ir::Scalar scalar) { return ir::bytes(scalar) == 8 ? Scalar::i64 : Scalar::i32; }
ir::Scalar mask_twin(ir::Scalar scalar) { return ir::bytes(scalar) == 8 ? Scalar::m64 : Scalar::m32; }

}  // namespace dgen::render

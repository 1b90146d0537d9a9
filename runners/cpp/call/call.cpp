#include <bits/stdc++.h>
#line 3 "call.cpp"
#include <fcntl.h>
#include <unistd.h>
#if __cplusplus < 201703L
#error "functions are called in c++17 or later: choose another standard"
#endif
// Calls a function of a program: the call comes on standard input, the answer goes into the file call.result.
// All of this stands before the program, whose macros cannot reach it.
namespace sandbox_call {
struct Mismatch {};
struct Unsupported { const char* name; };
template <class> constexpr bool never = false;

int result_file = -1;

[[noreturn]] void leave(const char* kind, const std::string& text) {
  std::string frame = std::string(kind) + ' ' + std::to_string(text.size()) + '\n' + text;
  for (std::size_t done = 0; done < frame.size();) {
    ssize_t written = ::write(result_file, frame.data() + done, frame.size() - done);
    if (written < 0) _exit(1);
    done += static_cast<std::size_t>(written);
  }
  std::cout.flush();
  std::fflush(nullptr);
  _exit(0);
}

// ---------------------------------------------------------------- what kinds of type there are

template <class T, class = void> struct is_list_node : std::false_type {};
template <class T>
struct is_list_node<T, std::void_t<decltype(T::val), std::enable_if_t<std::is_same_v<decltype(T::next), T*>>>> : std::true_type {};
template <class T, class = void> struct is_tree_node : std::false_type {};
template <class T>
struct is_tree_node<T, std::void_t<decltype(T::val), std::enable_if_t<std::is_same_v<decltype(T::left), T*>>,
                                   std::enable_if_t<std::is_same_v<decltype(T::right), T*>>>> : std::true_type {};
template <class T, class = void> struct is_range : std::false_type {};
template <class T>
struct is_range<T, std::void_t<typename T::value_type, decltype(std::declval<const T&>().begin()), decltype(std::declval<const T&>().end())>>
    : std::true_type {};
template <class T, class = void> struct is_map : std::false_type {};
template <class T> struct is_map<T, std::void_t<typename T::key_type, typename T::mapped_type>> : is_range<T> {};
template <class T> struct is_optional : std::false_type {};
template <class T> struct is_optional<std::optional<T>> : std::true_type {};
template <class T> struct is_array : std::false_type {};
template <class T, std::size_t N> struct is_array<std::array<T, N>> : std::true_type {};
template <class T> struct is_tuple : std::false_type {};
template <class... T> struct is_tuple<std::tuple<T...>> : std::true_type {};
template <class A, class B> struct is_tuple<std::pair<A, B>> : std::true_type {};

// ---------------------------------------------------------------- arguments, read as what the function wants

struct Input {
  std::string text;
  std::size_t at = 0;

  char peek() {
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
    return at < text.size() ? text[at] : '\0';
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at;
    return true;
  }
  void want(char wanted) {
    if (!take(wanted)) throw Mismatch{};
  }
  bool word(const char* wanted) {
    peek();
    std::size_t length = std::strlen(wanted);
    if (text.compare(at, length, wanted) != 0) return false;
    at += length;
    return true;
  }
  std::string number() {
    peek();
    std::size_t from = at;
    while (at < text.size() && std::strchr("+-.eE0123456789", text[at]) && text[at]) ++at;
    if (from == at) throw Mismatch{};
    return text.substr(from, at - from);
  }
  unsigned hexadecimal() {
    unsigned code = static_cast<unsigned>(std::stoul(text.substr(at, 4), nullptr, 16));
    at += 4;
    return code;
  }
  std::string string() {
    want('"');
    std::string made;
    while (at < text.size() && text[at] != '"') {
      char next = text[at++];
      if (next != '\\') {
        made += next;
        continue;
      }
      char escaped = text[at++];
      static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
      if (escaped != 'u') {
        const char* found = std::strchr(from, escaped);
        made += found ? to[found - from] : escaped;
        continue;
      }
      unsigned code = hexadecimal();
      if (code >= 0xD800 && code < 0xDC00 && text.compare(at, 2, "\\u") == 0) {
        at += 2;
        code = 0x10000 + ((code - 0xD800) << 10) + (hexadecimal() - 0xDC00);
      }
      if (code < 0x80) made += static_cast<char>(code);
      else if (code < 0x800) (made += static_cast<char>(0xC0 | code >> 6)) += static_cast<char>(0x80 | (code & 63));
      else if (code < 0x10000)
        ((made += static_cast<char>(0xE0 | code >> 12)) += static_cast<char>(0x80 | (code >> 6 & 63))) += static_cast<char>(0x80 | (code & 63));
      else
        (((made += static_cast<char>(0xF0 | code >> 18)) += static_cast<char>(0x80 | (code >> 12 & 63))) += static_cast<char>(0x80 | (code >> 6 & 63))) += static_cast<char>(0x80 | (code & 63));
    }
    want('"');
    return made;
  }
  template <class Each> void items(char open, char close, Each each) {
    want(open);
    if (take(close)) return;
    do each();
    while (take(','));
    want(close);
  }
};

template <class T> T read(Input& in);

template <class T> T read_integer(const std::string& digits) {
  if (digits.find_first_of(".eE") != std::string::npos) throw Mismatch{};
  errno = 0;
  if constexpr (std::is_unsigned_v<T>) {
    unsigned long long value = std::strtoull(digits.c_str(), nullptr, 10);
    if (errno || digits[0] == '-' || value > std::numeric_limits<T>::max()) throw Mismatch{};
    return static_cast<T>(value);
  } else {
    long long value = std::strtoll(digits.c_str(), nullptr, 10);
    if (errno || value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) throw Mismatch{};
    return static_cast<T>(value);
  }
}

template <class T> T read_key(const std::string& key) {
  if constexpr (std::is_same_v<T, std::string>) return key;
  else if constexpr (std::is_same_v<T, char>) return key.size() == 1 ? key[0] : throw Mismatch{};
  else if constexpr (std::is_integral_v<T>) return read_integer<T>(key);
  else static_assert(never<T>, "keys of this type cannot be read");
}

template <class Node, class Value> Node* new_node(const Value& value) {
  if constexpr (std::is_constructible_v<Node, Value>) return new Node(value);
  else {
    Node* made = new Node();
    made->val = value;
    return made;
  }
}

template <class Node> Node* read_list(Input& in) {
  if (in.word("null")) return nullptr;
  Node *first = nullptr, *last = nullptr;
  in.items('[', ']', [&] {
    Node* made = new_node<Node>(read<std::decay_t<decltype(Node::val)>>(in));
    made->next = nullptr;
    (first ? last->next : first) = made;
    last = made;
  });
  return first;
}

template <class Node> Node* read_tree(Input& in) {
  if (in.word("null")) return nullptr;
  std::vector<Node*> nodes;
  in.items('[', ']', [&] {
    if (in.word("null")) nodes.push_back(nullptr);
    else {
      Node* made = new_node<Node>(read<std::decay_t<decltype(Node::val)>>(in));
      made->left = made->right = nullptr;
      nodes.push_back(made);
    }
  });
  std::size_t child = 1;
  for (std::size_t parent = 0; parent < nodes.size() && child < nodes.size(); ++parent) {
    if (!nodes[parent]) continue;
    nodes[parent]->left = nodes[child++];
    if (child < nodes.size()) nodes[parent]->right = nodes[child++];
  }
  return nodes.empty() ? nullptr : nodes[0];
}

template <class T, std::size_t... I> T read_tuple(Input& in, std::index_sequence<I...>) {
  T made;
  in.want('[');
  ((I ? in.want(',') : void(), std::get<I>(made) = read<std::decay_t<std::tuple_element_t<I, T>>>(in)), ...);
  in.want(']');
  return made;
}

template <class T> T read(Input& in) {
  if constexpr (std::is_same_v<T, bool>) {
    if (in.word("true")) return true;
    if (in.word("false")) return false;
    throw Mismatch{};
  } else if constexpr (std::is_same_v<T, char>) {
    std::string text = in.string();
    if (text.size() != 1) throw Mismatch{};
    return text[0];
  } else if constexpr (std::is_integral_v<T>) {
    return read_integer<T>(in.number());
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(std::strtold(in.number().c_str(), nullptr));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return in.string();
  } else if constexpr (is_optional<T>::value) {
    if (in.word("null")) return T();
    return T(read<typename T::value_type>(in));
  } else if constexpr (is_map<T>::value) {
    T made;
    in.items('{', '}', [&] {
      auto key = read_key<typename T::key_type>(in.string());
      in.want(':');
      made.emplace(std::move(key), read<typename T::mapped_type>(in));
    });
    return made;
  } else if constexpr (is_array<T>::value) {
    T made{};
    std::size_t position = 0;
    in.items('[', ']', [&] {
      if (position == made.size()) throw Mismatch{};
      made[position++] = read<typename T::value_type>(in);
    });
    if (position != made.size()) throw Mismatch{};
    return made;
  } else if constexpr (is_tuple<T>::value) {
    return read_tuple<T>(in, std::make_index_sequence<std::tuple_size_v<T>>());
  } else if constexpr (is_range<T>::value) {
    T made;
    in.items('[', ']', [&] { made.insert(made.end(), read<typename T::value_type>(in)); });
    return made;
  } else if constexpr (std::is_pointer_v<T> && is_list_node<std::remove_pointer_t<T>>::value) {
    return read_list<std::remove_pointer_t<T>>(in);
  } else if constexpr (std::is_pointer_v<T> && is_tree_node<std::remove_pointer_t<T>>::value) {
    return read_tree<std::remove_pointer_t<T>>(in);
  } else {
    static_assert(never<T>, "arguments of this type cannot be read");
  }
}

// ---------------------------------------------------------------- the answer, written as JSON

template <class T> void write(std::string& out, const T& value);

inline void write_text(std::string& out, const std::string& text) {
  out += '"';
  for (unsigned char each : text) {
    if (each == '"' || each == '\\') (out += '\\') += static_cast<char>(each);
    else if (each < 0x20 || each == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", each);
      out += escaped;
    } else out += static_cast<char>(each);
  }
  out += '"';
}

inline void write_float(std::string& out, long double value, int digits) {
  if (std::isnan(value)) out += "{\"$float\": \"nan\"}";
  else if (std::isinf(value)) out += value < 0 ? "{\"$float\": \"-inf\"}" : "{\"$float\": \"inf\"}";
  else {
    char text[64];
    std::snprintf(text, sizeof text, "%.*Lg", digits, value);
    out += text;
    if (!std::strpbrk(text, ".e")) out += ".0";
  }
}

template <class T> std::string written_key(const T& key) {
  if constexpr (std::is_convertible_v<T, std::string>) return key;
  else if constexpr (std::is_same_v<T, char>) return std::string(1, key);
  else if constexpr (std::is_integral_v<T>) return std::to_string(key);
  else throw Unsupported{"map"};
}

template <class T> void write_map(std::string& out, const T& map) {
  bool plain = true;
  for (const auto& entry : map) plain = plain && written_key(entry.first).substr(0, 1) != "$";
  out += plain ? "{" : "{\"$dict\": [";
  bool first = true;
  for (const auto& entry : map) {
    if (!std::exchange(first, false)) out += ", ";
    if (!plain) out += '[';
    write_text(out, written_key(entry.first));
    out += plain ? ": " : ", ";
    write(out, entry.second);
    if (!plain) out += ']';
  }
  out += plain ? "}" : "]}";
}

template <class Node> void write_list(std::string& out, const Node* node) {
  out += '[';
  for (std::size_t seen = 0; node; node = node->next) {
    if (++seen > 10000000) throw Unsupported{"a list of nodes without an end"};
    if (seen > 1) out += ", ";
    write(out, node->val);
  }
  out += ']';
}

template <class Node> void write_tree(std::string& out, const Node* root) {
  std::vector<const Node*> nodes;
  if (root) nodes.push_back(root);
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    if (nodes.size() > 20000000) throw Unsupported{"a tree of nodes without an end"};
    if (!nodes[at]) continue;
    nodes.push_back(nodes[at]->left);
    nodes.push_back(nodes[at]->right);
  }
  while (!nodes.empty() && !nodes.back()) nodes.pop_back();
  out += '[';
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    if (at) out += ", ";
    if (nodes[at]) write(out, nodes[at]->val);
    else out += "null";
  }
  out += ']';
}

template <class T> void write(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::vector<bool>::reference>) out += value ? "true" : "false";
  else if constexpr (std::is_same_v<T, char>) write_text(out, std::string(1, value));
  else if constexpr (std::is_integral_v<T>) out += std::to_string(value);
  else if constexpr (std::is_floating_point_v<T>) write_float(out, value, std::numeric_limits<T>::max_digits10);
  else if constexpr (std::is_convertible_v<T, std::string>) write_text(out, value);
  else if constexpr (std::is_same_v<T, std::nullptr_t> || std::is_same_v<T, std::nullopt_t>) out += "null";
  else if constexpr (is_optional<T>::value) {
    if (value) write(out, *value);
    else out += "null";
  } else if constexpr (is_map<T>::value) write_map(out, value);
  else if constexpr (is_tuple<T>::value) {
    out += '[';
    std::apply(
        [&](const auto&... each) {
          std::size_t position = 0;
          ((out += position++ ? ", " : "", write(out, each)), ...);
        },
        value);
    out += ']';
  } else if constexpr (is_range<T>::value) {
    out += '[';
    bool first = true;
    for (const auto& each : value) {
      if (!std::exchange(first, false)) out += ", ";
      write<typename T::value_type>(out, each);
    }
    out += ']';
  } else if constexpr (std::is_pointer_v<T> && is_list_node<std::remove_cv_t<std::remove_pointer_t<T>>>::value) write_list(out, value);
  else if constexpr (std::is_pointer_v<T> && is_tree_node<std::remove_cv_t<std::remove_pointer_t<T>>>::value) write_tree(out, value);
  else static_assert(never<T>, "answers of this type cannot be written");
}

// ---------------------------------------------------------------- calls

template <class T> T&& passed(std::decay_t<T>& stored) { return static_cast<T&&>(stored); }

template <class R, class... Args, std::size_t... I, class Callee>
[[noreturn]] void call_with(Input& in, Callee callee, std::index_sequence<I...>) {
  std::tuple<std::decay_t<Args>...> given;
  in.want('[');
  ((I ? in.want(',') : void(), std::get<I>(given) = read<std::decay_t<Args>>(in)), ...);
  in.want(']');
  std::string out;
  if constexpr (!std::is_void_v<R>) {
    write<std::decay_t<R>>(out, callee(passed<Args>(std::get<I>(given))...));
  } else if constexpr (sizeof...(Args) > 0) {
    // What answers nothing changes its first argument.
    callee(static_cast<std::conditional_t<std::is_rvalue_reference_v<Args>, Args, std::decay_t<Args>&>>(std::get<I>(given))...);
    write(out, std::get<0>(given));
  } else {
    callee();
    out = "null";
  }
  leave("returned", out);
}

template <class R, class... Args> void call(Input& in, R (*function)(Args...)) {
  call_with<R, Args...>(in, function, std::index_sequence_for<Args...>());
}
template <class Owner, class C, class R, class... Args> void call_method(Input& in, R (C::*method)(Args...)) {
  Owner* made = new Owner();
  call_with<R, Args...>(in, [=](auto&&... args) -> R { return (made->*method)(std::forward<decltype(args)>(args)...); }, std::index_sequence_for<Args...>());
}
template <class Owner, class C, class R, class... Args> void call_method(Input& in, R (C::*method)(Args...) const) {
  Owner* made = new Owner();
  call_with<R, Args...>(in, [=](auto&&... args) -> R { return (made->*method)(std::forward<decltype(args)>(args)...); }, std::index_sequence_for<Args...>());
}
template <class Owner, class R, class... Args> void call_method(Input& in, R (*method)(Args...)) {
  call(in, method);
}

struct Entry {
  Entry(const char* name, void (*call)(Input&)) : name(name), call(call), next(first) { first = this; }
  const char* name;
  void (*call)(Input&);
  Entry* next;
  static inline Entry* first = nullptr;
};

template <class Owner, class Get, class Absent> void find_method(Input& in) {
  if constexpr (std::is_invocable_v<Get, Owner*>) {
    using Method = std::invoke_result_t<Get, Owner*>;
    if constexpr (std::is_member_function_pointer_v<Method> || std::is_function_v<std::remove_pointer_t<Method>>)
      call_method<Owner>(in, Get()(static_cast<Owner*>(nullptr)));
  } else {
    static_assert(std::is_invocable_v<Get, Absent*>, "the function is overloaded or a template: which one is meant cannot be known");
  }
}

int serve() {
  result_file = ::open("call.result", O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
  if (result_file < 0) return 1;
  Input in;
  char block[1 << 16];
  for (ssize_t size; (size = ::read(0, block, sizeof block)) > 0;) in.text.append(block, static_cast<std::size_t>(size));
  in.want('{');
  in.string();
  in.want(':');
  std::string wanted = in.string();
  in.want(',');
  in.string();
  in.want(':');
  for (Entry* entry = Entry::first; entry; entry = entry->next) {
    if (wanted != entry->name) continue;
    try {
      entry->call(in);
    } catch (const Mismatch&) {
      std::cerr << "the arguments do not fit " << wanted << "\n";
    } catch (const Unsupported& value) {
      leave("unsupported", value.name);
    }
  }
  leave("missing", wanted);
}
}  // namespace sandbox_call

#define SANDBOX_FUNCTION(number, text, name) \
  static void sandbox_call_##number(sandbox_call::Input& in) { sandbox_call::call(in, &::name); } \
  static sandbox_call::Entry sandbox_entry_##number(text, &sandbox_call_##number);
#define SANDBOX_METHOD(number, text, owner, name) \
  namespace sandbox_call_##number { \
  struct Fallback { int name; }; \
  struct Absent : ::owner, Fallback {}; \
  struct Get { template <class S> auto operator()(S*) const -> decltype(&S::name) { return &S::name; } }; \
  } \
  static sandbox_call::Entry sandbox_entry_##number( \
      text, &sandbox_call::find_method<::owner, sandbox_call_##number::Get, sandbox_call_##number::Absent>);

int main() { return sandbox_call::serve(); }
#define main main_of_the_program
using namespace std;
@BEFORE@
#line 1 "main.cpp"
@PROGRAM@
#line 1 "call.cpp"
@CALLS@

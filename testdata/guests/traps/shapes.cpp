// What C++ makes of names: methods, templates and namespaces, some of them inlined.
#include "traps.h"

namespace shapes {

template <class T>
struct stack {
  T items[4];
  int n;

  inline __attribute__((always_inline)) T top() const {
    if (n > 1) __builtin_trap();
    return items[n];
  }

  __attribute__((noinline)) T area(int scale) const { return top() * scale; }
};

class picture {
 public:
  explicit picture(int n) : shapes_{{1, 2, 3, 4}, n} {}
  __attribute__((noinline)) int draw(const char *title) { return shapes_.area(title[0]); }

 private:
  stack<int> shapes_;
};

}  // namespace shapes

int traps_cplusplus(int n) {
  shapes::picture p(n);
  return p.draw("title");
}

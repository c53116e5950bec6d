/* Draws a part of the Mandelbrot set with characters. */

enum { kMaxBytes = 1 << 16, kIterations = 200 };

static char bytes[kMaxBytes];

/* Where render() has put its picture. */
char* picture(void) { return bytes; }

static int iterations_until_escape(double re, double im) {
  double x = 0, y = 0;
  for (int n = 0; n < kIterations; n++) {
    double next = x * x - y * y + re;
    y = 2 * x * y + im;
    x = next;
    if (x * x + y * y > 4) return n;
  }
  return kIterations;
}

/* Writes `rows` lines of `columns` characters around (re, im), `width` across
   the whole line. Returns the number of bytes, 0 when they would not fit. */
int render(int columns, int rows, double re, double im, double width) {
  static const char shades[] = " .:-=+*%@#";
  if (columns < 1 || rows < 1 || columns >= kMaxBytes || rows >= kMaxBytes ||
      (columns + 1) * (long long)rows > kMaxBytes) {
    return 0;
  }
  const double step = width / columns;
  char* out = bytes;
  for (int row = 0; row < rows; row++) {
    /* A character is about twice as high as it is wide. */
    const double y = im + (row - (rows - 1) / 2.0) * step * 2;
    for (int column = 0; column < columns; column++) {
      const double x = re + (column - (columns - 1) / 2.0) * step;
      const int n = iterations_until_escape(x, y);
      *out++ = n == kIterations ? '#' : shades[n % 9];
    }
    *out++ = '\n';
  }
  return (int)(out - bytes);
}

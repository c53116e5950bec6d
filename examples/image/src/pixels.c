/* What takes time in making a PNG smaller. Rows of pixels have one byte in front,
   the row's filter (PNG, Third Edition, section 9); a pixel has 3 bytes (RGB) or 4
   (RGBA). The caller keeps the memory. */

typedef unsigned char byte;

static int distance(int a, int b) { return a < b ? b - a : a - b; }

/* Section 9.4. */
static int paeth(int left, int up, int corner) {
  const int guess = left + up - corner;
  const int to_left = distance(guess, left);
  const int to_up = distance(guess, up);
  const int to_corner = distance(guess, corner);
  if (to_left <= to_up && to_left <= to_corner) return left;
  return to_up <= to_corner ? up : corner;
}

/* Makes the rows plain, in place. Returns 0 when a filter is unknown. */
int unfilter(byte* rows, int width, int height, int channels) {
  const int bytes = width * channels;
  for (int y = 0; y < height; y++) {
    byte* row = rows + (long)y * (bytes + 1) + 1;
    const byte* above = y > 0 ? row - bytes - 1 : 0;
    const int filter = row[-1];
    if (filter > 4) return 0;
    for (int i = 0; i < bytes; i++) {
      const int left = i >= channels ? row[i - channels] : 0;
      const int up = above ? above[i] : 0;
      const int corner = above && i >= channels ? above[i - channels] : 0;
      switch (filter) {
        case 1: row[i] += left; break;
        case 2: row[i] += up; break;
        case 3: row[i] += (left + up) / 2; break;
        case 4: row[i] += paeth(left, up, corner); break;
      }
    }
    row[-1] = 0;
  }
  return 1;
}

/* Each pixel of `out` is the mean of those that it stands for; in `grey`, its
   luminance (ITU-R BT.601). Needs: the new sides are not larger than the old. */
void shrink(const byte* rows, int width, int height, int channels, byte* out,
            int new_width, int new_height, int grey) {
  const long stride = (long)width * channels + 1;
  for (int y = 0; y < new_height; y++) {
    const int top = (long long)y * height / new_height;
    const int bottom = (long long)(y + 1) * height / new_height;
    *out++ = 0;
    for (int x = 0; x < new_width; x++) {
      const int first = (long long)x * width / new_width;
      const int last = (long long)(x + 1) * width / new_width;
      /* Colours count by their opacity: what nobody sees has none. */
      unsigned long long sum[3] = {0, 0, 0}, weight = 0;
      for (int from_y = top; from_y < bottom; from_y++) {
        const byte* pixel = rows + from_y * stride + 1 + (long)first * channels;
        for (int from_x = first; from_x < last; from_x++, pixel += channels) {
          const unsigned opacity = channels == 4 ? pixel[3] : 255;
          for (int i = 0; i < 3; i++) sum[i] += pixel[i] * opacity;
          weight += opacity;
        }
      }
      byte mean[3] = {0, 0, 0};
      if (weight > 0) {
        for (int i = 0; i < 3; i++) mean[i] = (sum[i] + weight / 2) / weight;
      }
      if (grey) {
        const int light = (299 * mean[0] + 587 * mean[1] + 114 * mean[2] + 500) / 1000;
        mean[0] = mean[1] = mean[2] = light;
      }
      for (int i = 0; i < 3; i++) *out++ = mean[i];
      if (channels == 4) *out++ = weight / ((long)(bottom - top) * (last - first));
    }
  }
}

/* PNG, Third Edition, annex D. `crc` is 0, or that of what stands in front. */
unsigned crc32(const byte* bytes, int count, unsigned crc) {
  crc = ~crc;
  for (int i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
  }
  return ~crc;
}

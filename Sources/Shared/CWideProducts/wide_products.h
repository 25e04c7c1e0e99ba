// SPDX-License-Identifier: Apache-2.0
// Products by panels of sixteen columns with AVX-512, where the CPU has it: Swift compiles a module for one CPU, C a function
// for another. Each element is one chain of fused additions over k in ascending order, as in PackedMatrix.swift, so a CPU with
// AVX-512 and one without give the same bits.
#pragma once

#if defined(__x86_64__)

typedef float cwide_float16 __attribute__((ext_vector_type(16), aligned(4)));

#define CWIDE_INLINE static __attribute__((target("avx512f"), always_inline)) inline

/// c ← start + a·b for `rows` rows and `panels` panels, both constants at each call, so that all sums stay in registers: for each
/// k the lines of b first, then a row's factor and its sums, or LLVM keeps all factors at hand and has no register left.
///
/// a is [rows, inner] with `width` floats from row to row; where `is_turned` [inner, rows] with `width` floats from k to k.
/// b has `b_panel` floats from a panel of sixteen columns to the next, `b_row` from k to k.
CWIDE_INLINE void cwide_block(
    const int rows, const int panels, const int is_turned, const float *a, long width, long inner, const float *b,
    long b_panel, long b_row, float *c, long columns, const float *start, long stride) {
  cwide_float16 sums[24];
#pragma clang loop unroll(full)
  for (int row = 0; row < rows; row++)
#pragma clang loop unroll(full)
    for (int panel = 0; panel < panels; panel++)
      sums[row * panels + panel] = *(const cwide_float16 *)(start + row * stride + 16 * panel);
  for (long k = 0; k < inner; k++) {
    cwide_float16 lines[8];
#pragma clang loop unroll(full)
    for (int panel = 0; panel < panels; panel++)
      lines[panel] = *(const cwide_float16 *)(b + panel * b_panel + k * b_row);
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) {
      const cwide_float16 factor = (cwide_float16)(is_turned ? a[k * width + row] : a[row * width + k]);
#pragma clang loop unroll(full)
      for (int panel = 0; panel < panels; panel++)
        sums[row * panels + panel] = __builtin_elementwise_fma(factor, lines[panel], sums[row * panels + panel]);
    }
  }
#pragma clang loop unroll(full)
  for (int row = 0; row < rows; row++)
#pragma clang loop unroll(full)
    for (int panel = 0; panel < panels; panel++)
      *(cwide_float16 *)(c + row * columns + 16 * panel) = sums[row * panels + panel];
}

/// All rows of `panels` panels: they stay in the first cache while the rows go by.
CWIDE_INLINE void cwide_sweep(
    const int panels, const int is_turned, const float *a, long width, long rows, long inner, const float *b,
    long b_panel, long b_row, float *c, long columns, const float *start, long stride) {
#define CWIDE_ROWS(count)                                                                                  \
  for (; rows >= count; rows -= count) {                                                                   \
    cwide_block(count, panels, is_turned, a, width, inner, b, b_panel, b_row, c, columns, start, stride);  \
    a += is_turned ? count : count * width, c += count * columns, start += count * stride;                 \
  }
  CWIDE_ROWS(12)
  CWIDE_ROWS(8)
  CWIDE_ROWS(4)
  CWIDE_ROWS(2)
  CWIDE_ROWS(1)
#undef CWIDE_ROWS
}

CWIDE_INLINE void cwide_all(
    const int is_turned, const float *a, long width, long rows, long inner, const float *b, long b_panel, long b_row,
    long panel_count, float *c, long columns, const float *start, long stride) {
  // So many rows at a time that theirs of a and c stay in the nearer caches, and their pages in the table of pages.
  const long chunk = 72;
  for (long first = 0; first < rows; first += chunk) {
    const long count = rows - first < chunk ? rows - first : chunk;
    const float *own = a + (is_turned ? first : first * width);
    const float *panel = b;
    float *target = c + first * columns;
    const float *from = start + first * stride;
    long panels = panel_count;
    for (; panels >= 2; panels -= 2) {
      cwide_sweep(2, is_turned, own, width, count, inner, panel, b_panel, b_row, target, columns, from, stride);
      panel += 2 * b_panel, target += 2 * 16, from += 2 * 16;
    }
    if (panels == 1)
      cwide_sweep(1, is_turned, own, width, count, inner, panel, b_panel, b_row, target, columns, from, stride);
  }
}

/// c ← start + a·b over the `columns / 16` whole panels of b; a [rows, inner], c [rows, columns], start with `stride` floats
/// from row to row.
static __attribute__((target("avx512f"))) void cwide_product(
    const float *a, long rows, long inner, const float *b, float *c, long columns, const float *start, long stride) {
  const long size = 16 * inner;
  long panels = columns / 16;
  if (rows > 1) return cwide_all(0, a, inner, rows, inner, b, size, 16, panels, c, columns, start, stride);
  // Eight sums in flight hide the latency that two would show.
  for (; panels >= 8; panels -= 8) {
    cwide_block(1, 8, 0, a, inner, inner, b, size, 16, c, columns, start, stride);
    b += 8 * size, c += 8 * 16, start += 8 * 16;
  }
  for (; panels >= 4; panels -= 4) {
    cwide_block(1, 4, 0, a, inner, inner, b, size, 16, c, columns, start, stride);
    b += 4 * size, c += 4 * 16, start += 4 * 16;
  }
  for (; panels >= 1; panels--) {
    cwide_block(1, 1, 0, a, inner, inner, b, size, 16, c, columns, start, stride);
    b += size, c += 16, start += 16;
  }
}

/// c ← c + aᵀ·b over `panels` panels of b, which has `b_panel` floats from one to the next and `b_row` from k to k; a
/// [inner, rows], c with `columns` floats from row to row.
static __attribute__((target("avx512f"))) void cwide_turned_product(
    const float *a, long rows, long inner, const float *b, long b_panel, long b_row, long panels, float *c,
    long columns) {
  cwide_all(1, a, rows, rows, inner, b, b_panel, b_row, panels, c, columns, c, columns);
}

/// Whether this CPU and its system run `cwide_product`.
static inline int cwide_is_supported(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") != 0;
}

#else

static inline void cwide_product(
    const float *a, long rows, long inner, const float *b, float *c, long columns, const float *start, long stride) {}

static inline void cwide_turned_product(
    const float *a, long rows, long inner, const float *b, long b_panel, long b_row, long panels, float *c,
    long columns) {}

static inline int cwide_is_supported(void) { return 0; }

#endif

// SPDX-License-Identifier: Apache-2.0
// Products by panels of sixteen columns with AVX-512, where the CPU has it: Swift compiles a module for one CPU, C a function
// for another. Each element is one chain of fused additions over k in ascending order, as in PackedMatrix.swift, so a CPU with
// AVX-512 and one without give the same bits.
#pragma once

#if defined(__x86_64__)

typedef float cwide_float16 __attribute__((ext_vector_type(16), aligned(4)));

#define CWIDE_INLINE static __attribute__((target("avx512f"), always_inline)) inline

/// c ← start + a·b for `rows` rows and `panels` panels, both constants at each call, so that all sums stay in registers.
CWIDE_INLINE void cwide_block(
    const int rows, const int panels, const float *a, long inner, const float *b, float *c, long columns,
    const float *start, long stride) {
  cwide_float16 sums[24];
#pragma clang loop unroll(full)
  for (int row = 0; row < rows; row++)
#pragma clang loop unroll(full)
    for (int panel = 0; panel < panels; panel++)
      sums[row * panels + panel] = *(const cwide_float16 *)(start + row * stride + 16 * panel);
  for (long k = 0; k < inner; k++) {
#pragma clang loop unroll(full)
    for (int panel = 0; panel < panels; panel++) {
      const cwide_float16 line = *(const cwide_float16 *)(b + panel * 16 * inner + 16 * k);
#pragma clang loop unroll(full)
      for (int row = 0; row < rows; row++)
        sums[row * panels + panel] =
            __builtin_elementwise_fma((cwide_float16)a[row * inner + k], line, sums[row * panels + panel]);
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
    const int panels, const float *a, long rows, long inner, const float *b, float *c, long columns,
    const float *start, long stride) {
#define CWIDE_ROWS(count)                                                              \
  for (; rows >= count; rows -= count) {                                                     \
    cwide_block(count, panels, a, inner, b, c, columns, start, stride);           \
    a += count * inner, c += count * columns, start += count * stride;                       \
  }
  CWIDE_ROWS(12)
  CWIDE_ROWS(8)
  CWIDE_ROWS(4)
  CWIDE_ROWS(2)
  CWIDE_ROWS(1)
#undef CWIDE_ROWS
}

/// c ← start + a·b over the `columns / 16` whole panels of b; a [rows, inner], c [rows, columns], start with `stride` floats
/// from row to row.
static __attribute__((target("avx512f"))) void cwide_product(
    const float *a, long rows, long inner, const float *b, float *c, long columns, const float *start, long stride) {
  long panels = columns / 16;
  if (rows == 1) {
    // Eight sums in flight hide the latency that two would show.
    for (; panels >= 8; panels -= 8) {
      cwide_block(1, 8, a, inner, b, c, columns, start, stride);
      b += 8 * 16 * inner, c += 8 * 16, start += 8 * 16;
    }
    for (; panels >= 4; panels -= 4) {
      cwide_block(1, 4, a, inner, b, c, columns, start, stride);
      b += 4 * 16 * inner, c += 4 * 16, start += 4 * 16;
    }
  }
  for (; panels >= 2; panels -= 2) {
    cwide_sweep(2, a, rows, inner, b, c, columns, start, stride);
    b += 2 * 16 * inner, c += 2 * 16, start += 2 * 16;
  }
  if (panels == 1) cwide_sweep(1, a, rows, inner, b, c, columns, start, stride);
}

/// Whether this CPU and its system run `cwide_product`.
static inline int cwide_is_supported(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") != 0;
}

#else

static inline void cwide_product(
    const float *a, long rows, long inner, const float *b, float *c, long columns, const float *start, long stride) {}

static inline int cwide_is_supported(void) { return 0; }

#endif

// SPDX-License-Identifier: Apache-2.0
// One step of the LSTM over a mini-batch, elementwise, with AVX-512: CellKernels.swift and Exponentials.swift in their order of
// operations, fused where they fuse and nowhere else, so a CPU with AVX-512 and one without give the same bits.
#pragma once

#include "wide_products.h"

#if defined(__x86_64__)

typedef unsigned cwide_bits16 __attribute__((ext_vector_type(16)));
typedef float cwide_plain16 __attribute__((ext_vector_type(16)));

/// Lanes first, first + 1, … below count.
CWIDE_INLINE unsigned short cwide_mask(long first, long count) {
  return count - first >= 16 ? 0xFFFF : (unsigned short)((1u << (count - first)) - 1);
}

CWIDE_INLINE cwide_plain16 cwide_load(const float *values, unsigned short mask) {
  return __builtin_ia32_loadups512_mask(values, (cwide_plain16)0.0f, mask);
}

CWIDE_INLINE void cwide_store(float *values, cwide_plain16 value, unsigned short mask) {
  __builtin_ia32_storeups512_mask(values, value, mask);
}

CWIDE_INLINE cwide_plain16 cwide_fma(cwide_plain16 a, cwide_plain16 b, cwide_plain16 c) {
  return __builtin_elementwise_fma(a, b, c);
}

/// `exponentialParts` of Exponentials.swift: 2ⁿ in `power`, eʳ − 1 returned.
CWIDE_INLINE cwide_plain16 cwide_exponential_parts(cwide_plain16 x, cwide_plain16 *power) {
#pragma clang fp contract(off)
  const cwide_plain16 magic = 12582912.0f;
  const cwide_plain16 shifted = cwide_fma(x, 1.44269504f, magic);
  const cwide_plain16 n = shifted - magic;
  const cwide_plain16 r = cwide_fma(n, -1.42860677e-6f, cwide_fma(n, -0.693145752f, x));
  cwide_plain16 q = 0.0013882511f;
  q = cwide_fma(q, r, 0.0083665475f);
  q = cwide_fma(q, r, 0.0416672008f);
  q = cwide_fma(q, r, 0.1666654342f);
  q = cwide_fma(q, r, 0.4999999815f);
  *power = (cwide_plain16)(((cwide_bits16)shifted << 23) + 0x3F800000u);
  return cwide_fma(r * r, q, r);
}

CWIDE_INLINE cwide_plain16 cwide_sigmoid(cwide_plain16 x) {
#pragma clang fp contract(off)
  const cwide_plain16 low = -87.0f, high = 87.0f;
  x = x < low ? low : x;
  x = x > high ? high : x;
  cwide_plain16 power;
  const cwide_plain16 less_one = cwide_exponential_parts(-x, &power);
  return 1.0f / cwide_fma(power, less_one, power + 1.0f);
}

CWIDE_INLINE cwide_plain16 cwide_tanh(cwide_plain16 x) {
#pragma clang fp contract(off)
  const cwide_bits16 sign = 0x80000000u;
  const cwide_plain16 low = -9.1f;
  const cwide_plain16 negative = (cwide_plain16)((cwide_bits16)x | sign);
  const cwide_plain16 half = negative < low ? low : negative;
  cwide_plain16 power;
  const cwide_plain16 less_one = cwide_exponential_parts(half + half, &power);
  const cwide_plain16 quotient =
      cwide_fma(power, less_one, power - 1.0f) / cwide_fma(power, less_one, power + 1.0f);
  return (cwide_plain16)((cwide_bits16)quotient ^ (~(cwide_bits16)x & sign));
}

/// `CellStep.forward`; `shortened` and `fading` are null without decay.
static __attribute__((target("avx512f"))) void cwide_cell_forward(
    long rows, long count, float *gates, float *memory_before, float *squashed, float *shortened, const float *fading,
    float *memory, float *hidden, float *output, long output_stride) {
#pragma clang fp contract(off)
  for (long row = 0; row < rows; row++) {
    for (long k = 0; k < count; k += 16) {
      const unsigned short mask = cwide_mask(k, count);
      float *own = gates + row * 4 * count + k;
      const long place = row * count + k;
      const cwide_plain16 i = cwide_sigmoid(cwide_load(own, mask));
      const cwide_plain16 f = cwide_sigmoid(cwide_load(own + count, mask));
      const cwide_plain16 g = cwide_tanh(cwide_load(own + 2 * count, mask));
      const cwide_plain16 o = cwide_sigmoid(cwide_load(own + 3 * count, mask));
      const cwide_plain16 before = cwide_load(memory + place, mask);
      cwide_plain16 kept = before;
      if (shortened) {
        const cwide_plain16 s = cwide_tanh(cwide_load(shortened + place, mask));
        cwide_store(shortened + place, s, mask);
        kept = before - cwide_load(fading + place, mask) * s;
      }
      const cwide_plain16 after = cwide_fma(f, kept, i * g);
      const cwide_plain16 squash = cwide_tanh(after);
      const cwide_plain16 result = o * squash;
      cwide_store(own, i, mask);
      cwide_store(own + count, f, mask);
      cwide_store(own + 2 * count, g, mask);
      cwide_store(own + 3 * count, o, mask);
      cwide_store(memory_before + place, before, mask);
      cwide_store(memory + place, after, mask);
      cwide_store(squashed + place, squash, mask);
      cwide_store(hidden + place, result, mask);
      cwide_store(output + row * output_stride + k, result, mask);
    }
  }
}

/// `CellStep.backward`; `shortened` and `fading` are null without decay.
static __attribute__((target("avx512f"))) void cwide_cell_backward(
    long rows, long count, float *gates, const float *memory_before, const float *squashed, float *shortened,
    float *fading, const float *output_slopes, long output_stride, const float *hidden_slopes, float *memory_slopes) {
#pragma clang fp contract(off)
  const cwide_plain16 one = 1.0f;
  for (long row = 0; row < rows; row++) {
    for (long k = 0; k < count; k += 16) {
      const unsigned short mask = cwide_mask(k, count);
      float *own = gates + row * 4 * count + k;
      const long place = row * count + k;
      const cwide_plain16 i = cwide_load(own, mask), f = cwide_load(own + count, mask);
      const cwide_plain16 g = cwide_load(own + 2 * count, mask), o = cwide_load(own + 3 * count, mask);
      const cwide_plain16 squash = cwide_load(squashed + place, mask);
      const cwide_plain16 before = cwide_load(memory_before + place, mask);
      const cwide_plain16 opened =
          (cwide_load(output_slopes + row * output_stride + k, mask) + cwide_load(hidden_slopes + place, mask)) * o;
      const cwide_plain16 slope =
          cwide_fma(opened, one - squash * squash, cwide_load(memory_slopes + place, mask));
      const cwide_plain16 through_input = slope * i;
      const cwide_plain16 faded = slope * f;
      cwide_plain16 kept = before;
      if (shortened) {
        const cwide_plain16 s = cwide_load(shortened + place, mask), fade = cwide_load(fading + place, mask);
        kept = before - fade * s;
        cwide_store(shortened + place, -fade * faded * (one - s * s), mask);
        cwide_store(fading + place, -faded * s * (one - fade), mask);
      }
      cwide_store(own + 3 * count, opened * squash * (one - o), mask);
      cwide_store(own, through_input * g * (one - i), mask);
      cwide_store(own + 2 * count, through_input * (one - g * g), mask);
      cwide_store(own + count, faded * kept * (one - f), mask);
      cwide_store(memory_slopes + place, faded, mask);
    }
  }
}

/// `Adam.update` without the decay.
static __attribute__((target("avx512f"))) void cwide_adam(
    long count, float *means, float *squares, float *parameters, const float *gradient, float scale, float keep_mean,
    float add_mean, float keep_square, float add_square, float rate, float square_scale, float epsilon) {
#pragma clang fp contract(off)
  for (long k = 0; k < count; k += 16) {
    const unsigned short mask = cwide_mask(k, count);
    const cwide_plain16 slope = scale * cwide_load(gradient + k, mask);
    const cwide_plain16 mean = keep_mean * cwide_load(means + k, mask) + add_mean * slope;
    const cwide_plain16 square = keep_square * cwide_load(squares + k, mask) + add_square * slope * slope;
    cwide_store(means + k, mean, mask);
    cwide_store(squares + k, square, mask);
    const cwide_plain16 size = __builtin_elementwise_sqrt(square * square_scale) + epsilon;
    cwide_store(parameters + k, cwide_load(parameters + k, mask) - rate * mean / size, mask);
  }
}

#else

static inline void cwide_adam(
    long count, float *means, float *squares, float *parameters, const float *gradient, float scale, float keep_mean,
    float add_mean, float keep_square, float add_square, float rate, float square_scale, float epsilon) {}

static inline void cwide_cell_forward(
    long rows, long count, float *gates, float *memory_before, float *squashed, float *shortened, const float *fading,
    float *memory, float *hidden, float *output, long output_stride) {}

static inline void cwide_cell_backward(
    long rows, long count, float *gates, const float *memory_before, const float *squashed, float *shortened,
    float *fading, const float *output_slopes, long output_stride, const float *hidden_slopes, float *memory_slopes) {}

#endif

// SPDX-License-Identifier: Apache-2.0
// Finds the bytes that end a field, 64 at a time: Swift's SIMD types have no instruction that gathers a mask's bits.
#pragma once
#include <stddef.h>
#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Bit i is set where p[i] is a comma, a line feed or a quote. Reads 64 bytes.
static inline __attribute__((always_inline)) uint64_t cseparators_mask(const uint8_t *p) {
#if defined(__SSE2__)
  const __m128i comma = _mm_set1_epi8(','), feed = _mm_set1_epi8('\n'), quote = _mm_set1_epi8('"');
  uint64_t mask = 0;
  for (int part = 0; part < 4; part++) {
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(p + 16 * part));
    const __m128i hits = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, comma), _mm_cmpeq_epi8(bytes, feed)), _mm_cmpeq_epi8(bytes, quote));
    mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(hits) << (16 * part);
  }
  return mask;
#else
  uint64_t mask = 0;
  for (int i = 0; i < 64; i++) {
    mask |= (uint64_t)(p[i] == ',' || p[i] == '\n' || p[i] == '"') << i;
  }
  return mask;
#endif
}

/// How many of the bytes are quotes.
static inline size_t cseparators_quotes(const uint8_t *p, size_t count) {
  size_t quotes = 0;
  for (size_t i = 0; i < count; i++) { quotes += p[i] == '"'; }
  return quotes;
}

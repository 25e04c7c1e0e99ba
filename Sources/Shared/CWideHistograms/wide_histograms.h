// SPDX-License-Identifier: Apache-2.0
// Histograms with AVX-512, where the CPU has it: Swift compiles a module for one CPU, C a function for another.
//
// The split search takes two sibling leaves at once: eight columns of the leaf that was built fill the lower half of each
// vector, the same columns of its sibling the upper half. Each lane does the additions, products and comparisons of
// GroupScan.swift in their order and without contraction, so a CPU with AVX-512 and one without find the same splits.
#pragma once

/// What candidates have to keep; all in the tree's quanta. Each row: eight lanes of the built leaf, eight of its sibling.
typedef struct {
  /// Over all rows of the leaf.
  int gradient_total[16], hessian_total[16];
  int count_min[16], count_max[16], hessian_min[16], hessian_max[16];
  float l1, l2;
  /// In a candidate's code, beside its bin: missing rows go left.
  int missing_left_flag;
} chist_limits;

#if defined(__x86_64__)

typedef int chist_int8 __attribute__((ext_vector_type(8), aligned(4)));
typedef int chist_int16 __attribute__((ext_vector_type(16)));
typedef float chist_float16 __attribute__((ext_vector_type(16)));
typedef long long chist_long8 __attribute__((ext_vector_type(8)));
typedef int chist_loose16 __attribute__((ext_vector_type(16), aligned(4)));
typedef float chist_loose_float16 __attribute__((ext_vector_type(16), aligned(4)));

/// The same as vectors.
typedef struct {
  chist_int16 gradient_total, hessian_total, count_min, count_max, hessian_min, hessian_max;
  float l1, l2;
} chist_bounds;

/// The best candidate of each lane, and −1 in lanes that had one within the limits.
typedef struct {
  chist_float16 scores;
  /// Of the best score: what is below it needs no division to be told.
  chist_float16 bar;
  chist_int16 codes, kept;
} chist_best;

#define CHIST_INLINE static __attribute__((target("avx512f,avx512dq,avx512vl"), always_inline)) inline

/// One line of both leaves; of the built one alone where `sibling` is null.
CHIST_INLINE chist_int16 chist_line(const chist_int8 *built, chist_int8 *sibling, long line) {
  const chist_int8 low = built[line];
  chist_int8 high = 0;
  if (sibling) {
    high = sibling[line] - low;
    sibling[line] = high;
  }
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// The sign bits of the lanes, lane 0 lowest.
CHIST_INLINE int chist_signs(chist_int16 lanes) {
  typedef int plain16 __attribute__((vector_size(64)));
  return __builtin_ia32_cvtd2mask512((plain16)lanes);
}

CHIST_INLINE void chist_consider(
    chist_int16 gradient, chist_int16 hessian, chist_int16 count, int code, const chist_bounds *limits,
    const int has_l1, const int has_l2, chist_best *best) {
#pragma clang fp contract(off)
  const chist_int16 kept = (count >= limits->count_min) & (count <= limits->count_max) & (hessian >= limits->hessian_min) &
                            (hessian <= limits->hessian_max);
  if (!__builtin_reduce_or(kept)) return;
  best->kept |= kept;
  chist_float16 gl = __builtin_convertvector(gradient, chist_float16);
  chist_float16 gr = __builtin_convertvector(limits->gradient_total - gradient, chist_float16);
  if (has_l1) {
    const chist_float16 zero = 0.0f;
    gl = __builtin_elementwise_max(__builtin_elementwise_abs(gl) - limits->l1, zero);
    gr = __builtin_elementwise_max(__builtin_elementwise_abs(gr) - limits->l1, zero);
  }
  chist_float16 dl = __builtin_convertvector(hessian, chist_float16);
  chist_float16 dr = __builtin_convertvector(limits->hessian_total - hessian, chist_float16);
  if (has_l2) {
    dl += limits->l2;
    dr += limits->l2;
  }
  const chist_float16 over = gl * gl * dr + gr * gr * dl;
  const chist_float16 under = dl * dr;
  const chist_int16 leads = kept & (over >= best->bar * under);
  if (!__builtin_reduce_or(leads)) return;
  const chist_float16 scores = over / under;
  const chist_int16 better = leads & (scores > best->scores);
  best->scores = better ? scores : best->scores;
  best->bar = best->scores * 0.999999f;
  best->codes = better ? (chist_int16)code : best->codes;
}

CHIST_INLINE int chist_scan(
    const int *built, int *sibling, const int is_alone, long lines, const chist_limits *limits, const int is_constant,
    const int has_l1, const int has_l2, float *scores, int *codes) {
  const chist_int8 *gradients = (const chist_int8 *)built;
  const chist_int8 *hessians = gradients + lines;
  const chist_int8 *counts = is_constant ? hessians : hessians + lines;
  chist_int8 *sibling_gradients = is_alone ? 0 : (chist_int8 *)sibling;
  chist_int8 *sibling_hessians = is_alone ? 0 : sibling_gradients + lines;
  chist_int8 *sibling_counts = is_alone ? 0 : is_constant ? sibling_hessians : sibling_hessians + lines;
#define CHIST_ROW(name) .name = *(const chist_loose16 *)limits->name
  const chist_bounds kept = {
      CHIST_ROW(gradient_total), CHIST_ROW(hessian_total), CHIST_ROW(count_min), CHIST_ROW(count_max),
      CHIST_ROW(hessian_min), CHIST_ROW(hessian_max), .l1 = limits->l1, .l2 = limits->l2};
#undef CHIST_ROW
  const int missing_left = limits->missing_left_flag;
  chist_best best = {.scores = *(const chist_loose_float16 *)scores};
  best.bar = best.scores * 0.999999f;
  chist_int16 gradient = 0, hessian = 0, count = 0;
  const chist_int16 missing_gradient = chist_line(gradients, sibling_gradients, 0);
  const chist_int16 missing_count = chist_line(counts, sibling_counts, 0);
  const chist_int16 missing_hessian =
      is_constant ? missing_count : chist_line(hessians, sibling_hessians, 0);
  // With nothing missing in a leaf both directions are the same split, and the first is kept.
  const int has_missing = __builtin_reduce_or(missing_count) != 0;
  for (long line = 1; line < lines; line++) {
    gradient += chist_line(gradients, sibling_gradients, line);
    count += chist_line(counts, sibling_counts, line);
    if (!is_constant) hessian += chist_line(hessians, sibling_hessians, line);
    const chist_int16 weight = is_constant ? count : hessian;
    chist_consider(gradient, weight, count, (int)line, &kept, has_l1, has_l2, &best);
    if (has_missing)
      chist_consider(
          gradient + missing_gradient, weight + missing_hessian, count + missing_count,
          (int)line | missing_left, &kept, has_l1, has_l2, &best);
  }
  *(chist_loose_float16 *)scores = best.scores;
  *(chist_loose16 *)codes = best.codes;
  return chist_signs(best.kept);
}

/// Finds the best candidates of one group of columns in the built leaf and, unless `sibling` is null, in its sibling, whose sums
/// it makes on the way: there the parent's come in.
///
/// `built`, `sibling`: planes of `lines` lines of eight sums: gradients, hessians (unless `is_constant`), counts.
/// Adding an l2 of 0 changes nothing, so that variants without it may go without.
///
/// `scores`: in: what a candidate has to exceed, in each lane; out: of the best one, where it does. `codes`: of those.
/// Returns a bit for each lane that has a candidate within the limits.
static __attribute__((target("avx512f,avx512dq,avx512vl"))) int chist_search(
    const int *built, int *sibling, long lines, const chist_limits *limits, int is_constant, float *scores, int *codes) {
#define CHIST_SCAN(is_constant, has_l1, has_l2)                                                                \
  return sibling ? chist_scan(built, sibling, 0, lines, limits, is_constant, has_l1, has_l2, scores, codes) \
                 : chist_scan(built, sibling, 1, lines, limits, is_constant, has_l1, has_l2, scores, codes)
  if (is_constant) {
    if (limits->l1 > 0) CHIST_SCAN(1, 1, 1);
    CHIST_SCAN(1, 0, 1);
  }
  if (limits->l1 > 0) CHIST_SCAN(0, 1, 1);
  if (limits->l2 > 0) CHIST_SCAN(0, 0, 1);
  CHIST_SCAN(0, 0, 0);
#undef CHIST_SCAN
}

/// Moves `lines` lines of eight narrow sums (GradientWord.swift) to a group's planes, added to what is there where `is_added`, and
/// clears them.
static __attribute__((target("avx512f,avx512dq,avx512vl"))) void chist_widen(
    long long *narrow, int *planes, long lines, int is_constant, int is_added) {
  chist_long8 *words = (chist_long8 *)narrow;
  chist_int8 *gradients = (chist_int8 *)planes;
  chist_int8 *hessians = gradients + lines;
  chist_int8 *counts = is_constant ? hessians : hessians + lines;
#define CHIST_PUT(plane, value) plane[line] = is_added ? plane[line] + (value) : (value)
#define CHIST_INTS(value) __builtin_convertvector(value, chist_int8)
  for (long line = 0; line < lines; line++) {
    const chist_long8 word = words[line];
    words[line] = 0;
    if (is_constant) {
      CHIST_PUT(gradients, CHIST_INTS(word >> 32));
      CHIST_PUT(counts, CHIST_INTS(word));
    } else {
      CHIST_PUT(gradients, CHIST_INTS(word >> 38));
      CHIST_PUT(hessians, CHIST_INTS((word >> 12) & 0x3FFFFFF));
      CHIST_PUT(counts, CHIST_INTS(word & 0xFFF));
    }
  }
#undef CHIST_INTS
#undef CHIST_PUT
}

/// For each value 1 + how many of the 256 ascending bounds lie below it, the last of which are +∞; 0 for NaN.
static __attribute__((target("avx512f,avx512dq,avx512vl"))) void chist_bins(
    const float *values, long count, const float *bounds, unsigned char *bins) {
  typedef float plain16 __attribute__((vector_size(64)));
  typedef int places16 __attribute__((vector_size(64)));
  typedef unsigned char bytes16 __attribute__((ext_vector_type(16), aligned(1)));
  for (long first = 0; first < count; first += 16) {
    const unsigned short mask = count - first >= 16 ? 0xFFFF : (unsigned short)((1u << (count - first)) - 1);
    const chist_float16 value = (chist_float16)__builtin_ia32_loadups512_mask(values + first, (plain16){}, mask);
    chist_int16 place = 0;
#pragma clang loop unroll(full)
    for (int half = 128; half > 0; half /= 2) {
      const chist_float16 bound = (chist_float16)__builtin_ia32_gathersiv16sf(
          (plain16){}, bounds + half - 1, (places16)place, (unsigned short)0xFFFF, 4);
      place -= (value > bound) * half;
    }
    const bytes16 found = __builtin_convertvector((place + 1) & (value == value), bytes16);
    if (mask == 0xFFFF)
      *(bytes16 *)(bins + first) = found;
    else
      for (long index = first; index < count; index++) bins[index] = found[index - first];
  }
}

/// Whether this CPU and its system run these.
static inline int chist_is_available(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

#else

static inline int chist_search(
    const int *built, int *sibling, long lines, const chist_limits *limits, int is_constant, float *scores, int *codes) {
  return 0;
}

static inline void chist_widen(long long *narrow, int *planes, long lines, int is_constant, int is_added) {}

static inline void chist_bins(const float *values, long count, const float *bounds, unsigned char *bins) {}

static inline int chist_is_available(void) { return 0; }

#endif

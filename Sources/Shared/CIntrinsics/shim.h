// SPDX-License-Identifier: Apache-2.0
// What Swift cannot say, or says by a call a lane: "fetch this cache line soon", "which instructions does this CPU have",
// integers to floats and "any lane" on whole vectors.
#pragma once

typedef float cintrinsics_float8 __attribute__((ext_vector_type(8)));
typedef int cintrinsics_int8 __attribute__((ext_vector_type(8)));

static inline __attribute__((always_inline)) void cintrinsics_prefetch(const void *address) {
  __builtin_prefetch(address, 0, 3);
}

static inline __attribute__((always_inline)) cintrinsics_float8 cintrinsics_floats(cintrinsics_int8 integers) {
  return __builtin_convertvector(integers, cintrinsics_float8);
}

/// The sign bits of the lanes, lane 0 lowest. Conditions are kept as sign bits: a vector of booleans costs LLVM's code
/// for AVX2 a packing and unpacking each.
static inline __attribute__((always_inline)) int cintrinsics_signs(cintrinsics_int8 lanes) {
#if defined(__AVX__)
  typedef float plain8 __attribute__((vector_size(32)));
  return __builtin_ia32_movmskps256((plain8)lanes);
#else
  const cintrinsics_int8 bits = {1, 2, 4, 8, 16, 32, 64, 128};
  return __builtin_reduce_or((lanes >> 31) & bits);
#endif
}

/// −1 in lanes where a > b; 0 where a is NaN.
static inline __attribute__((always_inline)) cintrinsics_int8 cintrinsics_above(
    cintrinsics_float8 a, cintrinsics_float8 b) {
  return a > b;
}

/// −1 in lanes where not a ≤ b: where a > b, and where a is NaN.
static inline __attribute__((always_inline)) cintrinsics_int8 cintrinsics_not_at_most(
    cintrinsics_float8 a, cintrinsics_float8 b) {
  return ~(a <= b);
}

/// max(|value| − limit, 0) in each lane.
static inline __attribute__((always_inline)) cintrinsics_float8 cintrinsics_shrunk(
    cintrinsics_float8 values, cintrinsics_float8 limit) {
  return __builtin_elementwise_max(__builtin_elementwise_abs(values) - limit, (cintrinsics_float8)0.0f);
}

/// 1 where the CPU has what the kernels were built for (x86-64-v3: AVX2, FMA, BMI2); other architectures need nothing.
static inline int cintrinsics_cpu_is_enough(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#else
  return 1;
#endif
}

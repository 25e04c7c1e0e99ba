// SPDX-License-Identifier: Apache-2.0
// The two things Swift cannot say: "fetch this cache line soon", and "which instructions does this CPU have".
#pragma once

static inline __attribute__((always_inline)) void cintrinsics_prefetch(const void *address) {
  __builtin_prefetch(address, 0, 3);
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

// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Milliseconds of CLOCK_MONOTONIC, on which leases and timers run: a change of the wall clock moves none of them.
package func monotonicMilliseconds() -> Int64 { milliseconds(of: CLOCK_MONOTONIC) }

/// Milliseconds since 1970 UTC: for people, never for a decision.
package func wallClockMilliseconds() -> Int64 { milliseconds(of: CLOCK_REALTIME) }

private func milliseconds(of clock: clockid_t) -> Int64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}

// SPDX-License-Identifier: Apache-2.0

import Sweeps

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Measures what a task costs the thread that runs it.
struct CostClock {
  private let wallStart = monotonicMilliseconds()
  private let cpuStart = milliseconds(of: CLOCK_THREAD_CPUTIME_ID)

  func cost(resumedStep: Int) -> Cost {
    var usage = rusage()
    // RUSAGE_SELF is 0; Glibc's module gives it a type that getrusage does not take.
    getrusage(0, &usage)
    return Cost(
      wallMilliseconds: monotonicMilliseconds() - wallStart,
      cpuMilliseconds: milliseconds(of: CLOCK_THREAD_CPUTIME_ID) - cpuStart,
      // getrusage(2): ru_maxrss is in KiB on Linux.
      residentBytesPeak: Int64(usage.ru_maxrss) * 1_024, resumedStep: resumedStep)
  }
}

private func milliseconds(of clock: clockid_t) -> Int64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}

/// Milliseconds of CLOCK_MONOTONIC: when a checkpoint is due.
func monotonicMilliseconds() -> Int64 { milliseconds(of: CLOCK_MONOTONIC) }

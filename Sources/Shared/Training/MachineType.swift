// SPDX-License-Identifier: Apache-2.0

import Boosters
import Foundation
import RecurrentNets

/// Whether this machine can run the kernels at all.
package func machineIsSupported() -> Bool { cpuRunsKernels() }

/// One BLAS thread a process: parallel sums would add in another order, and processes share the cores already.
package func prepareNumerics() { useOneBLASThread() }

/// For people: version and kernel.
package func blasVersion() -> String { blasConfiguration() }

/// The CPU's model: results are promised bit-equal within one, for OpenBLAS picks its kernels by it.
package func machineType() -> String {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
  return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown CPU"
}

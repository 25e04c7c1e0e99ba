// SPDX-License-Identifier: Apache-2.0

import CIntrinsics

/// Whether this CPU has the instructions that the kernels are built for (x86-64-v3). Ask before any kernel runs: without
/// them the first one ends the process.
package func cpuRunsKernels() -> Bool { cintrinsics_cpu_is_enough() != 0 }

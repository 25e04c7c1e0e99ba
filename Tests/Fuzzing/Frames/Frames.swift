// SPDX-License-Identifier: Apache-2.0

import FuzzTargets

/// libFuzzer's door: `make fuzz`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  if let problem = fuzzFrame(Array(UnsafeBufferPointer(start: start, count: count))) { fatalError(problem) }
  return 0
}

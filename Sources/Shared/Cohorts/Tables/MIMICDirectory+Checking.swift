// SPDX-License-Identifier: Apache-2.0

import Gzip

extension MIMICDirectory {
  /// Unpacks each compressed table once and keeps nothing, the tables side by side: a file that is cut or damaged is found
  /// before the long work begins. Plain tables have no checksum and are not looked at.
  ///
  /// - Throws: `tableDamaged` or `tableUnreadable` for the first of `tables` with a fault.
  package func checkCompressed(_ tables: [MIMICTable]) throws(CohortError) {
    let paths = tables.compactMap { table in
      fileName(of: table).flatMap { $0.uppercased().hasSuffix(".GZ") ? "\(path)/\($0)" : nil }
    }
    let faults = concurrentMap(count: paths.count) { index -> Fault in Fault(error: Self.fault(of: paths[index])) }
    for fault in faults { if let error = fault.error { throw error } }
  }

  private struct Fault: Sendable {
    let error: CohortError?
  }

  private static func fault(of path: String) -> CohortError? {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    do throws(GzipError) {
      let reader = try GzipReader(path: path)
      while try reader.read(into: buffer) > 0 {}
      return nil
    } catch {
      return .unreadable(error, line: nil)
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A matrix and its labels, read from files of floats.
struct RawRows {
  let path: String
  let rowCount: Int
  let columnCount: Int
  let values: UnsafeBufferPointer<Float>
  let labels: [Float]

  init(path: String, rowCount: Int, columnCount: Int) {
    self.path = path
    self.rowCount = rowCount
    self.columnCount = columnCount
    values = readFloats(path, count: rowCount * columnCount, isNeeded: true)
    labels = Array(readFloats(path + ".y", count: rowCount, isNeeded: false))
  }

  func binned(_ options: BoosterOptions) -> BinnedMatrix {
    BinnedMatrix(
      binning: values, rowCount: rowCount, columnCount: columnCount, binCountMax: options.binCountMax,
      rowsPerBinMin: options.binRowsMin)
  }

  func row(_ row: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: values[(row * columnCount)..<((row + 1) * columnCount)])
  }

  /// Row-major [rows, F].
  func gather(_ rows: [Int]) -> [Float] { rows.flatMap { Array(row($0)) } }
}

private func readFloats(_ path: String, count: Int, isNeeded: Bool) -> UnsafeBufferPointer<Float> {
  let buffer = UnsafeMutablePointer<Float>.allocate(capacity: max(count, 1))
  guard count > 0 else { return UnsafeBufferPointer(start: buffer, count: 0) }
  guard let file = fopen(path, "r") else {
    if !isNeeded { return UnsafeBufferPointer(start: buffer, count: 0) }
    print("\(path): cannot be opened")
    exit(1)
  }
  defer { fclose(file) }
  guard fread(buffer, 4, count, file) == count else {
    print("\(path): holds less than \(count) floats")
    exit(1)
  }
  return UnsafeBufferPointer(start: buffer, count: count)
}

func readBytes(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else {
    print("\(path): cannot be opened")
    exit(1)
  }
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  let count = ftell(file)
  rewind(file)
  var bytes = [UInt8](repeating: 0, count: count)
  let read = fread(&bytes, 1, count, file)
  return Array(bytes.prefix(read))
}

func write<Element>(_ elements: [Element], to path: String) {
  guard let file = fopen(path, "w") else {
    print("\(path): cannot be written")
    exit(1)
  }
  elements.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, file) }
  fclose(file)
}

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Of this program alone: `ru_maxrss` would begin with its parent's.
func peakMegabytes() -> Double {
  let words = String(decoding: readPipe("/proc/self/status"), as: UTF8.self).split {
    $0 == "\n" || $0 == "\t" || $0 == " "
  }
  guard let place = words.firstIndex(of: "VmHWM:"), place + 1 < words.count else { return .nan }
  return (Double(words[place + 1]) ?? .nan) * 1024 / 1e6
}

func residentMegabytes() -> Double {
  let fields = String(decoding: readPipe("/proc/self/statm"), as: UTF8.self).split(separator: " ")
  return fields.count > 1 ? (Double(fields[1]) ?? .nan) * 4096 / 1e6 : .nan
}

/// A file whose length is not known before.
private func readPipe(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = fread(&buffer, 1, 4096, file)
  return Array(buffer.prefix(count))
}

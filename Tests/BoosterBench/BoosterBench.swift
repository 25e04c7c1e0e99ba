// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Times binning and training on a raw matrix: one JSON line a repeat. `Tests/BoostersTests/Peers/bench.py` runs it beside
/// its peers.
///
///     BoosterBench train FILE ROWS COLUMNS REPEATS key=value…
///
/// FILE holds [N, F] floats row-major; FILE.y the N labels.
@main struct BoosterBench {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 5, let rowCount = Int(arguments[2]), let columnCount = Int(arguments[3]),
      let repeats = Int(arguments[4])
    else {
      print("usage: BoosterBench train FILE ROWS COLUMNS REPEATS [key=value…]")
      exit(2)
    }
    let values = readFloats(arguments[1], count: rowCount * columnCount)
    let labels = Array(readFloats(arguments[1] + ".y", count: rowCount))
    var parameters: Parameters = ["trees": .integer(100), "patience": .integer(0), "l2": .real(0)]
    for pair in arguments.dropFirst(5) {
      let parts = pair.split(separator: "=").map(String.init)
      guard parts.count == 2 else { continue }
      parameters[parts[0]] =
        Int64(parts[1]).map { .integer($0) } ?? Double(parts[1]).map { .real($0) } ?? .text(parts[1])
    }
    let options = try BoosterOptions(parameters)
    for _ in 0..<repeats {
      let base = residentMegabytes()
      var start = cpuSeconds()
      let matrix = BinnedMatrix(
        binning: values, rowCount: rowCount, columnCount: columnCount, binCountMax: options.binCountMax)
      let binning = cpuSeconds() - start
      start = cpuSeconds()
      let fit = try fitBooster(
        train: matrix, labels: labels, validation: nil, objective: .binary, options: options, seed: 1
      ) { _, _ in true }
      let training = cpuSeconds() - start
      let text = fit.booster.encoded
      let checksum = text.reduce(0 as UInt64) { $0 &* 31 &+ UInt64($1) }
      print(
        "{\"bin\": \(binning), \"train\": \(training), \"loss\": \(fit.trainLoss.last ?? .nan), \"base_mb\": \(base), \"peak_mb\": \(peakMegabytes()), \"checksum\": \"\(String(checksum, radix: 16))\"}"
      )
      let file = fopen(arguments[1] + ".model.txt", "w")
      fwrite(text, 1, text.count, file)
      fclose(file)
    }
  }

  static func readFloats(_ path: String, count: Int) -> UnsafeBufferPointer<Float> {
    guard let file = fopen(path, "r") else {
      print("\(path): cannot be opened")
      exit(1)
    }
    let buffer = UnsafeMutablePointer<Float>.allocate(capacity: count)
    guard fread(buffer, 4, count, file) == count else {
      print("\(path): holds less than \(count) floats")
      exit(1)
    }
    fclose(file)
    return UnsafeBufferPointer(start: buffer, count: count)
  }

  static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  static func peakMegabytes() -> Double {
    var usage = rusage()
    getrusage(0, &usage)
    return Double(usage.ru_maxrss) * 1024 / 1e6
  }

  static func residentMegabytes() -> Double {
    guard let file = fopen("/proc/self/statm", "r") else { return .nan }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 256)
    guard fgets(&buffer, 256, file) != nil else { return .nan }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Double(fields[1]) ?? .nan) * 4096 / 1e6 : .nan
  }
}

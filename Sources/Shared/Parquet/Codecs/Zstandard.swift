// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// libzstd, for Polars packs with it by default. It is looked up among the libraries of the process: libhdf5 brings it there
/// (through libcurl), and so it needs neither headers nor a link of its own.
enum Zstandard {
  private typealias Decompress =
    @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeRawPointer?, Int) -> Int

  private static let decompress: Decompress? = {
    dlsym(nil, "ZSTD_decompress").map { unsafeBitCast($0, to: Decompress.self) }
  }()

  static var isThere: Bool { decompress != nil }

  /// Fills `output` to its end.
  static func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(MalformedBytes) {
    let count = decompress?(output.baseAddress, output.count, input.baseAddress, input.count)
    guard count == output.count else {
      throw MalformedBytes(expected: "\(output.count) bytes when unpacked", found: "bytes that zstd refuses")
    }
  }
}

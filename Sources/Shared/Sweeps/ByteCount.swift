// SPDX-License-Identifier: Apache-2.0

/// `1000`, `512MiB`, `4GiB`, `50GB`: bytes. `nil` for any other text.
package func byteCount(_ text: String) -> Int64? {
  let units: [String: Int64] = [
    "": 1, "B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
  ]
  let digits = text.utf8.prefix { (48...57).contains($0) }
  guard let count = Int64(String(decoding: digits, as: UTF8.self)),
    let unit = units[String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self)]
  else { return nil }
  let (bytes, overflow) = count.multipliedReportingOverflow(by: unit)
  return overflow ? nil : bytes
}

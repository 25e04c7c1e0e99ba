// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A folder with MIMIC-III tables, one file each: `ADMISSIONS.csv` or `ADMISSIONS.csv.gz`, in any case of letters.
package struct MIMICDirectory: Sendable {
  package let path: String
  /// Ascending.
  package let fileNames: [String]

  /// - Throws: `directoryUnreadable`.
  package init(path: String) throws(CohortError) {
    guard let handle = opendir(path) else {
      throw CohortError(
        .directoryUnreadable, path: path, expected: "a directory with MIMIC-III tables",
        found: String(cString: strerror(errno)), advice: "give the folder that holds PATIENTS.csv or PATIENTS.csv.gz")
    }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.append(name)
    }
    self.path = path
    fileNames = names.sorted()
  }

  /// The table's file name; the unpacked one where both are there, as it reads faster.
  package func fileName(of table: MIMICTable) -> String? {
    let wanted = ["\(table.rawValue).CSV", "\(table.rawValue).CSV.GZ"]
    return wanted.lazy.compactMap { name in fileNames.first { $0.uppercased() == name } }.first
  }

  /// Of the table's file as it lies on the disk; 0 where there is none.
  package func byteCount(of table: MIMICTable) -> Int { status(of: table).map { Int($0.st_size) } ?? 0 }

  /// Changes when the table's file does: its name, size and time of change.
  package func fingerprint(of table: MIMICTable) -> String {
    guard let name = fileName(of: table), let status = status(of: table) else { return "\(table.rawValue) none" }
    return "\(name) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }

  private func status(of table: MIMICTable) -> stat? {
    guard let name = fileName(of: table) else { return nil }
    var status = stat()
    return stat("\(path)/\(name)", &status) == 0 ? status : nil
  }

  package func has(_ table: MIMICTable) -> Bool { fileName(of: table) != nil }

  /// - Throws: `tableMissing`, with the file in the folder whose name comes nearest.
  package func filePath(of table: MIMICTable) throws(CohortError) -> String {
    if let name = fileName(of: table) { return "\(path)/\(name)" }
    let tables = fileNames.filter { $0.uppercased().contains(".CSV") }
    let nearest = nearestName(to: "\(table.rawValue).csv", among: tables).map { "; the nearest name there is \($0)" }
    throw CohortError(
      .tableMissing, path: "\(path)/\(table.rawValue).csv.gz", expected: "\(table.rawValue).csv or .csv.gz",
      found: "\(tables.count) other tables\(nearest ?? "")", advice: "copy the table there as PhysioNet ships it")
  }
}

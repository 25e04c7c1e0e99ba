// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// The numbers of a frame that pandas' `to_hdf(format="table")` wrote, as MIMIC-Extract does its `patients`: a table of PyTables
/// with a field for each block of columns. Small frames only: all of it is read.
///
/// Texts, times and categories are not read. Names of columns are Python objects there, written out; a reader of nothing but lists of texts looks
/// at them, so no object of a file is ever made.
package struct PandasTableReader {
  /// Levels of the row index: name, and value by row.
  package let rowLevels: [(name: String, values: [Int64])]
  package let columns: [String]
  package let rowCount: Int
  /// [rows × columns].
  package let values: [Double]

  /// Whether the frame is of that format.
  package static func isTable(_ key: String, in path: String) throws(ShardError) -> Bool {
    try open(path) { tree in tree.text("pandas_type", of: "/" + key) == "frame_table" }
  }

  private static func open<Value>(
    _ path: String, _ body: (HDF5Tree) throws(ShardError) -> Value
  ) throws(ShardError) -> Value {
    try HDF5Library.call { () throws(ShardError) in
      let file = try HDF5Library.check(
        H5Fopen(path, chdf5_acc_rdonly(), chdf5_p_default()), "a readable HDF5 file", path: path)
      defer { H5Fclose(file) }
      return try body(HDF5Tree(file: file, path: path))
    }
  }

  /// - Throws: `hdf5`, `layoutUnusable`.
  package init(path: String, key: String) throws(ShardError) {
    let name = "/\(key)/table"
    (rowLevels, columns, rowCount, values) = try Self.open(path) { tree throws(ShardError) in
      try Self.read(tree, "/" + key, name)
    }
  }

  private typealias Content = (
    [(name: String, values: [Int64])], [String], Int, [Double]
  )

  private static func read(_ tree: HDF5Tree, _ key: String, _ name: String) throws(ShardError) -> Content {
    let shape = try tree.shape(name)
    guard shape.count == 1, let rowCount = shape.first, rowCount <= 10_000_000 else {
      throw tree.notOurs(name, "a table of rows")
    }
    let levels = tree.text("levels", of: key).map(listedTexts) ?? []
    let handle = try tree.check(H5Dopen2(tree.file, name, chdf5_p_default()), "a dataset", name)
    defer { H5Dclose(handle) }
    let type = try tree.check(H5Dget_type(handle), "a type", name)
    defer { H5Tclose(type) }
    guard H5Tget_class(type) == H5T_COMPOUND else { throw tree.notOurs(name, "a table of fields") }
    var rows: [(name: String, values: [Int64])] = []
    var columns: [String] = []
    var blocks: [(width: Int, values: [Double])] = []
    for place in 0..<UInt32(max(0, min(H5Tget_nmembers(type), 1_000))) {
      guard let text = H5Tget_member_name(type, place) else { continue }
      let field = String(cString: text)
      H5free_memory(text)
      if levels.contains(field) {
        var values = [Int64](repeating: 0, count: rowCount)
        try read(tree, handle, name, field, chdf5_native_int64(), MemoryLayout<Int64>.stride, &values)
        rows.append((field, values))
        continue
      }
      guard let width = numberCount(type, place), isPlain(tree, name, field) else { continue }
      let names = tree.text("\(field)_kind", of: name).map(listedTexts) ?? []
      guard width > 0, names.count == width else { continue }
      var values = [Double](repeating: .nan, count: rowCount * width)
      let array = try tree.check(
        H5Tarray_create2(chdf5_native_double(), 1, [hsize_t(width)]), "a type", name)
      defer { H5Tclose(array) }
      try read(tree, handle, name, field, array, width * MemoryLayout<Double>.stride, &values)
      columns += names
      blocks.append((width, values))
    }
    // Row by row, from block by block.
    let all = (0..<rowCount).flatMap { row in
      blocks.flatMap { $0.values[(row * $0.width)..<((row + 1) * $0.width)] }
    }
    let ordered = levels.compactMap { level in rows.first { $0.name == level } }
    return (ordered, columns, rowCount, all)
  }

  /// Whether a field holds numbers as they are, and no times or places among categories.
  private static func isPlain(_ tree: HDF5Tree, _ name: String, _ field: String) -> Bool {
    let type = tree.text("\(field)_dtype", of: name) ?? ""
    return (type.hasPrefix("int") || type.hasPrefix("float") || type.hasPrefix("uint"))
      && tree.text("\(field)_meta", of: name) != "category"
  }

  /// Of a field that is an array of numbers; nil for any other.
  private static func numberCount(_ type: hid_t, _ place: UInt32) -> Int? {
    let member = H5Tget_member_type(type, place)
    defer { H5Tclose(member) }
    guard H5Tget_class(member) == H5T_ARRAY, H5Tget_array_ndims(member) == 1 else { return nil }
    var length: hsize_t = 0
    guard H5Tget_array_dims2(member, &length) == 1, length <= 100_000 else { return nil }
    let element = H5Tget_super(member)
    defer { H5Tclose(element) }
    return [H5T_INTEGER, H5T_FLOAT].contains(H5Tget_class(element)) ? Int(length) : nil
  }

  private static func read<Value: BitwiseCopyable>(
    _ tree: HDF5Tree, _ handle: hid_t, _ name: String, _ field: String, _ type: hid_t, _ byteCount: Int,
    _ values: inout [Value]
  ) throws(ShardError) {
    let row = try tree.check(H5Tcreate(H5T_COMPOUND, byteCount), "a type", name)
    defer { H5Tclose(row) }
    _ = try tree.check(H5Tinsert(row, field, 0, type), "a field", name)
    let all = hid_t(H5S_ALL)
    let status = values.withUnsafeMutableBytes { bytes in
      H5Dread(handle, row, all, all, chdf5_p_default(), bytes.baseAddress)
    }
    _ = try tree.check(status, "to read \(field)", name)
  }

  /// The texts of a list of texts as Python writes it out (protocol 0); empty for any other object.
  static func listedTexts(_ written: String) -> [String] {
    var texts: [String] = []
    for (place, line) in written.split(separator: "\n").enumerated() {
      var line = line
      switch (place, line.first) {
      case (0, _):
        guard line.hasPrefix("(l") else { return [] }
        continue
      // "p" keeps the text for later; "a" in front appends the one before.
      case (_, "p"): continue
      case (_, "a"): line.removeFirst()
      default: break
      }
      switch line.first {
      case "V": texts.append(String(line.dropFirst()))
      case "S" where line.count >= 3: texts.append(String(line.dropFirst(2).dropLast()))
      case ".", nil: return texts
      default: return []
      }
    }
    return texts
  }
}

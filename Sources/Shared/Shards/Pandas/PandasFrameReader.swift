// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// A frame that pandas' `to_hdf` wrote in its fixed format: integers for row index levels, texts for column levels. Blocks
/// of Python objects are not read: to read one is to run it.
package final class PandasFrameReader {
  package let path: String
  /// Levels of the row index: name, and value by row.
  package let rowLevels: [(name: String, values: [Int64])]
  /// Of all columns in numeric blocks, in their order: its name on each level.
  package let columns: [[String]]
  package let rowCount: Int
  private let tree: HDF5Tree
  private let key: String
  /// Place in its block of each column, and the block.
  private let places: [(block: Int, place: Int)]
  private let widths: [Int]

  /// - Throws: `hdf5` for a file that is none, `shapeMismatch` where there is no such frame, `layoutUnusable`.
  package init(path: String, key: String) throws(ShardError) {
    self.path = path
    self.key = "/" + key
    let tree = try HDF5Library.call { () throws(ShardError) in
      let file = try HDF5Library.check(
        H5Fopen(path, chdf5_acc_rdonly(), chdf5_p_default()), "a readable HDF5 file", path: path)
      return HDF5Tree(file: file, path: path)
    }
    self.tree = tree
    do throws(ShardError) {
      (rowLevels, columns, places, widths) = try HDF5Library.call { () throws(ShardError) in
        try Self.read(tree, "/" + key)
      }
    } catch {
      H5Fclose(tree.file)
      throw error
    }
    rowCount = rowLevels.first?.values.count ?? 0
  }

  deinit { H5Fclose(tree.file) }

  /// Whether the file has a frame of that name.
  package static func has(_ key: String, in path: String) throws(ShardError) -> Bool {
    try HDF5Library.call { () throws(ShardError) in
      let file = try HDF5Library.check(
        H5Fopen(path, chdf5_acc_rdonly(), chdf5_p_default()), "a readable HDF5 file", path: path)
      defer { H5Fclose(file) }
      return H5Lexists(file, "/" + key, chdf5_p_default()) > 0
    }
  }

  /// [rows × columns], NaN where missing.
  package func values(rows: Range<Int>) throws(ShardError) -> [Double] {
    try HDF5Library.call { () throws(ShardError) in
      var all = [Double](repeating: .nan, count: rows.count * columns.count)
      for (block, width) in widths.enumerated() where width > 0 {
        let values = try read(block, rows, width)
        for (column, place) in places.enumerated() where place.block == block {
          for row in 0..<rows.count { all[row * columns.count + column] = values[row * width + place.place] }
        }
      }
      return all
    }
  }

  private func read(_ block: Int, _ rows: Range<Int>, _ width: Int) throws(ShardError) -> [Double] {
    let name = "\(key)/block\(block)_values"
    let handle = try tree.check(H5Dopen2(tree.file, name, chdf5_p_default()), "a dataset", name)
    defer { H5Dclose(handle) }
    let space = try tree.check(H5Dget_space(handle), "a shape", name)
    defer { H5Sclose(space) }
    let (start, count) = ([hsize_t(rows.lowerBound), 0], [hsize_t(rows.count), hsize_t(width)])
    _ = try tree.check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nil, count, nil), "rows within it", name)
    let memory = try tree.check(H5Screate_simple(2, count, nil), "a shape", name)
    defer { H5Sclose(memory) }
    var values = [Double](repeating: .nan, count: rows.count * width)
    _ = try tree.check(
      H5Dread(handle, chdf5_native_double(), memory, space, chdf5_p_default(), &values), "to read it", name)
    return values
  }
}

extension PandasFrameReader {
  private typealias Layout = (
    [(name: String, values: [Int64])], [[String]], [(block: Int, place: Int)], [Int]
  )

  private static func read(_ tree: HDF5Tree, _ key: String) throws(ShardError) -> Layout {
    guard tree.has(key), tree.text("pandas_type", of: key) == "frame", let blockCount = tree.integer("nblocks", of: key)
    else {
      throw ShardError(
        .shapeMismatch, path: tree.path, subject: key, expected: "a frame in pandas' fixed format", found: "none",
        advice: "write it with DataFrame.to_hdf, without format=\"table\" (which only the frame patients may have)")
    }
    let rows = try rowLevels(tree, key)
    let rowCount = rows.first?.values.count ?? 0
    var (columns, places, widths): ([[String]], [(block: Int, place: Int)], [Int]) = ([], [], [])
    for block in 0..<max(0, min(blockCount, 1_000)) {
      let values = "\(key)/block\(block)_values"
      guard tree.text("CLASS", of: values) != "VLARRAY", try tree.isNumeric(values) else {
        widths.append(0)
        continue
      }
      let shape = try tree.shape(values)
      let names = try columnNames(tree, "\(key)/block\(block)_items", tree.text("block\(block)_items_variety", of: key))
      guard shape == [rowCount, names.count], tree.integer("transposed", of: values) == 1 else {
        throw ShardError(
          .shapeMismatch, path: tree.path, subject: values, expected: "[\(rowCount), \(names.count)]",
          found: "\(shape)",
          advice: "write the frame again with pandas")
      }
      widths.append(names.count)
      for (place, name) in names.enumerated() {
        columns.append(name)
        places.append((block, place))
      }
    }
    return (rows, columns, places, widths)
  }

  private static func rowLevels(_ tree: HDF5Tree, _ key: String) throws(ShardError) -> [(name: String, values: [Int64])]
  {
    guard tree.text("axis1_variety", of: key) == "multi" else {
      let name = "\(key)/axis1"
      return [(tree.text("name", of: name) ?? "", try tree.integers(name))]
    }
    var levels: [(name: String, values: [Int64])] = []
    for level in 0..<max(0, min(tree.integer("axis1_nlevels", of: key) ?? 0, 16)) {
      let name = "\(key)/axis1_level\(level)"
      let distinct = try tree.integers(name)
      let codes = try tree.integers("\(key)/axis1_label\(level)")
      guard codes.allSatisfy({ distinct.indices.contains(Int($0)) }) else {
        throw tree.notOurs("\(key)/axis1_label\(level)", "places among \(distinct.count) values")
      }
      levels.append((tree.text("name", of: name) ?? "", codes.map { distinct[Int($0)] }))
    }
    guard let count = levels.first?.values.count, levels.allSatisfy({ $0.values.count == count }) else {
      throw tree.notOurs("\(key)/axis1", "levels of one length")
    }
    return levels
  }

  private static func columnNames(
    _ tree: HDF5Tree, _ name: String, _ variety: String?
  ) throws(ShardError) -> [[String]] {
    guard variety == "multi" else { return try tree.texts(name).map { [$0] } }
    var columns: [[String]] = []
    var level = 0
    while tree.has("\(name)_level\(level)"), level < 16 {
      let distinct = try tree.texts("\(name)_level\(level)")
      let codes = try tree.integers("\(name)_label\(level)")
      guard codes.allSatisfy({ distinct.indices.contains(Int($0)) }), level == 0 || codes.count == columns.count else {
        throw tree.notOurs("\(name)_label\(level)", "places among \(distinct.count) names")
      }
      if level == 0 { columns = Array(repeating: [], count: codes.count) }
      for (column, code) in codes.enumerated() { columns[column].append(distinct[Int(code)]) }
      level += 1
    }
    return columns
  }
}

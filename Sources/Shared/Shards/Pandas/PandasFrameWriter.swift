// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// A new HDF5 file of frames that `pandas.read_hdf` opens: its fixed format, through PyTables.
package final class PandasFileWriter {
  fileprivate let tree: HDF5Tree

  package init(path: String) throws(ShardError) {
    tree = try HDF5Library.call { () throws(ShardError) in
      let file = try HDF5Library.check(
        H5Fcreate(path, chdf5_acc_trunc(), chdf5_p_default(), chdf5_p_default()), "to create the file", path: path)
      let tree = HDF5Tree(file: file, path: path)
      try tree.describe("/", "GROUP", version: "1.0")
      try tree.set("PYTABLES_FORMAT_VERSION", "2.1", of: "/")
      return tree
    }
  }

  deinit { H5Fclose(tree.file) }

  /// - Parameters:
  ///   - columns: name on each level, by column; their values follow by `append`.
  ///   - rows: name and values of each level.
  ///   - isInteger: whether the values that follow are whole numbers.
  ///   - integers: columns behind those.
  ///   - times: behind those; seconds since 1970, in the years 1678 to 2262.
  ///   - texts: behind those, as Python objects.
  package func begin(
    _ key: String, columnLevels: [String], columns: [[String]], rows: [(name: String, values: [Int64])],
    isInteger: Bool = false, integers: [(name: String, values: [Int64])] = [],
    times: [(name: String, values: [Int64?])] = [], texts: [(name: String, values: [String?])] = []
  ) throws(ShardError) -> PandasFrameWriter {
    let rowCount = rows.first?.values.count ?? 0
    // What pandas takes for no time.
    let moments = times.map { (name: $0.name, values: $0.values.map { $0.map { $0 * 1_000_000_000 } ?? Int64.min }) }
    let others = [integers.map(\.name), times.map(\.name), texts.map(\.name)].filter { !$0.isEmpty }
    return try HDF5Library.call { () throws(ShardError) in
      let group = "/" + key
      let handle = try tree.check(
        H5Gcreate2(tree.file, group, chdf5_p_default(), chdf5_p_default(), chdf5_p_default()), "a group", group)
      H5Gclose(handle)
      try tree.describe(group, "GROUP", version: "1.0")
      for (name, value) in [("pandas_type", "frame"), ("encoding", "UTF-8"), ("errors", "strict")] {
        try tree.set(name, value, of: group)
      }
      try tree.set("ndim", 2, of: group)
      try tree.set("nblocks", Int64(1 + others.count), of: group)
      try tree.writeNames(group, "axis0", columnLevels, columns + others.joined().map { [$0] })
      try tree.writeNames(group, "block0_items", columnLevels, columns)
      try tree.writeRows(group, rows)
      let values = "\(group)/block0_values"
      try tree.create(values, isInteger ? chdf5_std_i64le() : chdf5_ieee_f64le(), [rowCount, columns.count])
      for (place, names) in others.enumerated() {
        try tree.writeNames(group, "block\(place + 1)_items", columnLevels, names.map { [$0] })
      }
      var block = 1
      for (table, isTime) in [(integers, false), (moments, true)] where !table.isEmpty {
        let rows = (0..<rowCount).flatMap { row in table.map { $0.values[row] } }
        let name = "\(group)/block\(block)_values"
        try tree.writeIntegers(name, rows, shape: [rowCount, table.count])
        if isTime { try tree.set("value_type", "datetime64", of: name) }
        block += 1
      }
      if !texts.isEmpty {
        let table = (0..<rowCount).flatMap { row in texts.map { $0.values[row] } }
        try tree.writeObject(
          "\(group)/block\(block)_values", numpyObject(table, rowCount: rowCount, columnCount: texts.count))
      }
      return PandasFrameWriter(file: self, name: values, columnCount: columns.count)
    }
  }
}

/// The numbers of one frame, written some rows at a time.
package final class PandasFrameWriter {
  private let file: PandasFileWriter
  private let name: String
  private let columnCount: Int
  private var rowCount = 0

  fileprivate init(file: PandasFileWriter, name: String, columnCount: Int) {
    self.file = file
    self.name = name
    self.columnCount = columnCount
  }

  /// - Parameter values: [rows × columns].
  package func append(_ values: [Double]) throws(ShardError) {
    guard columnCount > 0, !values.isEmpty else { return }
    let tree = file.tree
    let rows = values.count / columnCount
    try HDF5Library.call { () throws(ShardError) in
      let handle = try tree.check(H5Dopen2(tree.file, name, chdf5_p_default()), "a dataset", name)
      defer { H5Dclose(handle) }
      let space = try tree.check(H5Dget_space(handle), "a shape", name)
      defer { H5Sclose(space) }
      let (start, count) = ([hsize_t(rowCount), 0], [hsize_t(rows), hsize_t(columnCount)])
      _ = try tree.check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nil, count, nil), "rows within it", name)
      let memory = try tree.check(H5Screate_simple(2, count, nil), "a shape", name)
      defer { H5Sclose(memory) }
      _ = try tree.check(
        H5Dwrite(handle, chdf5_native_double(), memory, space, chdf5_p_default(), values), "to write it", name)
    }
    rowCount += rows
  }
}

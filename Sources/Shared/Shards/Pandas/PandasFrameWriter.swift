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
  ///   - columns: name on each level, by column.
  ///   - rows: name and values of each level.
  ///   - texts: columns of texts behind the numbers, as Python objects.
  package func begin(
    _ key: String, columnLevels: [String], columns: [[String]], rows: [(name: String, values: [Int64])],
    texts: [(name: String, values: [String?])] = []
  ) throws(ShardError) -> PandasFrameWriter {
    let rowCount = rows.first?.values.count ?? 0
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
      try tree.set("nblocks", texts.isEmpty ? 1 : 2, of: group)
      try tree.writeNames(group, "axis0", columnLevels, columns + texts.map { [$0.name] })
      try tree.writeNames(group, "block0_items", columnLevels, columns)
      try tree.writeRows(group, rows)
      let values = "\(group)/block0_values"
      try tree.create(values, chdf5_ieee_f64le(), [rowCount, columns.count])
      if !texts.isEmpty {
        try tree.writeNames(group, "block1_items", columnLevels, texts.map { [$0.name] })
        let table = (0..<rowCount).flatMap { row in texts.map { $0.values[row] } }
        try tree.writeObject("\(group)/block1_values", numpyObject(table, rowCount: rowCount, columnCount: texts.count))
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

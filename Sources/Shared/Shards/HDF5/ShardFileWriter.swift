// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// Writes one shard: contiguous datasets, space given at once and never filled, so that a reader can map the file and
/// the same rows always make the same bytes (no object carries a time).
enum ShardFileWriter {
  /// The rows of one shard, dataset by dataset.
  struct Block: Sendable {
    var tabular: [Float] = []
    var sequence: [Float] = []
    var labels: [Float] = []
    var groups: [Int64] = []
    var rowIDs: [Int64] = []
    /// [N × 64]: of each row, SHA-256 of its tabular values and of its sequence.
    var digests: [UInt8] = []
    /// [N × K]
    var further: [Float] = []

    var rowCount: Int { labels.count }

    init() {}

    /// - Parameter rowCount: for how many rows to have room.
    init(reserving rowCount: Int, _ layout: ShardLayout) {
      tabular.reserveCapacity(rowCount * layout.columnCount)
      sequence.reserveCapacity(rowCount * layout.stepCount * layout.channelCount)
      digests.reserveCapacity(rowCount * 64)
      further.reserveCapacity(rowCount * layout.furtherCount)
    }
  }

  static func write(_ block: Block, _ layout: ShardLayout, to path: String) throws(ShardError) {
    try HDF5Library.call { () throws(ShardError) in
      let file = try HDF5Library.check(
        H5Fcreate(path, chdf5_acc_trunc(), chdf5_p_default(), chdf5_p_default()), "to create the file", path: path)
      do throws(ShardError) {
        for dataset in layout.datasets {
          try write(dataset, of: block, shape: layout.shape(of: dataset), to: file, path: path)
        }
      } catch {
        H5Fclose(file)
        throw error
      }
      try HDF5Library.check(H5Fclose(file), "to close the file", path: path)
    }
  }

  private static func write(
    _ dataset: ShardDataset, of block: Block, shape: [Int], to file: hid_t, path: String
  ) throws(ShardError) {
    func check<Number: BinaryInteger>(_ number: Number, _ doing: String) throws(ShardError) -> Number {
      try HDF5Library.check(number, doing, path: path, dataset: dataset.rawValue)
    }
    let space = try check(H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil), "a shape")
    defer { H5Sclose(space) }
    let creation = try check(H5Pcreate(chdf5_p_dataset_create()), "a property list")
    defer { H5Pclose(creation) }
    _ = try check(H5Pset_layout(creation, H5D_CONTIGUOUS), "a contiguous layout")
    _ = try check(H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY), "early allocation")
    _ = try check(H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER), "no filling")
    _ = try check(H5Pset_obj_track_times(creation, false), "no times")
    let links = try check(H5Pcreate(chdf5_p_link_create()), "a property list")
    defer { H5Pclose(links) }
    _ = try check(H5Pset_create_intermediate_group(links, 1), "groups on the way")
    let handle = try check(
      H5Dcreate2(file, dataset.rawValue, dataset.fileType, space, links, creation, chdf5_p_default()), "to create it")
    defer { H5Dclose(handle) }
    let all = hid_t(H5S_ALL)
    let status =
      switch dataset {
      case .tabular: H5Dwrite(handle, chdf5_native_float(), all, all, chdf5_p_default(), block.tabular)
      case .sequence: H5Dwrite(handle, chdf5_native_float(), all, all, chdf5_p_default(), block.sequence)
      case .label: H5Dwrite(handle, chdf5_native_float(), all, all, chdf5_p_default(), block.labels)
      case .group: H5Dwrite(handle, chdf5_native_int64(), all, all, chdf5_p_default(), block.groups)
      case .rowID: H5Dwrite(handle, chdf5_native_int64(), all, all, chdf5_p_default(), block.rowIDs)
      case .digest: H5Dwrite(handle, chdf5_native_uint8(), all, all, chdf5_p_default(), block.digests)
      case .further: H5Dwrite(handle, chdf5_native_float(), all, all, chdf5_p_default(), block.further)
      }
    _ = try check(status, "to write it")
  }
}

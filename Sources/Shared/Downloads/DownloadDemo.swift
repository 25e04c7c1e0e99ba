// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Where PhysioNet publishes the open MIMIC-III demo (100 patients, Open Database License).
package let physioNetDemoURL = "https://physionet.org/files/mimiciii-demo/1.4"

/// Fetches every file that `SHA256SUMS.txt` at `base` lists, checks each, and leaves those alone that are here and right: run
/// again, it goes on where it was. A file appears under its name only after its digest was checked.
///
/// - Returns: how many files were fetched.
package func downloadDemo(
  from base: String = physioNetDemoURL, to directory: String, report: (String) -> Void = { _ in }
) throws(DownloadError) -> Int {
  do {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  } catch {
    throw DownloadError(code: .disk, what: directory, detail: "the folder cannot be made: \(error)")
  }
  let listURL = base + "/SHA256SUMS.txt"
  let list = try DigestList(String(decoding: try fetch(listURL), as: UTF8.self), from: listURL)
  var fetchedCount = 0
  for (index, entry) in list.entries.enumerated() {
    let path = directory + "/" + entry.name
    if let data = FileManager.default.contents(atPath: path), hex(SHA256.hash(data: data)) == entry.digest { continue }
    report("\(entry.name) (\(index + 1) of \(list.entries.count))")
    let url = base + "/" + entry.name
    let data = try fetch(url)
    let found = hex(SHA256.hash(data: data))
    guard found == entry.digest else {
      throw DownloadError(
        code: .wrongDigest, what: url, detail: "expected SHA-256 \(entry.digest), found \(found); try again later")
    }
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw DownloadError(code: .disk, what: path, detail: "cannot be written: \(error)")
    }
    fetchedCount += 1
  }
  return fetchedCount
}

/// One GET, waited for.
private func fetch(_ address: String) throws(DownloadError) -> Data {
  guard let url = URL(string: address), ["http", "https"].contains(url.scheme) else {
    throw DownloadError(code: .badList, what: address, detail: "expected an http or https address")
  }
  let answer = Answer()
  let task = URLSession.shared.dataTask(with: url) { data, response, error in
    answer.finish(data, (response as? HTTPURLResponse)?.statusCode, error.map { "\($0.localizedDescription)" })
  }
  task.resume()
  let (data, status, problem) = answer.wait()
  if let problem {
    throw DownloadError(code: .unreachable, what: address, detail: "\(problem); check the network and try again")
  }
  guard status == 200, let data else {
    throw DownloadError(code: .refused, what: address, detail: "expected HTTP status 200, found \(status ?? 0)")
  }
  return data
}

/// `@unchecked`: the fields are written before the semaphore is signalled and read after it was waited for.
private final class Answer: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var data: Data?
  private var status: Int?
  private var problem: String?

  func finish(_ data: Data?, _ status: Int?, _ problem: String?) {
    (self.data, self.status, self.problem) = (data, status, problem)
    done.signal()
  }

  func wait() -> (Data?, Int?, String?) {
    done.wait()
    return (data, status, problem)
  }
}

private func hex(_ digest: SHA256.Digest) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

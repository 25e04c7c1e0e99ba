// SPDX-License-Identifier: Apache-2.0

import Charts
package import Tracking

/// All pages: a request and a tracker to read in, markup out. Holds no socket and no clock.
package struct Site: Sendable {
  /// The tracker's file, named at the foot of each page.
  package let trackerPath: String
  package let version: String

  package init(trackerPath: String, version: String) { (self.trackerPath, self.version) = (trackerPath, version) }

  package func answer(_ request: PageRequest, _ reader: TrackerReader) -> PageAnswer {
    do {
      if request.path.hasPrefix("/part/") {
        let part = try part(String(request.path.dropFirst(6)), request, reader)
        guard request.first("bare") != nil else { return wrapped(part, request) }
        return PageAnswer(body: part.markup.text)
      }
      return try page(request, reader)
    } catch let error as PageError {
      return failure(error.status, error.message, request)
    } catch let error as TrackerError where error.code == .notFound {
      return failure(404, error.description, request)
    } catch {
      return failure(500, "\(error)", request)
    }
  }

  private func page(_ request: PageRequest, _ reader: TrackerReader) throws -> PageAnswer {
    switch request.path {
    case "/": return try show(SweepsPage(reader: reader, request: request).page(), request)
    case "/sweep": return try show(SweepPage(reader: reader, request: request).page(), request)
    case "/trial": return try show(TrialPage(reader: reader, request: request).page(), request)
    case "/compare": return try show(ComparePage(reader: reader, request: request).page(), request)
    case "/workers": return try show(WorkersPage(reader: reader, request: request).page(), request)
    case "/datasets": return try show(DataSetsPage(reader: reader, request: request).page(), request)
    case "/sql.csv": return try SQLPage(reader: reader, request: request).file()
    case "/sql": return try show(SQLPage(reader: reader, request: request).page(), request)
    default: throw PageError.notFound("no page \(request.path)")
    }
  }

  /// A section of a page by itself: what the page's script asks for after the first paint and on each change.
  private func part(_ name: String, _ request: PageRequest, _ reader: TrackerReader) throws -> Part {
    guard let kind = PartKind(rawValue: name) else { throw PageError.notFound("no part \(name)") }
    return Part(kind: kind, markup: try kind.markup(reader: reader, request: request))
  }

  private func wrapped(_ part: Part, _ request: PageRequest) -> PageAnswer {
    var body = Markup()
    body.element("h1", text: part.kind.title)
    body.append(part.markup)
    return show(Page(title: part.kind.title, trail: [], body: body), request)
  }

  private func failure(_ status: Int, _ message: String, _ request: PageRequest) -> PageAnswer {
    var body = Markup()
    body.element("h1", text: status == 404 ? "Not found" : status == 400 ? "Not understood" : "Failed")
    body.element("p", ["class": "error", "role": "alert"], text: message)
    body.element("p") { $0.element("a", ["href": "/"], text: "All sweeps") }
    return PageAnswer(status: status, body: layout(Page(title: "\(status)", trail: [], body: body), request))
  }

  private func show(_ page: Page, _ request: PageRequest) -> PageAnswer {
    PageAnswer(body: layout(page, request))
  }
}

/// A page before its frame is put around it.
struct Page {
  let title: String
  /// From the whole to the part: (text, link).
  let trail: [(String, String)]
  let body: Markup
}

struct Part {
  let kind: PartKind
  let markup: Markup
}

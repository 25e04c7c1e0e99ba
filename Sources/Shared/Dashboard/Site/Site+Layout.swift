// SPDX-License-Identifier: Apache-2.0

import Charts

extension Site {
  private static let pages = [
    ("Sweeps", "/", "s"), ("Workers", "/workers", "w"), ("Data sets", "/datasets", "d"), ("SQL", "/sql", "q"),
  ]

  /// The frame of every page. No script and no style in the page itself: the policy forbids both.
  func layout(_ page: Page, _ request: PageRequest) -> String {
    var html = Markup()
    html.literal("<!DOCTYPE html>")
    let theme: KeyValuePairs<StaticString, String> =
      request.theme.map { ["lang": "en", "data-theme": $0] } ?? ["lang": "en"]
    html.element("html", theme) { html in
      html.element("head") { head in
        head.void("meta", ["charset": "utf-8"])
        head.void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        head.void("meta", ["name": "color-scheme", "content": "light dark"])
        head.element("title", text: page.title + " · Muster")
        head.void("link", ["rel": "stylesheet", "href": Assets.stylesheetPath])
        head.void("link", ["rel": "icon", "href": "data:,"])
        head.element("script", ["src": Assets.scriptPath, "defer": ""], text: "")
      }
      html.element("body") { body in
        body.element("a", ["class": "skip", "href": "#main"], text: "Skip to content")
        header(page, request, into: &body)
        body.element("main", ["id": "main", "tabindex": "-1"]) { $0.append(page.body) }
        body.element("footer") { foot in
          foot.element("span", text: trackerPath)
          foot.element("span", text: "Muster \(version), read-only")
          foot.element("button", ["type": "button", "data-action": "help", "class": "quiet"], text: "Keys: ?")
        }
      }
    }
    return html.text
  }

  private func header(_ page: Page, _ request: PageRequest, into body: inout Markup) {
    body.element("header", ["class": "top"]) { header in
      header.element("a", ["class": "brand", "href": "/"], text: "Muster")
      header.element("nav", ["aria-label": "Pages"]) { nav in
        for (title, path, key) in Self.pages {
          let isHere = request.path == path || (path == "/" && ["/sweep", "/trial", "/compare"].contains(request.path))
          if isHere {
            nav.element("a", ["href": path, "data-key": key, "aria-current": "page"], text: title)
          } else {
            nav.element("a", ["href": path, "data-key": key], text: title)
          }
        }
      }
      header.element("span", ["class": "live", "id": "live", "role": "status"], text: "")
      header.element(
        "button", ["type": "button", "data-action": "theme", "class": "quiet", "aria-label": "Dark or light"], text: "◐"
      )
    }
    guard !page.trail.isEmpty else { return }
    body.element("nav", ["class": "trail", "aria-label": "Where you are"]) { nav in
      for (text, path) in page.trail {
        nav.element("a", ["href": path], text: text)
        nav.literal("<span aria-hidden=\"true\">›</span>")
      }
      nav.element("span", ["aria-current": "page"], text: page.title)
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

/// JSON as text for people: a line a member, short lists of plain values on one. What is no JSON comes back as it was.
func indented(_ json: String) -> String {
  var (lines, line, depth) = ([String](), "", 0)
  var (isText, isEscaped) = (false, false)
  var plain: [Bool] = []
  let all = Array(json)
  func isPlain(from start: Int) -> Bool {
    for character in all[(start + 1)...].prefix(60) {
      if character == "]" { return true }
      if character == "{" || character == "[" { return false }
    }
    return false
  }
  func push() {
    if !line.isEmpty { lines.append(String(repeating: "  ", count: depth) + line) }
    line = ""
  }
  for (index, character) in all.enumerated() {
    if isText {
      line.append(character)
      if !isEscaped, character == "\"" { isText = false }
      isEscaped = !isEscaped && character == "\\"
      continue
    }
    switch character {
    case "{", "[":
      line.append(character)
      plain.append(character == "[" && isPlain(from: index))
      if plain.last == false {
        push()
        depth += 1
      }
    case "}", "]":
      if plain.popLast() == false {
        push()
        depth = max(0, depth - 1)
      }
      line.append(character)
    case ",":
      line.append(character)
      if plain.last == true { line.append(" ") } else { push() }
    case ":": line.append(": ")
    case "\"":
      isText = true
      line.append(character)
    default: line.append(character)
    }
  }
  push()
  return lines.joined(separator: "\n")
}

import Files
import Plots

/// One page that holds all it shows: no picture, font or program of it comes from elsewhere, which its policy forbids too.
package struct ReportPage {
    /// A part of the page with a heading.
    package struct Section {
        let title: String
        let parts: [Markup]

        package init(_ title: String, _ parts: [Markup]) { (self.title, self.parts) = (title, parts) }
    }

    package let title: String
    /// What stands below the title.
    package var introduction: [Markup]
    package var sections: [Section]

    /// The name of the page in its folder.
    package static let fileName = "index.html"

    /// Sections that are named at the top, at most.
    private static let mostLinks = 24

    package init(_ title: String, introduction: [Markup] = [], sections: [Section] = []) {
        (self.title, self.introduction, self.sections) = (title, introduction, sections)
    }

    /// The whole page, which is HTML and well-formed XML.
    package var html: String {
        let policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
        let head: [Markup] = [
            .element("meta", ["charset": "utf-8"]),
            .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            .element("meta", ["http-equiv": "Content-Security-Policy", "content": policy]),
            .element("title", [:], title),
            .element("style", [:], [.code(PageStyle.css)]),
        ]
        let links = sections.prefix(Self.mostLinks).enumerated().map { index, section in
            Markup.element("a", ["href": "#part-\(index + 1)"], section.title)
        }
        let navigation: [Markup] = sections.count > 1 ? [.element("nav", ["aria-label": "Parts of the page"], links)] : []
        let parts = sections.enumerated().map { index, section in
            Markup.element("section", ["id": "part-\(index + 1)"], [.element("h2", [:], section.title)] + section.parts)
        }
        let body: [Markup] = [
            .element("header", [:], [.element("h1", [:], title)] + introduction + navigation),
            .element("main", [:], parts),
            .element("script", [:], [.code(PageScript.code)]),
        ]
        let page = Markup.element("html", ["lang": "en"], [.element("head", [:], head), .element("body", [:], body)])
        return "<!DOCTYPE html>\n" + page.rendered
    }

    /// Writes the page into a folder, which is made where it is missing.
    ///
    /// - Throws: `FileError`, also where the folder has such a page already.
    package func write(into folder: String) throws {
        try Self.requireRoom(in: folder)
        try Folder.create(folder)
        try AtomicFile.write(html, to: Folder.joined(folder, Self.fileName))
    }

    /// Throws where a folder has a page already, which is never replaced, or cannot have one, so that long work can fail before it starts. A
    /// folder that is missing is not made.
    ///
    /// - Throws: `FileError`.
    package static func requireRoom(in folder: String) throws {
        let path = Folder.joined(folder, fileName)
        guard !folder.isEmpty else { throw FileError(path: "\"\"", reason: "is not the name of a folder") }
        guard !FolderEntries.exists(path) else {
            throw FileError(path: path, reason: "is there already, and no report is replaced: name another folder, or remove it")
        }
        guard FolderEntries.exists(folder) else { return }
        guard Folder.exists(folder) else { throw FileError(path: folder, reason: "is a file, but a report goes into a folder") }
        try AtomicFile.requireWritable(path)
    }
}

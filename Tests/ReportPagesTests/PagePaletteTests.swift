import Glibc
import ReportPages
import Testing

/// Contrast as WCAG 2.1 defines it.
@Suite struct PagePaletteTests {
    private func luminance(_ colour: String) throws -> Double {
        let number = try #require(Int(colour.dropFirst(), radix: 16))
        #expect(colour.count == 7 && colour.hasPrefix("#"))
        let parts = [16, 8, 0].map { shift -> Double in
            let value = Double((number >> shift) & 255) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    private func contrast(_ a: String, _ b: String) throws -> Double {
        let (x, y) = (try luminance(a), try luminance(b))
        return (max(x, y) + 0.05) / (min(x, y) + 0.05)
    }

    @Test func theMeasureIsThatOfTheGuidelines() throws {
        #expect(abs(try contrast("#000000", "#ffffff") - 21) < 1e-9)
        #expect(abs(try contrast("#777777", "#ffffff") - 4.48) < 0.01)
    }

    @Test(arguments: [PagePalette.light, .dark])
    func textCanBeRead(_ palette: PagePalette) throws {
        let colours = Dictionary(uniqueKeysWithValues: palette.colours.map { ($0.key, $0.value) })
        for ground in PagePalette.grounds {
            for ink in PagePalette.inks {
                let value = try contrast(try #require(colours[ink]), try #require(colours[ground]))
                #expect(value >= 4.5, "\(ink) on \(ground): \(value)")
            }
            for curve in ["curve-1", "curve-2", "curve-3"] {
                #expect(try contrast(try #require(colours[curve]), try #require(colours[ground])) >= 3, "\(curve) on \(ground)")
            }
        }
    }

    @Test func bothHaveTheSameNames() {
        #expect(PagePalette.light.colours.map(\.key) == PagePalette.dark.colours.map(\.key))
    }
}

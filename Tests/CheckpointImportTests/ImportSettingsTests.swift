import CheckpointImport
import TestSupport
import Testing

@Suite struct ImportSettingsTests {
    @Test func eachSettingHasItsName() throws {
        var settings = ImportSettings()
        let all = [
            "squeeze=contiguous-but-last", "last-offset=1", "scale-offset=0.5", "scale-map=inverse-sigmoid", "permutation=reverse",
            "class=7", "input-offset=-0.5",
        ]
        for one in all { try settings.set(one) }
        #expect(settings.squeeze == .contiguousButLast && settings.lastOffset == 1 && settings.scaleOffset == 0.5)
        #expect(settings.scaleMap == .inverseSigmoid && settings.permutation == .reverse && settings.imageClass == 7)
        #expect(settings.inputOffset == -0.5)
        #expect(settings.text == all.joined(separator: ", "))
        #expect(try ImportSettings(settings.text) == settings && ImportSettings(all.joined(separator: ",")) == settings)
        #expect(try ImportSettings("") == ImportSettings())
        #expect(ImportSettings.Key.allCases.count == all.count)
    }

    @Test(arguments: [
        ("squeeze", "KEY=VALUE"), ("sqeeze=contiguous", "Did you mean 'squeeze'?"), ("squeeze=contigous", "Did you mean 'contiguous'?"),
        ("last-offset=one", "no number"), ("last-offset=nan", "no number"), ("scale-offset=-1", "0 to 100"), ("class=-1", "class number"),
        ("class=1.5", "class number"), ("=1", "none of"), ("scale-map=", "none of"),
    ])
    func aWrongOneIsNamed(assignment: String, words: String) {
        var settings = ImportSettings()
        let error = #expect(throws: ImportSettingError.self) { try settings.set(assignment) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(settings == ImportSettings())
    }

    @Test(arguments: [",", "class=1,", ",class=1", " ", "class=1 squeeze=contiguous", "class=1,class=1"])
    func aTextOfSeveralIsChecked(text: String) {
        #expect(throws: ImportSettingError.self) { try ImportSettings(text) }
    }

    @Test func noneIsSetTwice() throws {
        var settings = ImportSettings()
        try settings.set("class=1")
        #expect(throws: ImportSettingError.self) { try settings.set("class=2") }
    }
}

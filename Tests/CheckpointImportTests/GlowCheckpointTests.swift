import CheckpointImport
import CheckpointSupport
import Foundation
import TestSupport
import Testing

@Suite struct GlowCheckpointTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Latents, log-likelihoods and images of the families' own codes.
    @Test(.enabled(if: SharedCheckpoints.areThere), arguments: SharedCheckpoints.all)
    func theFamilysOwnNumbersComeOut(example: SharedCheckpoints.Case) throws {
        let flow = try SharedCheckpoints.flow(example)
        let expected = try SharedCheckpoints.arrays("\(SharedCheckpoints.folder)/\(example.name).expected.npz")
        let input = try #require(expected["input"])
        let offset = try #require(expected["offset"]).values[0]
        let (height, width) = (input.shape[2], input.shape[3])
        let n = input.shape[1] * height * width
        let prefix = expected["eps0"] == nil ? "z" : "eps"
        func latent(_ prefix: String, _ image: Int) throws -> [Double] {
            try flow.levels.indices.flatMap { level -> [Double] in
                let block = try #require(expected["\(prefix)\(level)"])
                let size = block.shape.dropFirst().reduce(1, *)
                let values = Array(block.values[image * size ..< (image + 1) * size])
                let isExchanged = flow.keepsSecondHalf && level == flow.levels.count - 1
                return isExchanged ? Array(values[(size / 2)...] + values[..<(size / 2)]) : values
            }
        }
        for image in 0 ..< input.shape[0] {
            let x = input.values[image * n ..< (image + 1) * n].map { $0 - offset }
            let (z, logDeterminant) = flow.forward(x, height: height, width: width)
            #expect(gap(z, try latent(prefix, image)) < 1e-5)
            let likelihood = logDeterminant - z.reduce(0) { $0 + $1 * $1 } / 2 - Double(n) / 2 * log(2 * Double.pi)
            let theirs = try #require(expected["log_likelihood"]).values[image]
            #expect(abs(likelihood - theirs) < 1e-5 * abs(theirs))
            let inverse = try #require(expected["inverse"]).values[image * n ..< (image + 1) * n].map { $0 - offset }
            #expect(gap(flow.inverse(try latent("random_" + prefix, image), height: height, width: width), inverse) < 1e-5)
        }
    }

    @Test(.enabled(if: SharedCheckpoints.areThere)) func aShuffledModelIsLost() throws {
        let checkpoint = try GlowCheckpoint(path: SharedCheckpoints.folder + "/y0ast-shuffle-L2K2.pth")
        let configuration = try ImportConfiguration(path: SharedCheckpoints.folder + "/y0ast-shuffle-L2K2.config.json")
        let error = #expect(throws: CheckpointError.self) { try checkpoint.folded(ImportSettings(), configuration) }
        #expect(error?.reason.contains("shuffle") == true)
    }

    private func gap(_ a: [Double], _ b: [Double]) -> Double {
        guard a.count == b.count else { return .infinity }
        return (zip(a, b).map { abs($0 - $1) }.max() ?? 0) / (b.map(abs).max() ?? 1)
    }

    // MARK: refusals

    private func state(_ family: CheckpointFamily, isAffine: Bool = true, variant: Bool = false) -> [String: MadeTensor] {
        let twin = FamilyTwin(family, isAffine: isAffine, variant: variant)
        return twin.state
    }

    private func fold(_ state: [String: MadeTensor], _ settings: [String] = [], configuration: String? = nil) throws -> FoldedFlow {
        var all = ImportSettings()
        for setting in settings { try all.set(setting) }
        let form: MadeFile.Form = state.keys.contains { $0.contains("/") } ? .npz : .safetensors
        let checkpoint = try GlowCheckpoint(path: folder.file("c", holding: MadeFile.bytes(state, form)))
        guard let configuration else { return try checkpoint.folded(all) }
        return try checkpoint.folded(all, ImportConfiguration(path: folder.file("config.json", holding: Array(configuration.utf8))))
    }

    private func expectRefusal(
        _ words: String..., of state: [String: MadeTensor], _ settings: [String] = [], configuration: String? = nil,
        location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: CheckpointError.self, sourceLocation: location) {
            try fold(state, settings, configuration: configuration)
        }
        for word in words { #expect(error?.reason.contains(word) == true, "\(word) in: \(error?.reason ?? "")", sourceLocation: location) }
    }

    /// Each tensor of a model is needed, is held against its shape and may not hold what is not finite; the error names it.
    @Test(arguments: CheckpointFamily.allCases) func eachTensorIsChecked(family: CheckpointFamily) throws {
        let whole = state(family)
        _ = try fold(whole)
        for (key, tensor) in whole.sorted(by: { $0.key < $1.key }) {
            let isIgnored = ["mask", "eye", "rev_indices", ".nets.1."].contains { key.contains($0) }
            let isFlag = ["initialized", "data_dep_init_done"].contains { key.hasSuffix($0) }
            if isIgnored || isFlag { continue }
            var changed = whole
            changed[key] = MadeTensor(shape: [7] + tensor.shape, values: (0 ..< 7).flatMap { _ in tensor.values })
            #expect(throws: CheckpointError.self, "\(key) of another shape") { try fold(changed) }
            changed = whole
            changed[key]?.values[tensor.values.count / 2] = .nan
            #expect(throws: CheckpointError.self, "\(key) with a value that is none") { try fold(changed) }
        }
    }

    /// Half of a file, or a network with more layers, is not taken for another one.
    @Test(arguments: CheckpointFamily.allCases) func stepsThatAreMissingAreNoticed(family: CheckpointFamily) throws {
        let whole = state(family)
        let first: [CheckpointFamily: String] = [
            .glowip: "glow_modules.1.", .rosinality: "blocks.0.flows.0.", .dajin: "blocks.0.flows.0.", .y0ast: "flow.layers.1.",
            .chaiyujin: "flow.layers.1.", .pclucas: "layers.3.", .normflows: "flows.1.0.", .kamen: "flowlevels.0.flowsteps.0.",
            .openai: "0/0/",
        ]
        let prefix = try #require(first[family])
        #expect(whole.keys.contains { $0.hasPrefix(prefix) })
        expectRefusal("not complete", of: whole.filter { !$0.key.hasPrefix(prefix) })
    }

    @Test func anUnknownTensorOfAStepIsRefused() {
        for (family, key) in [
            (CheckpointFamily.rosinality, "blocks.0.flows.0.coupling.net.6.weight"), (.y0ast, "flow.layers.1.gate"),
            (.glowip, "glow_modules.1.squeeze_excite"), (.openai, "0/0/f1/attention/W"),
        ] {
            var changed = state(family)
            changed[key] = MadeTensor(shape: [1], values: [1])
            expectRefusal(key, "another", of: changed)
        }
        // What is beside the model does not matter.
        var beside = state(.rosinality)
        beside["classifier.weight"] = MadeTensor(shape: [1], values: [1])
        #expect(throws: Never.self) { try fold(beside) }
    }

    @Test func anUntrainedModelIsRefused() {
        for family in [CheckpointFamily.rosinality, .kamen, .normflows] {
            var changed = state(family)
            for key in changed.keys where key.hasSuffix("initialized") || key.hasSuffix("init_done") { changed[key]?.values = [0] }
            expectRefusal("untrained", of: changed)
        }
        for family in [CheckpointFamily.glowip, .y0ast, .chaiyujin, .pclucas, .dajin, .openai] {
            let changed = state(family).mapValues { $0 }.reduce(into: [String: MadeTensor]()) { result, entry in
                let isActnorm =
                    ["actnorm", "layers.1.b", "layers.1.logs"].contains { entry.key.contains($0) }
                    || (family == .pclucas && ["b", "logs"].contains(entry.key.split(separator: ".").last) && entry.value.shape.first == 1)
                result[entry.key] =
                    isActnorm ? MadeTensor(shape: entry.value.shape, values: entry.value.values.map { _ in 0 }) : entry.value
            }
            expectRefusal("untrained", of: changed)
        }
    }

    @Test func aMatrixWithoutInverseIsNamed() {
        var changed = state(.glowip)
        changed["glow_modules.2.invconv.W"]?.values = [Double](repeating: 1, count: 144)
        expectRefusal("glow_modules.2", "not invertible", of: changed)
    }

    @Test func permutationsThatAreNotInTheFileAreRefused() throws {
        let without = state(.y0ast).filter { !$0.key.contains("invconv") }
        expectRefusal("permutation=reverse", of: without)
        expectRefusal("shuffle", "lost", of: without, configuration: #"{"Glow": {"flow_permutation": "shuffle"}}"#)
        let reversed = try fold(without, ["permutation=reverse"])
        let configured = try fold(without, configuration: #"{"flow_permutation": "reverse"}"#)
        #expect(reversed.levels[0][0].mixing == configured.levels[0][0].mixing)
        expectRefusal("permutes", of: state(.dajin).filter { !$0.key.contains("invconv") })
    }

    /// A class adds its row to the prior of the last level.
    @Test func aClassIsChosen() throws {
        var conditional = state(.y0ast)
        conditional["project_ycond.linear.weight"] = MadeTensor(shape: [48, 3], values: (0 ..< 144).map { Double($0) / 64 })
        conditional["project_ycond.linear.bias"] = MadeTensor(shape: [48], values: [Double](repeating: 0.5, count: 48))
        conditional["project_ycond.logs"] = MadeTensor(shape: [48], values: [Double](repeating: 0, count: 48))
        expectRefusal("class-conditional", "class=0", of: conditional)
        expectRefusal("no class 3", of: conditional, ["class=3"])
        expectRefusal("not class-conditional", of: state(.y0ast), ["class=0"])
        let plain = try #require(fold(state(.y0ast)).priors[1]?.bias)
        let second = try #require(fold(conditional, ["class=2"]).priors[1]?.bias)
        for index in [0, 7, 47] { #expect(abs(second[index] - plain[index] - Float(3 * index + 2) / 64 - 0.5) < 1e-5) }
    }

    /// Weights of a type that is not read are named with it, where all are and where one is.
    @Test func aTypeThatIsNotReadIsNamed() throws {
        let bytes = MadeFile.bytes(state(.openai), .npz)
        for all in [false, true] {
            var changed = bytes
            let places = bytes.indices.dropLast(4).filter { Array(bytes[$0 ..< $0 + 5]) == Array("'<f4'".utf8) }
            for place in all ? places : Array(places.prefix(1)) { changed[place + 1] = UInt8(ascii: ">") }
            let error = #expect(throws: CheckpointError.self) {
                try GlowCheckpoint(path: folder.file("c", holding: changed)).folded(ImportSettings())
            }
            #expect(error?.reason.contains(">f4") == true, "\(error?.reason ?? "")")
        }
    }

    @Test func networksOfOtherKindsAreRefused() {
        expectRefusal("SiLU", of: ["blocks.0.flows.0.norm.loc": MadeTensor(shape: [1], values: [1])])
        expectRefusal("known family", "\"weight\"", of: ["weight": MadeTensor(shape: [1], values: [1])])
        var checkerboard = state(.normflows)
        for key in checkerboard.keys where key.hasSuffix("net.0.weight") {
            let shape = checkerboard[key]?.shape ?? []
            checkerboard[key] = MadeTensor(
                shape: [shape[0], 2 * shape[1], 3, 3], values: .init(repeating: 0.1, count: 2 * shape.reduce(1, *)))
        }
        expectRefusal("checkerboard", of: checkerboard)
    }

    @Test func twoModelsInAFileAreRefused() {
        let one = state(.rosinality)
        let two = one.reduce(into: [String: MadeTensor]()) {
            $0["a." + $1.key] = $1.value; $0["ema." + $1.key] = $1.value
        }
        expectRefusal("2 models", "\"ema.\"", of: two)
    }

    @Test func aSettingOfAnotherFamilyIsRefused() {
        expectRefusal("no squeeze", of: state(.rosinality), ["squeeze=interleaved"])
        expectRefusal("no scale-map", of: state(.glowip), ["scale-map=exp"])
    }

    /// Another range of the input moves the first bias only.
    @Test func theInputOffsetCanBeOverridden() throws {
        let (plain, moved) = (try fold(state(.kamen)), try fold(state(.kamen), ["input-offset=0.25"]))
        #expect(plain.levels[0][0].mixing == moved.levels[0][0].mixing && plain.levels[0][1].mixingBias == moved.levels[0][1].mixingBias)
        let row = plain.levels[0][0].mixing[..<12].reduce(0, +)
        #expect(abs(moved.levels[0][0].mixingBias[0] - plain.levels[0][0].mixingBias[0] - 0.25 * row) < 1e-5)
    }

    /// s = e^-r and 1 / sg(r + 2) are maps of the file; the raw numbers of e^-r are negated.
    @Test func scaleMapsOfNormflowsAreTold() throws {
        let maps = try ["sigmoid", "exp", "inverse-sigmoid"].map { try fold(state(.normflows), ["scale-map=\($0)"]) }
        #expect(maps.map(\.scaleMap) == [.sigmoid, .exp, .inverseSigmoid])
        let bias = maps.map { $0.levels[0][0].net2Bias }
        #expect(bias[0] == bias[2] && bias[0][..<6] == bias[1][..<6] && bias[0][6...].map { -$0 } == Array(bias[1][6...]))
    }
}

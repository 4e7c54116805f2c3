import CPUFeatures
import KernelInterface

/// One pass of one map over all levels and steps.
///
/// A pass is one parallel region. At a step the network runs first, from one side of the state to the tap planes; then, tile by
/// tile, the taps are added up into the same side and the next pointwise matrix takes it to the other side.
struct GlowPass: RegionProgram {
    let glow: Glow
    let point: GlowLinearization
    let map: GlowMap
    let logDeterminantWeight: Float
    let ownWeights: LogDeterminantWeights?
    /// `point.count` images or latents each.
    let input: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>

    func run(_ team: inout Team) {
        let mode = reglow_flush_subnormals()
        if map.isImageToLatent {
            toLatent(input, output, &team)
        } else {
            toImage(input, output, &team)
        }
        reglow_restore_float_mode(mode)
    }

    private func toLatent(_ images: UnsafePointer<Float>, _ latents: UnsafeMutablePointer<Float>, _ team: inout Team) {
        let layout = LatentLayout(glow.architecture, point.imageShape)
        var kept = Planes.images(images, shape: point.imageShape)
        for (index, level) in point.levels.enumerated() {
            let span = team.begin(.level, number: index + 1)
            defer { span?.end() }
            var side = 0
            let source = kept
            let order = glow.architecture.variant.squeeze(level: index)
            team.phase(level.channels / 4, .squeeze) { channel, _ in
                squeeze(source, channel: channel, into: level.planes(side: 0), images: point.count, order: order)
            }
            let tiles = tiles(of: level)
            let steps = glow.levels[index].count
            var pass = couplingPass(step: 0, ofLevel: index, tiles)
            team.phase(tiles.count, .combine) { tile, _ in
                pass.mix(level.state(0), into: level.state(1), tiles[tile])
            }
            side = 1
            for k in 0 ..< steps {
                let (current, other) = (level.state(side), level.state(1 - side))
                let next = k + 1 < steps ? couplingPass(step: k + 1, ofLevel: index, tiles) : nil
                pass.run(current, team: &team) { next?.mix(current, into: other, $0) }
                if map == .forward, pass.tile.isAffine {
                    team.phase(point.count, .logDeterminant) { image, _ in
                        point.logDeterminant.base[image] += level.logScaleSum(image: image)
                    }
                }
                if let next {
                    pass = next
                    side = 1 - side
                }
            }
            runPrior(ofLevel: index, level.state(side), tiles, &team)
            let planes = level.planes(side: side)
            let parts = layout.parts(level: index)
            team.phase(parts.sent.count, .squeeze) { channel, _ in
                layout.write(planes, channel: parts.sent.lowerBound + channel, level: index, to: latents, images: point.count)
            }
            kept = planes.from(channel: parts.kept.lowerBound)
        }
    }

    private func toImage(_ latents: UnsafePointer<Float>, _ images: UnsafeMutablePointer<Float>, _ team: inout Team) {
        let layout = LatentLayout(glow.architecture, point.imageShape)
        var coarser: Planes?
        for (index, level) in point.levels.enumerated().reversed() {
            let span = team.begin(.level, number: index + 1)
            defer { span?.end() }
            var side = 0
            let parts = layout.parts(level: index)
            if let coarser {
                let target = level.planes(side: 0).from(channel: parts.kept.lowerBound)
                let order = glow.architecture.variant.squeeze(level: index + 1)
                team.phase(parts.kept.count, .squeeze) { channel, _ in
                    unsqueeze(coarser, into: target, channel: channel, images: point.count, order: order)
                }
            }
            team.phase(parts.sent.count, .squeeze) { channel, _ in
                layout.read(
                    latents, channel: parts.sent.lowerBound + channel, level: index, into: level.planes(side: 0), images: point.count)
            }
            let tiles = tiles(of: level)
            runPrior(ofLevel: index, level.state(0), tiles, &team)
            for k in glow.levels[index].indices.reversed() {
                let pass = couplingPass(step: k, ofLevel: index, tiles)
                let (current, other) = (level.state(side), level.state(1 - side))
                pass.run(current, team: &team) { pass.mix(current, into: other, $0) }
                side = 1 - side
            }
            coarser = level.planes(side: side)
        }
        guard let finest = coarser else { return }
        let target = Planes.images(images, shape: point.imageShape)
        let order = glow.architecture.variant.squeeze(level: 0)
        team.phase(point.imageShape.channels, .squeeze) { channel, _ in
            unsqueeze(finest, into: target, channel: channel, images: point.count, order: order)
        }
    }

    /// What whitens the latent of a level: the last of it on the way to the latent, the first on the way back.
    private func runPrior(ofLevel index: Int, _ state: UnsafeMutablePointer<Float>, _ tiles: PixelTiles, _ team: inout Team) {
        let level = point.levels[index]
        guard let prior = glow.priors[index], let memory = level.prior else { return }
        let pass = LevelPriorPass(
            kernels: glow.kernels, map: map, prior: prior, level: level, memory: memory, panels: point.panels, tiles: tiles,
            parts: glow.architecture.parts(level: index), logDeterminantWeight: logDeterminantWeight, ownWeights: ownWeights)
        pass.run(state, team: &team)
        guard map == .forward else { return }
        team.phase(point.count, .logDeterminant) { image, _ in
            point.logDeterminant.base[image] += memory.logScaleSum(image: image)
        }
    }

    private func tiles(of level: LevelMemory) -> PixelTiles {
        PixelTiles(
            vectors: level.grid.vectors(images: point.count), vectorsPerPanel: glow.kernels.vectorsPerPanel,
            threads: point.parallelism.threads)
    }

    private func couplingPass(step: Int, ofLevel level: Int, _ tiles: PixelTiles) -> CouplingPass {
        CouplingPass(
            kernels: glow.kernels, map: map, step: glow.levels[level][step].step, index: step, level: point.levels[level],
            panels: point.panels, tiles: tiles, threads: point.parallelism.threads, logDeterminantWeight: logDeterminantWeight,
            ownWeights: ownWeights)
    }
}

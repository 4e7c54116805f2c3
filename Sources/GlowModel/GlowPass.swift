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
            team.phase(level.channels / 4, .squeeze) { channel, _ in
                squeeze(source, channel: channel, into: level.planes(side: 0), images: point.count)
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
            let planes = level.planes(side: side)
            let sent = layout.firstChannelSent(level: index)
            team.phase(level.channels - sent, .squeeze) { channel, _ in
                layout.write(planes, channel: sent + channel, level: index, to: latents, images: point.count)
            }
            kept = planes
        }
    }

    private func toImage(_ latents: UnsafePointer<Float>, _ images: UnsafeMutablePointer<Float>, _ team: inout Team) {
        let layout = LatentLayout(glow.architecture, point.imageShape)
        var coarser: Planes?
        for (index, level) in point.levels.enumerated().reversed() {
            let span = team.begin(.level, number: index + 1)
            defer { span?.end() }
            var side = 0
            let sent = layout.firstChannelSent(level: index)
            if let coarser {
                team.phase(sent, .squeeze) { channel, _ in
                    unsqueeze(coarser, into: level.planes(side: 0), channel: channel, images: point.count)
                }
            }
            team.phase(level.channels - sent, .squeeze) { channel, _ in
                layout.read(latents, channel: sent + channel, level: index, into: level.planes(side: 0), images: point.count)
            }
            let tiles = tiles(of: level)
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
        team.phase(point.imageShape.channels, .squeeze) { channel, _ in
            unsqueeze(finest, into: target, channel: channel, images: point.count)
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

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
            let steps = glow.levels[index]
            let tiles = tiles(of: level)
            team.phase(tiles.count, .combine) { tile, _ in mix(steps[0], level, tiles[tile], from: 0) }
            side = 1
            for k in steps.indices {
                let pass = couplingPass(steps[k], k, level, tiles)
                pass.runNetwork(level.state(side), team: &team)
                let current = side
                let next = k + 1 < steps.count ? steps[k + 1] : nil
                team.phase(tiles.count, .combine) { tile, worker in
                    pass.combine(level.state(current), tiles[tile], worker: worker)
                    if let next { mix(next, level, tiles[tile], from: current) }
                }
                if map == .forward, pass.isAffine {
                    team.phase(point.count, .logDeterminant) { image, _ in
                        point.logDeterminant.base[image] += level.logScaleSum(image: image)
                    }
                }
                if next != nil { side = 1 - side }
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
            let steps = glow.levels[index]
            let tiles = tiles(of: level)
            for k in steps.indices.reversed() {
                let pass = couplingPass(steps[k], k, level, tiles)
                pass.runNetwork(level.state(side), team: &team)
                let current = side
                team.phase(tiles.count, .combine) { tile, worker in
                    pass.combine(level.state(current), tiles[tile], worker: worker)
                    mix(steps[k], level, tiles[tile], from: current)
                }
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

    private func couplingPass(_ step: FlowStep, _ index: Int, _ level: LevelMemory, _ tiles: PixelTiles) -> CouplingPass {
        CouplingPass(
            kernels: glow.kernels, map: map, step: step, index: index, level: level, panels: point.panels, tiles: tiles,
            threads: point.parallelism.threads, isAffine: glow.architecture.coupling == .affine,
            logDeterminantWeight: logDeterminantWeight)
    }

    /// The pointwise part of a step, from one side of the state to the other.
    private func mix(_ step: FlowStep, _ level: LevelMemory, _ vectors: Range<Int>, from side: Int) {
        let (matrix, transposed, start) = step.mixing(of: map)
        let stride = level.grid.stride
        let pixel = vectors.lowerBound * level.grid.lanes
        let product = PointwiseProduct(
            matrix, transposed: transposed, start: start, input: level.state(side) + pixel, inputStride: stride,
            output: level.state(1 - side) + pixel, outputStride: stride)
        glow.kernels.product(product, 0 ..< matrix.rowTiles, vectors.count)
    }
}

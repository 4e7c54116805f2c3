import Reglow

/// What the paper's own table says of a problem: PSNR in dB and SSIM, of the better of its two methods, with that method.
struct PaperFigures {
    let psnr: Double
    let ssim: Double
    let method: Formulation

    /// Nil for a problem that the paper does not have.
    init?(_ name: PaperProblem.Name?) {
        switch name {
        case .deblur: (psnr, ssim, method) = (32.13, 0.94, .analysis)
        case .superresolve2: (psnr, ssim, method) = (31.20, 0.93, .analysis)
        case .superresolve4: (psnr, ssim, method) = (24.19, 0.75, .analysis)
        case .inpaintRandom: (psnr, ssim, method) = (27.64, 0.88, .analysis)
        case .inpaintHole: (psnr, ssim, method) = (31.49, 0.95, .synthesis)
        case .deblurWindow, .denoise, nil: return nil
        }
    }
}
